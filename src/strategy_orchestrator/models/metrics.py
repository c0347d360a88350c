"""The measures of one equity curve and its trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PerformanceMetrics:
    """Hold the measures of one sleeve or of the whole; conventions in docs/reference/metrics.md.

    Attributes
    ----------
    undefined : mapping
        For each measure that is `Decimal("NaN")`, why.
    extra : mapping
        Measures of plug-ins by name, and those that stand beside the others: `sharpe_ratio_lagged`,
        `sharpe_standard_error`.
    """

    total_return: Decimal
    annualized_return: Decimal
    cagr: Decimal
    volatility: Decimal
    sharpe_ratio: Decimal
    sortino_ratio: Decimal
    calmar_ratio: Decimal
    max_drawdown: Decimal
    max_drawdown_duration_days: int
    win_rate: Decimal
    profit_factor: Decimal
    average_win: Decimal
    average_loss: Decimal
    expectancy: Decimal
    exposure: Decimal
    turnover: Decimal
    total_trades: int
    winning_trades: int
    losing_trades: int
    flat_trades: int
    undefined: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Decimal] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Decimal]:
        """Return all measures by name, counts as decimals, those of `extra` included."""
        skipped = {"undefined", "extra"}
        values = {item.name: Decimal(getattr(self, item.name)) for item in fields(self) if item.name not in skipped}
        return values | dict(self.extra)
