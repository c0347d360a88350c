"""Strategies that are asked bar by bar: what they read, what they may answer, and what happens when they fail."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator import HistoricalDataBar, Panel, Position, StrategyError
from tests.unit.engine.portfolios import START, Asked, make_bars, make_panel, orchestrate, run, told

RISING = make_panel("10", "11", "12", "13", "14")


class Foreign:
    """A class written for other code: no base, no imports of ours, lists of bars as everybody uses them."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, Decimal, Decimal, list[Decimal], bool]] = []

    def should_enter(self, bars: Any) -> bool:
        """Enter above the mean of the last three closes."""
        mean = sum(bar.close for bar in bars) / len(bars)
        last = [bar.close for bar in bars[-3:]]
        self.seen.append((len(bars), bars[-1].close, mean, last, isinstance(bars, list)))
        return bool(bars[-1].close > mean and bars[0].open <= bars[-1].high)

    def should_exit(self, position: Any, bars: Any) -> bool:
        """Leave after three bars."""
        return len([bar for bar in bars if bar.timestamp > position.entry_date]) >= 2


def test_a_class_written_for_other_code_runs_as_it_is() -> None:
    """Length, last items, slices, iteration and isinstance are those of a list."""
    strategy = Foreign()
    result = run([(strategy, 1)], RISING)
    tens = [Decimal(number) for number in (10, 11, 12)]
    assert strategy.seen[:2] == [(1, tens[0], tens[0], tens[:1], True), (2, tens[1], Decimal("10.5"), tens[:2], True)]
    assert told(result.record) == [
        "2 entry strategy_signal 0 0 1 83 12 996",
        "4 expired none 0 0 -1",
        "4 exit end_of_data 0 0 -1 83 14 1162",
    ]


class Reads:
    """Keep what a function makes of the history; never trade."""

    def __init__(self, read: Callable[[list[HistoricalDataBar]], object], *, warmup: int = 0) -> None:
        self.read = read
        self.kept: list[object] = []
        self.warmup_bars = warmup

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Read."""
        self.kept.append(self.read(bars))
        return False

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Nothing is ever held."""
        raise AssertionError(position, bars)


def test_the_history_is_one_growing_list() -> None:
    """No bar makes a copy, and all strategies read the same."""
    first, second = Reads(id), Reads(id)
    run([first, second], RISING)
    assert len(first.kept) == RISING.n_bars
    assert len({*first.kept, *second.kept}) == 1


def test_bars_are_what_was_handed_in() -> None:
    """Exact decimals, aware times and the flags of the source."""
    low, high, open_ = Decimal("0.5"), Decimal(3), Decimal("1.000001")
    bar = HistoricalDataBar("A", START, open_, high, low, Decimal("2.1"), Decimal("1234.5"), split_adjusted=True)
    reader = Reads(lambda history: (history[-1], history[-1].split_adjusted, history[-1].dividend_adjusted))
    run([reader], {"A": [bar]})
    assert reader.kept == [(bar, True, False)]


def test_slices_belong_to_the_strategy() -> None:
    """A slice is a plain list, to be sorted and changed at will."""

    def change(bars: list[HistoricalDataBar]) -> object:
        own = bars[-2:]
        own.sort(key=lambda bar: -bar.close)
        own.append(own[0])
        return type(own), len(own)

    reader = Reads(change)
    run([reader], RISING)
    assert reader.kept[-1] == (list, 3)


CHANGES: dict[str, Callable[[Any], object]] = {
    "append": lambda bars: bars.append(bars[0]),
    "extend": lambda bars: bars.extend(bars[:1]),
    "insert": lambda bars: bars.insert(0, bars[0]),
    "remove": lambda bars: bars.remove(bars[0]),
    "pop": lambda bars: bars.pop(),
    "clear": lambda bars: bars.clear(),
    "sort": lambda bars: bars.sort(key=id),
    "reverse": lambda bars: bars.reverse(),
    "an item set": lambda bars: bars.__setitem__(0, None),
    "an item deleted": lambda bars: bars.__delitem__(0),
    "a slice set": lambda bars: bars.__setitem__(slice(None), []),
    "added to": lambda bars: bars.__iadd__([None]),
    "multiplied": lambda bars: bars.__imul__(2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_strategy_that_changes_the_history_gets_an_error(change: Callable[[Any], object]) -> None:
    """Whatever a list would let it do, the run fails and says who tried."""
    with pytest.raises(StrategyError, match=r"'Reads_0', 'A', .*should_enter: TypeError: the bar history is read-only"):
        run([Reads(change)], RISING)


def test_bars_cannot_be_changed() -> None:
    """Neither can what is in the list."""

    def change(bars: list[HistoricalDataBar]) -> None:
        bars[-1].close = Decimal(1)  # type: ignore[misc]

    with pytest.raises(StrategyError, match="'Reads_0'"):
        run([Reads(change)], RISING)


def test_only_symbols_with_a_bar_are_asked_about() -> None:
    """A gap is no bar: the history of a symbol has its own bars only."""
    reader = Reads(lambda bars: (bars[-1].symbol, len(bars)))
    run([reader], make_panel("10|-", "-|20", "12|21"))
    assert reader.kept == [("A", 1), ("B", 1), ("A", 2), ("B", 2)]


def test_nobody_is_asked_while_warming_up() -> None:
    """The first question comes after the warm-up, with all bars there."""
    reader = Reads(len, warmup=3)
    run([reader], RISING)
    assert reader.kept == [4, 5]


class Holds:
    """Enter at once, keep the position that it is shown, leave never."""

    def __init__(self) -> None:
        self.positions: list[Position] = []

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Enter."""
        del bars
        return True

    def should_exit(self, position: Position, bars: list[HistoricalDataBar]) -> bool:
        """Stay."""
        assert position.symbol == bars[-1].symbol
        self.positions.append(position)
        return False


def test_a_position_is_shown_as_it_is_held() -> None:
    """Fill price, quantity, cost with commission, and the bar of the fill."""
    strategy = Holds()
    run([strategy], RISING, commission_per_trade="1")
    assert strategy.positions[0] == Position(
        symbol="A",
        strategy_id="Holds_0",
        direction=strategy.positions[0].direction,
        shares=Decimal(90),
        entry_price=Decimal(11),
        entry_date=RISING.timestamps[1],
        cost=Decimal(991),
    )
    assert strategy.positions[0].direction == 1
    assert strategy.positions[0].pnl_at(Decimal(13)) == 180
    assert len(strategy.positions) == 4
    assert len(set(map(id, strategy.positions))) == 1


class Answers:
    """Answer the same to every question."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def should_enter(self, bars: object) -> Any:
        """Answer."""
        del bars
        return self.answer

    def should_exit(self, position: object, bars: object) -> Any:
        """Answer."""
        del position, bars
        return self.answer


@pytest.mark.parametrize("answer", [True, np.True_, np.bool_(1)])
def test_a_boolean_of_numpy_is_one(answer: object) -> None:
    """Comparisons of numpy values are answers."""
    result = run([Answers(answer)], make_panel("10", "10", "10"))
    assert told(result.record)[0] == "1 entry strategy_signal 0 0 1 100 10 1000"


def test_a_no_of_numpy_is_one() -> None:
    """Nothing is entered."""
    assert told(run([Answers(np.False_)], make_panel("10", "10")).record) == []


@pytest.mark.parametrize("answer", [None, 1, 0, "yes", Decimal(1), np.array([True])])
def test_anything_else_is_no_answer(answer: object) -> None:
    """What is not exactly a boolean ends the run; nothing is taken for true."""
    with pytest.raises(StrategyError, match=r"\(bar 0\), should_enter: it returned .*; expected True or False"):
        run([Answers(answer)], RISING)


class Sizes(Asked):
    """Enter with a size of its own."""

    def __init__(self, *texts: str, size: Callable[[Decimal, Decimal], object]) -> None:
        super().__init__(*texts)
        self.size = size
        self.asked: list[tuple[Decimal, Decimal]] = []

    def position_size(self, capital: Decimal, price: Decimal) -> Any:
        """Return the size."""
        self.asked.append((capital, price))
        return self.size(capital, price)


@pytest.mark.parametrize("size", [Decimal("30.9"), 30, 30.5, "30", np.float64(30.25), np.int64(30)])
def test_a_size_may_be_any_number(size: object) -> None:
    """It is cut to whole lots; capital and price are those of the fill."""
    strategy = Sizes("E..", size=lambda _capital, _price: size)
    result = run([strategy], make_panel("10", "11", "12"), commission_per_trade=1)
    assert told(result.record)[0] == "1 entry strategy_signal 0 0 1 30 11 330 1"
    assert strategy.asked == [(Decimal(1000), Decimal(11))]


def test_a_size_larger_than_can_be_paid_is_cut() -> None:
    """A strategy that asks for too much gets what its slot pays for, and the record says so."""
    strategy = Sizes("E.", "E.", size=lambda _capital, _price: Decimal(10**9))
    result = run([strategy], make_panel("10|10", "10|10"))
    assert told(result.record)[:3] == [
        "1 entry strategy_signal 0 0 1 50 10 500",
        "1 cut capital 0 0 1 50 10 500",
        "1 entry strategy_signal 0 1 1 50 10 500",
    ]


def test_a_size_of_nothing_is_blocked() -> None:
    """Zero is an answer; the entry is recorded as one that got nothing."""
    result = run([Sizes("E.", size=lambda _capital, _price: 0)], make_panel("10", "10"))
    assert told(result.record) == ["1 blocked below_lot 0 0 1 0 10 1000"]
    assert result.capital_limit_blocks == 1


WRONG_SIZES: dict[str, tuple[Callable[[Any, Any], object], str]] = {
    "negative": (lambda _capital, _price: -1, "it returned -1; a quantity from 0 up is expected"),
    "not a number": (lambda _capital, _price: "many", "'many' is not a number"),
    "nothing": (lambda _capital, _price: None, "None is not a number"),
    "NaN": (lambda _capital, _price: float("nan"), "nan is not finite"),
    "raising": (lambda capital, price: capital / (price - price), "DivisionByZero"),
}


@pytest.mark.parametrize(("size", "problem"), WRONG_SIZES.values(), ids=WRONG_SIZES)
def test_a_size_that_is_none_ends_the_run(size: Callable[[Any, Any], object], problem: str) -> None:
    """The error names strategy, symbol, bar and question."""
    with pytest.raises(StrategyError) as caught:
        run([Sizes("E..", size=size)], make_panel("10", "10", "10"))
    text = str(caught.value)
    assert text.startswith("strategy 'Sizes_0', 'A', 2024-01-02")
    assert "(bar 1), position_size" in text
    assert problem in text
    assert {fault.value for fault in caught.value.faults} == {"Sizes_0"}


class Fails(Asked):
    """Do something at one bar of one symbol."""

    def __init__(self, *texts: str, symbol: str, bar: int, fail: Callable[[], object]) -> None:
        super().__init__(*texts)
        self.symbol, self.bar, self.fail = symbol, bar, fail
        self.n_asked = 0

    def should_enter(self, bars: list[HistoricalDataBar]) -> bool:
        """Fail at the bar, else do as it says."""
        self.n_asked += 1
        if bars[-1].symbol == self.symbol and len(bars) - 1 == self.bar:
            self.fail()
        return super().should_enter(bars)


def stumble() -> None:
    """Raise what a careless strategy raises."""
    raise ZeroDivisionError("no volume")


def leave() -> None:
    """Ask to end the program."""
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("fail", "problem"),
    [(stumble, "ZeroDivisionError: no volume"), (leave, "it asked to end the program, SystemExit(0)")],
)
def test_a_strategy_that_raises_is_named_with_its_line(fail: Callable[[], object], problem: str) -> None:
    """Strategy, symbol, moment, bar, question, what was raised and where in its own code."""
    line = inspect.getsourcelines(fail)[1] + 2
    with pytest.raises(StrategyError) as caught:
        run([Fails("...", "...", symbol="B", bar=1, fail=fail)], make_panel("10|10", "10|10", "10|10"))
    assert str(caught.value).startswith(
        f"strategy 'Fails_0', 'B', 2024-01-02 (bar 1), should_enter: {problem} ({__file__}, line {line})."
    )
    assert caught.value.faults[0].value == "Fails_0"
    assert caught.value.__cause__ is not None


def test_an_interrupt_of_the_user_is_no_fault_of_the_strategy() -> None:
    """Control-C passes through as it is, and the run has failed."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    portfolio = orchestrate([Fails("..", symbol="A", bar=1, fail=interrupt)])
    with pytest.raises(KeyboardInterrupt):
        portfolio.run(make_panel("10", "10"), 1000)
    assert portfolio.state == "FAILED"


def two_symbols() -> Panel:
    """Return flat prices of two symbols over five bars."""
    return make_panel(*["10|10"] * 5)


def test_what_a_failing_strategy_said_before_does_not_count() -> None:
    """Its entry of the same bar, on the symbol before, is no signal; its position is closed, the rest goes on."""
    failing = Fails(".E...", "E....", symbol="A", bar=1, fail=stumble)
    failing_later = Fails("EE...", ".E...", symbol="B", bar=1, fail=stumble)
    result = run([failing, failing_later], two_symbols(), on_strategy_error="quarantine")
    assert told(result.record) == [
        "1 entry strategy_signal 0 1 1 25 10 250",
        "1 entry strategy_signal 1 0 1 25 10 250",
        "1 quarantine none 0 -1 0 0 0 500",
        "1 quarantine none 1 -1 0 0 0 500",
        "2 exit quarantine 0 1 -1 25 10 250",
        "2 exit quarantine 1 0 -1 25 10 250",
    ]
    assert told(result.record, signals=True) == ["0 signal enter 0 1 1", "0 signal enter 1 0 1"]


def test_a_quarantined_strategy_is_not_asked_again() -> None:
    """After its failure nobody calls it."""
    failing = Fails(".....", symbol="A", bar=1, fail=stumble)
    run([(failing, "0.5")], make_panel(*["10"] * 5), on_strategy_error="quarantine")
    assert failing.n_asked == 2


def test_a_strategy_that_fails_at_a_size_is_quarantined_at_the_next_close() -> None:
    """The entry that it could not size gets nothing, and the sleeve is closed."""
    failing = Sizes("E...", size=lambda _capital, _price: None)
    result = run([failing, Asked("E...")], make_panel(*["10"] * 4), on_strategy_error="quarantine")
    assert told(result.record) == [
        "1 blocked below_lot 0 0 1 0 10 500",
        "1 entry strategy_signal 1 0 1 50 10 500",
        "1 quarantine none 0 -1 0 0 0 500",
        "3 exit end_of_data 1 0 -1 50 10 500",
    ]
    assert result.strategy_results["Sizes_0"].is_quarantined
    assert not result.strategy_results["Asked_0"].is_quarantined


def test_lists_of_bars_need_no_panel() -> None:
    """Prices as the prototype took them: lists by symbol."""
    bars = {"A": make_bars(10, 11, 12), "B": make_bars(20, 21, 22, symbol="B")}
    result = run([Asked("E..", ".E.")], bars)
    assert told(result.record)[0] == "1 entry strategy_signal 0 0 1 45 11 495"
