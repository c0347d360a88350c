"""What the reference simulator reads and what it gives back.

Money, prices and quantities are plain integers, counts of 10⁻⁶; everything else that is not whole is a `Fraction`.
Grids are lists of T rows of S values. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

Prices = Sequence[Sequence[int | None]]
Marks = Sequence[Sequence[bool]]
Resolver = Callable[[int, int, list[tuple[int, int]]], set[int]]
"""(bar, symbol, [(strategy, direction), ...]) -> the strategies whose signals survive."""
Proposal = Callable[[int, list[int], int], list[Fraction]]
"""(bar, equity of all N sleeves, reserve) -> N weights; those of sleeves that take no part are not read."""

SCALE = 1_000_000


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """One strategy: what it wishes at every bar, and the rules its positions carry."""

    weight: Fraction
    form: str = "signals"
    entries: Marks | None = None
    exits: Marks | None = None
    short_entries: Marks | None = None
    short_exits: Marks | None = None
    weights: Sequence[Sequence[Fraction | None]] | None = None
    warmup_bars: int = 0
    stop_loss: Fraction | None = None
    take_profit: Fraction | None = None
    trailing_stop: Fraction | None = None
    max_holding_bars: int | None = None
    quarantine_at: int | None = None


@dataclass(frozen=True, slots=True)
class Rebalance:
    """A rebalancer from outside: when it acts, and the weights it proposes then."""

    propose: Proposal
    scheduled: Sequence[bool] | None = None
    threshold: Fraction | None = None


@dataclass(frozen=True, slots=True)
class World:
    """All that determines one run.

    Commissions are one value, or one a symbol; slippage is one value, or one a bar and symbol. `rebalance` as a plain
    fraction is the threshold rebalancer. `sizer` holds the share of the allocated capital that an entry may use.
    """

    open: Prices
    high: Prices
    low: Prices
    close: Prices
    strategies: Sequence[StrategySpec]
    capital: int
    fill_at: str = "next_open"
    commission_per_trade: int | Sequence[int] = 0
    commission_per_share: Fraction | Sequence[Fraction] = Fraction(0)
    commission_pct: Fraction | Sequence[Fraction] = Fraction(0)
    slippage_pct: Fraction | Sequence[Sequence[Fraction]] = Fraction(0)
    lots: Sequence[int] = ()
    profit_policy: str = "compound"
    close_at_end: bool = True
    resolution: str | Resolver = "FIRST_WINS"
    rebalance: Fraction | Rebalance | None = None
    sizer: Sequence[Sequence[Fraction]] | None = None

    @property
    def n_bars(self) -> int:
        """T."""
        return len(self.close)

    @property
    def n_symbols(self) -> int:
        """S."""
        return len(self.close[0])


class Decision(NamedTuple):
    """One row of the record; -1 stands for no strategy, the reserve, or no symbol."""

    bar: int
    kind: str
    reason: str
    strategy: int
    symbol: int
    direction: int = 0
    quantity: int = 0
    price: int = 0
    amount: int = 0
    commission: int = 0


class TradeRow(NamedTuple):
    """One piece of a round trip; `direction` is the side of the position."""

    strategy: int
    symbol: int
    direction: int
    entry_bar: int
    entry_price: int
    entry_notional: int
    entry_commission: int
    exit_bar: int
    exit_price: int
    quantity: int
    exit_notional: int
    exit_commission: int
    pnl: int
    reason: str
    entry_slippage: int
    exit_slippage: int


class PositionRow(NamedTuple):
    """A position left open at the end; `quantity` is signed."""

    strategy: int
    symbol: int
    quantity: int
    average_price: int
    used: int
    entry_notional: int
    entry_commission: int
    entry_slippage: int
    entry_bar: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that one run booked and decided.

    `equity` and `gross` are T x N, `gross` counting shorts positive. `largest` is the largest count that any ledger,
    position or notional reached: a run in 64-bit integers cannot be expected to agree beyond 2**63 - 1.
    """

    equity: list[list[int]]
    gross: list[list[int]]
    reserve: list[int]
    cash: list[int]
    used: list[int]
    allocated: list[int]
    contributed: list[int]
    positions: list[PositionRow]
    trades: list[TradeRow]
    decisions: list[Decision]
    conflicts_detected: int
    capital_limit_blocks: int
    largest: int
