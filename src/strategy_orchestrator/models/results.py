"""What a run gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from strategy_orchestrator.arrays import IntArray
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.metrics import PerformanceMetrics
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.models.trades import Trade
from strategy_orchestrator.money import to_decimal

if TYPE_CHECKING:
    import polars as pl

Item = TypeVar("Item")
Value = TypeVar("Value")


class Decoded(Sequence[Item], Generic[Item]):
    """A read-only sequence whose items are made when they are looked at.

    Parameters
    ----------
    length : int
        Number of items.
    decode : callable
        Makes item i, 0 ≤ i < length.
    """

    __slots__ = ("_decode", "_length")

    def __init__(self, length: int, decode: Callable[[int], Item]) -> None:
        self._length = length
        self._decode = decode

    def __len__(self) -> int:
        """Return the number of items."""
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        """Return an item, or a list for a slice."""
        if isinstance(index, slice):
            return [self._decode(place) for place in range(*index.indices(self._length))]
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError(f"there are {self._length} items; {index} is none of them")
        return self._decode(place)

    def __iter__(self) -> Iterator[Item]:
        """Make the items one after another."""
        return map(self._decode, range(self._length))

    def __eq__(self, other: object) -> bool:
        """Compare as a list does."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the number of items and the first of them."""
        shown = ", ".join(repr(item) for item in self[:2])
        return f"<{self._length} items: {shown}{', ...' if self._length > len(self[:2]) else ''}>"


class Deferred(Generic[Value]):
    """A value that is computed when it is first read."""

    __slots__ = ("_compute", "_kept")

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute = compute
        self._kept: list[Value] = []

    @property
    def value(self) -> Value:
        """The value."""
        if not self._kept:
            self._kept.append(self._compute())
        return self._kept[0]


@dataclass(frozen=True, slots=True)
class CorrelatedPair:
    """Correlation of the daily returns of two strategies.

    Attributes
    ----------
    value : Decimal
        Pearson's, in [-1, 1]; NaN when one of them never moves.
    n_days : int
        Common days.
    is_weak : bool
        Whether there are fewer than 30 of them.
    """

    first: str
    second: str
    value: Decimal
    n_days: int
    is_weak: bool


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pairwise correlation of the strategies' daily returns.

    Attributes
    ----------
    pairs : sequence of CorrelatedPair
        Every pair, in the order of the strategies; made when looked at.
    """

    pairs: Sequence[CorrelatedPair]

    @property
    def diversifying(self) -> tuple[CorrelatedPair, ...]:
        """Pairs below 0.3; one that is not defined is in neither class."""
        return tuple(pair for pair in self.pairs if not pair.value.is_nan() and pair.value < Decimal("0.3"))

    @property
    def redundant(self) -> tuple[CorrelatedPair, ...]:
        """Pairs above 0.8."""
        return tuple(pair for pair in self.pairs if not pair.value.is_nan() and pair.value > Decimal("0.8"))

    def between(self, first: str, second: str) -> Decimal:
        """Return the correlation of two strategies by id.

        Raises
        ------
        KeyError
            If there is no such pair.
        """
        for pair in self.pairs:
            if {pair.first, pair.second} == {first, second}:
                return pair.value
        raise KeyError((first, second))


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Market value held by the whole at each bar, and what netting would have saved.

    Attributes
    ----------
    gross, net, crossed : ndarray
        int64, shape (T,), quanta: Σ |position|; Σ position after netting sleeves in each symbol, absolute values
        summed over symbols; and the part of gross that sleeves hold against one another, gross - net.
    netting_saving : Decimal
        Commission and slippage of fills that another sleeve's opposite fill of the same symbol and bar would have met.
    """

    gross: IntArray
    net: IntArray
    crossed: IntArray
    netting_saving: Decimal


@dataclass(frozen=True, slots=True)
class RebalancingCost:
    """What moving money between the sleeves took.

    Attributes
    ----------
    n_rebalances : int
        Rebalances decided.
    transferred : Decimal
        Money moved between sleeves, one way.
    sold : Decimal
        Value of the positions sold for it.
    commission, slippage : Decimal
        Costs of those sales.
    turnover : Decimal
        `sold` over mean equity, per year.
    """

    n_rebalances: int
    transferred: Decimal
    sold: Decimal
    commission: Decimal
    slippage: Decimal
    turnover: Decimal


@dataclass(frozen=True, slots=True)
class Activity:
    """What became of the signals of one strategy.

    Attributes
    ----------
    explanation : str
        Why it traded nothing, in one sentence; empty when it traded.
    """

    strategy_id: str
    n_signals: int
    n_entries: int
    n_cut: int
    n_blocked: int
    n_dropped_by_conflict: int
    n_expired: int
    n_contradictions: int
    explanation: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BacktestResult:
    """What one strategy did with its sleeve.

    Attributes
    ----------
    trades : sequence of Trade
        In the order of their exits; made when looked at.
    equity_curve : sequence of (datetime, Decimal)
        Equity of the sleeve at each bar.
    metrics : PerformanceMetrics
        Of all trades.
    metrics_without_end_of_data : PerformanceMetrics
        The same with the measures of trades taken over those that the strategy itself closed.
    data_warnings : tuple of str
        What the readers found odd about the prices.
    timing : mapping
        Seconds by stage.
    is_ruined, is_quarantined : bool
        Whether the sleeve was closed for its losses or for an error of the strategy.
    """

    strategy_id: str
    initial_capital: Decimal
    final_equity: Decimal
    trades: Sequence[Trade]
    equity_curve: Sequence[tuple[datetime, Decimal]]
    metrics: PerformanceMetrics
    metrics_without_end_of_data: PerformanceMetrics
    activity: Activity
    data_warnings: tuple[str, ...] = ()
    timing: Mapping[str, Decimal] = field(default_factory=dict)
    is_ruined: bool = False
    is_quarantined: bool = False

    def __repr__(self) -> str:
        """Show what came of the capital, for all of it would fill the screen."""
        money = f"{self.initial_capital:,.2f} to {self.final_equity:,.2f}"
        return f"<BacktestResult of {self.strategy_id}: {money}, {_count(len(self.trades), 'trade', 'trades')}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OrchestratorResult:
    """What all strategies did together.

    Attributes
    ----------
    strategy_results : mapping
        By strategy id, in the order of the list.
    comparison_table : mapping
        Measures by strategy id.
    conflicts_detected, capital_limit_blocks : int
        Conflicts, and entries that got nothing.
    record : RunRecord
        The arrays behind all of it.
    profit_by_symbol : mapping
        Realized profit by strategy id, then symbol, of those traded.
    """

    config: OrchestratorConfig
    strategy_results: Mapping[str, BacktestResult]
    aggregate_metrics: PerformanceMetrics
    aggregate_equity_curve: Sequence[tuple[datetime, Decimal]]
    comparison_table: Mapping[str, Mapping[str, Decimal]]
    conflicts_detected: int
    capital_limit_blocks: int
    execution_time_seconds: Decimal
    completed_at: datetime
    record: RunRecord
    correlation: Correlation
    rebalancing: RebalancingCost
    profit_by_symbol: Mapping[str, Mapping[str, Decimal]]
    periods_per_year: Decimal
    periods_source: str
    data_warnings: tuple[str, ...]
    timing: Mapping[str, Decimal]
    plugins: tuple[Mapping[str, str], ...]
    deferred_exposure: Deferred[Exposure]
    deferred_fingerprint: Deferred[str]

    def __repr__(self) -> str:
        """Show what came of the capital, for all of it would fill the screen."""
        record = self.record
        n_strategies, n_symbols = len(record.strategy_ids), record.panel.n_symbols
        size = f"{_count(n_strategies, 'strategy', 'strategies')}, {_count(n_symbols, 'symbol', 'symbols')}"
        money = f"{to_decimal(record.initial_capital):,.2f} to {to_decimal(record.aggregate[record.n_bars - 1]):,.2f}"
        counts = f"{_count(record.n_bars, 'bar', 'bars')}, {money}, {_count(len(record.trades), 'trade', 'trades')}"
        return f"<OrchestratorResult: {size}, {counts}>"

    @property
    def exposure(self) -> Exposure:
        """Gross, net and crossed exposure; computed when first read."""
        return self.deferred_exposure.value

    @property
    def fingerprint(self) -> str:
        """SHA-256 of equity, reserve, trades and decisions: the same for the same input everywhere."""
        return self.deferred_fingerprint.value

    @property
    def decisions(self) -> pl.DataFrame:
        """Everything decided, one row each, as a polars frame; see docs/reference/decisions.md."""
        return self.frames()["decisions"]

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return polars frames by name: equity, trades, decisions."""
        # polars is loaded only by those who ask for frames.
        from strategy_orchestrator.models.tables import frames_of  # noqa: PLC0415

        return frames_of(self.record)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: options, measures, counts, fingerprint; undefined measures as None."""
        # It reads results, so it stands above them.
        from strategy_orchestrator.models.summary import summary_of  # noqa: PLC0415

        return summary_of(self)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
