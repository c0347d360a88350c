"""What a sweep gives: one row a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from strategy_orchestrator.analysis import DailySharpe, daily_sharpe
from strategy_orchestrator.errors import Fault, OrchestratorError, kind_of
from strategy_orchestrator.models.results import OrchestratorResult
from strategy_orchestrator.money import plain


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run that is to be made.

    Attributes
    ----------
    run : int
        Its number, from 1, in the order of the combinations.
    params : mapping
        What varies, by name.
    """

    run: int
    params: Mapping[str, object]

    def described(self) -> dict[str, Any]:
        """Return what varies in types that JSON has."""
        return {name: in_json(value) for name, value in self.params.items()}

    def failed(self, error: OrchestratorError) -> SweepRow:
        """Return the row of this run when it failed."""
        # A value may be anything, and has to find its way between processes.
        faults = tuple(replace(fault, value=_scalar(fault.value)) for fault in error.faults)
        about = {"kind": kind_of(error), "exit_status": error.exit_status, "message": str(error)}
        return SweepRow(self.run, self.params, error=about, faults=faults)

    def done(self, result: OrchestratorResult) -> SweepRow:
        """Return the row of this run when it came to its end."""
        sharpe = daily_sharpe(result.record, result.config, result.periods_per_year)
        return SweepRow(
            self.run,
            self.params,
            fingerprint=result.fingerprint,
            final_equity=result.aggregate_equity_curve[-1][1],
            measures=result.aggregate_metrics.to_dict(),
            undefined=dict(result.aggregate_metrics.undefined),
            daily_sharpe=sharpe,
            plugins=tuple(dict(plugin) for plugin in result.plugins),
        )


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What came of one run.

    Attributes
    ----------
    run : int
        Its number, from 1, in the order of the combinations.
    params : mapping
        What varies, by name.
    fingerprint : str
        Of the run; empty when it failed.
    final_equity : Decimal or None
        Of the whole; None when it failed.
    measures : mapping of Decimal
        Measures of the whole by name, those of plug-ins included; empty when it failed.
    undefined : mapping
        For each measure that is `Decimal("NaN")`, why.
    daily_sharpe : DailySharpe or None
        Of the whole; None where it is not defined.
    plugins : tuple of mapping
        What took part.
    error : mapping or None
        What went wrong: kind, exit_status, message.
    faults : tuple of Fault
        The same, one for each thing wrong.
    """

    run: int
    params: Mapping[str, object]
    fingerprint: str = ""
    final_equity: Decimal | None = None
    measures: Mapping[str, Decimal] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    daily_sharpe: DailySharpe | None = None
    plugins: tuple[Mapping[str, str], ...] = ()
    error: Mapping[str, object] | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether the run failed."""
        return self.error is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the row in types that JSON has; decimals are text, what is undefined None."""
        return {
            "run": self.run,
            "params": PlannedRun(self.run, self.params).described(),
            "fingerprint": self.fingerprint or None,
            "final_equity": in_json(self.final_equity),
            "measures": {name: in_json(value) for name, value in self.measures.items()},
            "undefined": dict(self.undefined),
            "daily_sharpe": None if self.daily_sharpe is None else asdict(self.daily_sharpe),
            "error": None if self.error is None else dict(self.error),
        }


def in_json(value: object) -> Any:
    """Return a value of a grid or a measure in types that JSON has."""
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    if isinstance(value, Mapping):
        return {str(key): in_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(item) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else repr(value)


def _scalar(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
