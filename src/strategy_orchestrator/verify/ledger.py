"""The walk over the rows of a run: every fill and every movement of money booked again, one after another.

Each row is held against what must be so by then: its price against the bar, its money against quantity and price, its
trade against what was paid, and what a sleeve uses against what it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set as AbstractSet
from dataclasses import replace
from operator import itemgetter
from typing import Any, Final, NoReturn

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import DecisionKind as Kind, Reason, RunRecord
from strategy_orchestrator.verify.arithmetic import (
    can_have_slipped,
    commission_of,
    half_even,
    references_of,
    slipped,
    value_of,
)
from strategy_orchestrator.verify.findings import Finding, Place, money, row_place
from strategy_orchestrator.verify.prices import Bars, NoBarError
from strategy_orchestrator.verify.rows import FILE, MONEY, Row, Terms, money_rows, weighted
from strategy_orchestrator.verify.sleeves import Holding, Sleeve

TRADES: Final = "trades.parquet"

_OF_EXITS: Final = frozenset(set(Reason) - {Reason.NONE, *map(Reason, range(Reason.CONFLICT, Reason.WEIGHT + 1))})
_LEVELS: Final = (Reason.STOP_LOSS, Reason.TRAILING_STOP, Reason.TAKE_PROFIT)
_TRADE_FIELDS: Final = (
    "strategy",
    "symbol",
    "direction",
    "entry_bar",
    "exit_bar",
    "quantity",
    "entry_price",
    "exit_price",
    "entry_notional",
    "exit_notional",
    "entry_commission",
    "exit_commission",
    "pnl",
    "reason",
    "slippage",
)
_MONEY_OF_TRADES: Final = frozenset(_TRADE_FIELDS[5:13])


class ApartError(Exception):
    """Carry the first thing that does not add up out of the walk."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem)
        self.finding = finding


class Ledger:
    """Book the rows of a record again.

    Parameters
    ----------
    record : RunRecord
        With terms.
    bars : Bars
        Its prices.

    Attributes
    ----------
    sleeves : list of Sleeve
        As far as rows were booked.
    reserve : int
        Quanta.
    """

    def __init__(self, record: RunRecord, config: OrchestratorConfig, bars: Bars) -> None:
        self.sleeves = [Sleeve(cash, cash, cash) for cash in record.initial_allocations.tolist()]
        self.reserve = record.initial_capital - sum(record.initial_allocations.tolist())
        self._record = record
        self._config = config
        self._bars = bars
        self._terms = Terms.of(record)
        self._trades = iter(enumerate(record.trades.tolist()))
        names = record.trades.dtype.names or ()
        self._of_trade = itemgetter(*(names.index(name) for name in _TRADE_FIELDS))
        self._row = -1
        self._before: Row | None = None
        self._wants_sweep: int | None = None
        self._moved = 0
        self._weighted = weighted(record)
        self._bookings: Mapping[int, Any] = {
            Kind.ENTRY: self._enter,
            Kind.EXIT: self._leave,
            Kind.CUT: self._cut,
            Kind.BLOCKED: self._blocked,
            Kind.SWEEP: self._sweep,
            Kind.RUIN: self._end,
            Kind.QUARANTINE: self._end,
            Kind.REBALANCE: self._rebalance,
            Kind.TRANSFER: self._transfer,
        }

    def walk(self) -> Iterator[Finding]:
        """Book all rows and yield the first thing that does not add up."""
        try:
            for place, row in money_rows(self._record):
                self._book(place, row)
            self._finish()
        except ApartError as apart:
            yield apart.finding

    def _book(self, place: int, row: Row) -> None:
        self._row = place
        if self._moved and row.kind != Kind.TRANSFER:
            self._refuse(self._before, f"the transfers of this rebalance sum to {money(self._moved)}; 0 is expected")
        if self._wants_sweep is not None and row.kind != Kind.SWEEP:
            self._refuse(row, f"a gain of {money(self._wants_sweep)} was to be swept before this row")
        try:
            self._bookings[row.kind](row)
        except NoBarError:
            self._refuse(row, "the symbol has no bar at which this could fill")
        self._before = row

    def _finish(self) -> None:
        row = self._before
        if self._moved:
            self._refuse(row, f"the transfers of this rebalance sum to {money(self._moved)}; 0 is expected")
        if self._wants_sweep is not None:
            self._refuse(row, f"a gain of {money(self._wants_sweep)} was to be swept after this row")
        rest = next(self._trades, None)
        if rest is not None:
            raise ApartError(Place(TRADES, rest[0]).is_wrong(f"no exit in {FILE} belongs to this trade"))
        left = [(strategy, symbol) for strategy, sleeve in enumerate(self.sleeves) for symbol in sleeve.holdings]
        for strategy, symbol in left[:1] if self._config.close_at_end else ():
            place = row_place(self._record, FILE, -1, strategy, symbol, self._record.n_bars - 1)
            problem = "the position is still open after the last row; close_at_end closes it"
            raise ApartError(replace(place, row=None).is_wrong(problem))

    # The rows, kind by kind.

    def _enter(self, row: Row) -> None:
        sleeve = self._sleeve(row)
        reference = self._bars.reference(row.bar, row.symbol)
        self._check_reason(row, {Reason.STRATEGY_SIGNAL})
        holding = sleeve.holdings.get(row.symbol)
        if holding is None:
            self._check_direction(row)
            holding = Holding(row.direction, row.bar)
        self._same(row, "direction", holding.side, "the side that is held")
        self._check_fill(row, slipped(reference, row.direction, self._slippage(row)), "open or close with slippage")
        cost = row.amount + row.commission
        if cost > sleeve.available:
            self._refuse(row, f"the entry takes {money(cost)}; the sleeve has {money(sleeve.available)} available")
        whole = holding.quantity + row.quantity
        holding.average = half_even(holding.average * holding.quantity + row.price * row.quantity, whole)
        holding.quantity = whole
        holding.notional += row.amount
        holding.commission += row.commission
        holding.slippage += abs(row.amount - value_of(row.quantity, reference))
        sleeve.holdings[row.symbol] = holding
        sleeve.used += cost
        self._pay(row, sleeve)

    def _leave(self, row: Row) -> None:
        sleeve = self._sleeve(row)
        holding = sleeve.holdings.get(row.symbol)
        if holding is None:
            self._refuse(row, "nothing is held that could be left")
        self._same(row, "direction", -holding.side, "against the side that is held")
        if not 0 < row.quantity <= holding.quantity:
            self._refuse(row, f"{money(row.quantity)} was left of {money(holding.quantity)} held", "quantity")
        references = self._exit_references(row)
        self._check_fill(row, None, "")
        freed, commission, slippage = (
            part * row.quantity // holding.quantity
            for part in (holding.notional + holding.commission, holding.commission, holding.slippage)
        )
        notional = freed - commission
        pnl = holding.side * (row.amount - notional) - commission - row.commission
        self._check_trade(row, holding, (notional, commission, pnl), (slippage, references))
        holding.quantity -= row.quantity
        holding.notional -= notional
        holding.commission -= commission
        holding.slippage -= slippage
        if holding.quantity == 0:
            del sleeve.holdings[row.symbol]
        sleeve.used -= freed
        sleeve.allocated += pnl
        self._pay(row, sleeve)
        gain = sleeve.allocated - sleeve.contributed
        if self._config.profit_policy == "sweep" and gain > 0:
            self._wants_sweep = gain

    def _pay(self, row: Row, sleeve: Sleeve) -> None:
        # It stays above 0 where what is available does, for it is that and twice what shorts brought.
        sleeve.cash -= row.direction * row.amount + row.commission

    def _exit_references(self, row: Row) -> range:
        bars, steps = self._bars, self._slippage(row)
        if row.reason == Reason.END_OF_DATA:
            if row.bar != self._record.n_bars - 1:
                self._refuse(row, "the data ends at another bar", "reason")
            reference = bars.last_close(row.bar, row.symbol)
        elif row.reason in _LEVELS:
            low, high = bars.extremes(row.bar, row.symbol)
            steps = 0 if row.reason == Reason.TAKE_PROFIT else steps
            found = references_of(row.price, row.direction, steps, low, high)
            if not found:
                told = f"between {money(low)} and {money(high)}, slippage aside"
                raise ApartError(self._place(row).differs("price", money(row.price), told))
            return found
        else:
            self._check_reason(row, _OF_EXITS)
            reference = bars.reference(row.bar, row.symbol)
        expected = slipped(reference, row.direction, steps)
        self._same(row, "price", expected, "the price of the bar with slippage")
        return range(reference, reference + 1)

    def _cut(self, row: Row) -> None:
        before = self._before
        if before is None or before.kind != Kind.ENTRY:
            self._refuse(row, "no entry stands before it that was cut")
        self._check_reason(row, {Reason.CAPITAL})
        for name in ("bar", "strategy", "symbol", "direction", "quantity", "price"):
            self._same(row, name, getattr(before, name), "as in the entry before it")
        self._same(row, "commission", 0)
        sleeve = self._sleeve(row)
        self._check_budget(row, sleeve.available + before.amount + before.commission)

    def _blocked(self, row: Row) -> None:
        sleeve = self._sleeve(row)
        self._check_reason(row, {Reason.CAPITAL, Reason.NO_CASH, Reason.BELOW_LOT})
        self._check_direction(row)
        reference = self._bars.reference(row.bar, row.symbol)
        self._same(row, "price", slipped(reference, row.direction, self._slippage(row)), "open or close with slippage")
        self._same(row, "commission", 0)
        self._check_budget(row, sleeve.available)

    def _check_budget(self, row: Row, available: int) -> None:
        budget = max(available, 0)
        if self._config.sizer is not None:
            if not 0 <= row.amount <= budget:
                self._refuse(row, f"the budget is {money(row.amount)}; {money(budget)} is available", "amount")
            return
        if row.strategy not in self._weighted:
            slot = max(self.sleeves[row.strategy].allocated, 0) // self._record.panel.n_symbols
            budget = min(budget, slot)
        self._same(row, "amount", budget, "the slot, or what is available")

    def _sweep(self, row: Row) -> None:
        sleeve = self._sleeve(row)
        expected, before = self._wants_sweep, self._before
        if expected is None or before is None:
            self._refuse(row, "no exit before it left a gain to sweep")
        self._same(row, "amount", expected, "what is allocated above what was contributed")
        self._same(row, "strategy", before.strategy, "as in the exit before it")
        self._same(row, "bar", before.bar, "as in the exit before it")
        self._rest_is_zero(row, "amount")
        sleeve.allocated -= expected
        sleeve.cash -= expected
        self.reserve += expected
        self._wants_sweep = None

    def _end(self, row: Row) -> None:
        sleeve = self._sleeve(row)
        self._same(row, "amount", self._equity(row.bar, sleeve), "cash and positions at the closes")
        self._rest_is_zero(row, "amount")
        sleeve.is_active = False

    def _rebalance(self, row: Row) -> None:
        active = [sleeve for sleeve in self.sleeves if sleeve.is_active]
        total = self.reserve + sum(self._equity(row.bar, sleeve) for sleeve in active)
        self._same(row, "amount", total, "the sleeves that trade, and the reserve")
        self._rest_is_zero(row, "amount")

    def _transfer(self, row: Row) -> None:
        self._moved += row.amount
        self._rest_is_zero(row, "amount")
        if row.strategy < 0:
            self.reserve += row.amount
            if self.reserve < 0:
                self._refuse(row, f"the reserve would be {money(self.reserve)}, below 0", "amount")
            return
        sleeve = self._sleeve(row)
        if row.amount < 0 and -row.amount > max(sleeve.available, 0):
            self._refuse(row, f"{money(-row.amount)} was given of {money(sleeve.available)} available", "amount")
        sleeve.cash += row.amount
        sleeve.allocated += row.amount
        sleeve.contributed += row.amount

    # What several of them need.

    def _sleeve(self, row: Row) -> Sleeve:
        if not 0 <= row.strategy < len(self.sleeves):
            self._refuse(row, "the row names no strategy", "strategy_id")
        return self.sleeves[row.strategy]

    def _slippage(self, row: Row) -> int:
        return self._terms.slippage_at(row.bar, row.symbol)

    def _equity(self, bar: int, sleeve: Sleeve) -> int:
        held = sleeve.holdings.items()
        return sleeve.cash + sum(
            item.side * value_of(item.quantity, self._bars.last_close(bar, symbol)) for symbol, item in held
        )

    def _check_fill(self, row: Row, price: int | None, because: str) -> None:
        if price is not None:
            self._same(row, "price", price, because)
        lot = self._terms.lots[row.symbol]
        if row.quantity <= 0 or row.quantity % lot:
            self._refuse(row, f"{money(row.quantity)} is no number of lots of {money(lot)}", "quantity")
        self._same(row, "amount", value_of(row.quantity, row.price), "quantity × price")
        commission = commission_of(row.quantity, row.amount, self._terms.commissions[row.symbol])
        self._same(row, "commission", commission, "by costs.parquet")

    def _check_trade(self, row: Row, holding: Holding, booked: tuple[int, int, int], lost: tuple[int, range]) -> None:
        notional, commission, pnl = booked
        number, trade = next(self._trades, (-1, ()))
        if number < 0:
            self._refuse(row, f"{TRADES} has no trade for this exit")
        expected = (
            row.strategy, row.symbol, holding.side, holding.entry_bar, row.bar, row.quantity, holding.average,
            row.price, notional, row.amount, commission, row.commission, pnl, row.reason,
        )  # fmt: skip
        found = self._of_trade(trade)
        slippage, references = lost
        has_slipped = can_have_slipped(found[-1] - slippage, row.quantity, row.amount, references)
        if found[:-1] == expected and has_slipped:
            return
        place = row_place(self._record, TRADES, number, row.strategy, row.symbol, row.bar)
        for name, seen, value in zip(_TRADE_FIELDS, found, expected, strict=False):
            if seen != value:
                write = money if name in _MONEY_OF_TRADES else str
                because = f"by row {self._row} of {FILE}"
                raise ApartError(place.differs(_column(name), write(seen), write(value), because))
        lost_units = slippage + abs(row.amount - value_of(row.quantity, references[0]))
        raise ApartError(place.differs("slippage", money(found[-1]), money(lost_units), "of both sides"))

    def _check_reason(self, row: Row, allowed: AbstractSet[Reason]) -> None:
        if row.reason not in allowed:
            names = " or ".join(sorted(Reason(each).name.lower() for each in allowed))
            raise ApartError(self._place(row).differs("reason", Reason(row.reason).name.lower(), names))

    def _rest_is_zero(self, row: Row, *but: str) -> None:
        for name in ("direction", *MONEY):
            if name not in but:
                self._same(row, name, 0)

    def _same(self, row: Row, name: str, expected: int, because: str = "") -> None:
        seen = getattr(row, name)
        if seen != expected:
            write = money if name in MONEY else str
            raise ApartError(self._place(row).differs(_column(name), write(seen), write(expected), because))

    def _check_direction(self, row: Row) -> None:
        if row.direction not in {1, -1}:
            raise ApartError(self._place(row).differs("direction", row.direction, "1 or -1"))

    def _refuse(self, row: Row | None, problem: str, name: str | None = None) -> NoReturn:
        place = Place(FILE) if row is None else self._place(row)
        raise ApartError(
            place.is_wrong(problem, name, None if row is None or name is None else getattr(row, name, None))
        )

    def _place(self, row: Row) -> Place:
        return row_place(self._record, FILE, self._row, row.strategy, row.symbol, row.bar)


def _column(name: str) -> str:
    return {"strategy": "strategy_id", "entry_notional": "entry_value", "exit_notional": "exit_value"}.get(name, name)
