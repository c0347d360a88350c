"""What resolvers, rebalancers, sizers, cost models, data sources, metrics, report sections and executors must do.

Subclassing is optional; the methods count. Everything they receive is read-only and what they return is checked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from strategy_orchestrator.arrays import AnyArray, BoolArray, FloatArray
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.states import OrchestratorState
from strategy_orchestrator.models.streams import Prices

if TYPE_CHECKING:
    # Results name the config, and the config names the contracts above.
    from strategy_orchestrator.models.results import OrchestratorResult

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class ConflictResolver(ABC):
    """Decide which of opposite signals on one symbol become orders."""

    @abstractmethod
    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the surviving subset of the signals, in any order; empty drops all.

        Parameters
        ----------
        signals : sequence of Signal
            All signals on the symbol at this bar, in the order of the strategies.
        state : OrchestratorState
            The portfolio at the close of this bar.
        """


class Rebalancer(ABC):
    """Decide when the sleeves are brought back to weights, and to which.

    Attributes
    ----------
    drift_tolerance : Decimal or None
        Propose when a sleeve's share of the whole is further than this from its configured weight.
    lookback_bars : int or None
        Bars before the current one that the schedule depends on, as strategies say it; None when it does not say so.
    """

    drift_tolerance: Decimal | None = None
    lookback_bars: int | None = None

    def schedule(self, panel: Panel) -> BoolArray | None:
        """Return bool, shape (T,): the bars at whose close to propose; None for none."""
        del panel
        return None

    @abstractmethod
    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return a weight greater than 0 for every strategy in `state.weights`, with a sum of at most 1."""


class Sizer(ABC):
    """Decide what share of a sleeve one entry may use.

    Attributes
    ----------
    lookback_bars : int or None
        Bars before the current one that a share depends on, as strategies say it; None when it does not say so.
    """

    lookback_bars: int | None = None

    @abstractmethod
    def fractions(self, panel: Panel) -> Any:
        """Return float64, shape (T, S), in [0, 1]: share of the sleeve's allocated capital offered at a fill.

        Row t may use bars before t only, for it sizes what fills at bar t.
        """


@dataclass(frozen=True, slots=True)
class Costs:
    """What fills cost; a number holds for all symbols, an array for each.

    Attributes
    ----------
    commission_per_trade, commission_per_share : Decimal or sequence of Decimal
        Money a fill and money a unit of quantity, at most 6 decimals; one or S of them.
    commission_pct : Decimal or sequence of Decimal
        Fraction of the notional; one or S of them.
    slippage_pct : Decimal or ndarray
        Fraction of the price, against the trader; one, or float64 of shape (T, S) or (S,), at least 0 and below 1.
    """

    commission_per_trade: Decimal | Sequence[Decimal] = Decimal(0)
    commission_per_share: Decimal | Sequence[Decimal] = Decimal(0)
    commission_pct: Decimal | Sequence[Decimal] = Decimal(0)
    slippage_pct: Any = Decimal(0)


class CostModel(ABC):
    """Decide what fills cost.

    Attributes
    ----------
    lookback_bars : int or None
        Bars before the current one that costs depend on, as strategies say it; None when it does not say so.
    """

    lookback_bars: int | None = None

    @abstractmethod
    def costs(self, panel: Panel) -> Costs:
        """Return the costs; slippage at row t may use bars before t only."""


class DataSource(ABC):
    """Bring prices."""

    @abstractmethod
    def load(self) -> Prices:
        """Return the panel, or a `PanelStream` of prices that are read in chunks."""


class Metric(Protocol):
    """Measure one equity curve and its trades."""

    def __call__(self, equity: FloatArray, trades: AnyArray, /) -> float:
        """Return the measure; NaN when it is not defined.

        Parameters
        ----------
        equity : ndarray
            float64, shape (T,), money: equity at each completed bar.
        trades : ndarray
            Structured as `models.records.TRADE`, in the order of their exits; money in quanta.
        """


class ReportSection(Protocol):
    """Write one section of the report."""

    def __call__(self, result: OrchestratorResult, /) -> str:
        """Return the section as HTML, without its heading."""


class Executor(ABC):
    """Do many independent things, perhaps at once."""

    @abstractmethod
    def map(self, function: Callable[[Item], Outcome], items: Iterable[Item]) -> Iterator[Outcome]:
        """Call the function on every item and yield what it returns, in the order of the items.

        The function and the items can be pickled. What a call raises is raised when its turn comes.
        """
