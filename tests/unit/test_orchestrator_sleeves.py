"""Every strategy has its own capital: what it earns stays with it, and nobody else's orders change what it gets."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pytest

from strategy_orchestrator import OrchestratorResult, ProtectiveExits
from tests.unit.engine.portfolios import Asked, Says, Weighs, equities, make_bars, make_panel, run, told

COSTS: Final[dict[str, Any]] = {"commission_per_trade": "0.5", "commission_pct": "0.001", "slippage_pct": "0.002"}


def waves(n_bars: int, *seeds: int) -> Any:
    """Return prices that go up and down, one symbol a seed."""
    columns = []
    for seed in seeds:
        rng, price, column = random.Random(seed), 100.0, []
        for _ in range(n_bars):
            opening = price * rng.uniform(0.97, 1.03)
            price = opening * rng.uniform(0.96, 1.05)
            high, low = max(opening, price) * 1.01, min(opening, price) * 0.99
            column.append(f"{opening:.2f} {high:.2f} {low:.2f} {price:.2f}")
        columns.append(column)
    return make_panel(*[" | ".join(row) for row in zip(*columns, strict=True)])


def words(n_bars: int, seed: int, letters: str) -> str:
    """Return what a strategy says, drawn from some letters."""
    return "".join(random.Random(seed).choices(letters, k=n_bars))


def test_profits_stay_in_the_sleeve() -> None:
    """The prototype released only the cost of a position on its exit, and so lost every profit; ours is spent again."""
    # 100 at 10, out at 12: 1200, of which 200 are profit. In at 12 with all of it: 100 again. Out at 15.
    result = run([Says("EXEX.")], make_panel("10", "10", "12", "12", "15"))
    assert told(result.record) == [
        "1 entry strategy_signal 0 0 1 100 10 1000",
        "2 exit strategy_signal 0 0 -1 100 12 1200",
        "3 entry strategy_signal 0 0 1 100 12 1200",
        "4 exit strategy_signal 0 0 -1 100 15 1500",
    ]
    assert equities(result, "Says_0") == ["1000", "1000", "1200", "1200", "1500"]
    assert result.strategy_results["Says_0"].final_equity == 1500


def test_losses_stay_in_the_sleeve_too() -> None:
    """After a loss there is less to spend, and the other sleeve does not pay for it."""
    result = run([(Says("EXE."), "0.5"), (Says("E..."), "0.5")], make_panel("10", "10", "8", "8"))
    # 500 buy 50 at 10; 400 are left and buy 50 at 8.
    assert told(result.record)[3] == "3 entry strategy_signal 0 0 1 50 8 400"
    assert equities(result, "Says_1") == ["500", "500", "400", "400"]


def test_swept_gains_go_to_the_reserve() -> None:
    """With `sweep` a sleeve begins again with what it was given; the whole is the same."""
    result = run([(Says("EXE."), "0.5")], make_panel("10", "10", "12", "12"), profit_policy="sweep")
    assert told(result.record)[2:4] == [
        "2 sweep none 0 -1 0 0 0 100",
        "3 entry strategy_signal 0 0 1 41 12 492",
    ]
    assert (result.record.reserve // 10**6).tolist() == [500, 500, 600, 600]
    assert [int(equity) for _, equity in result.aggregate_equity_curve] == [1000, 1000, 1100, 1100]


def test_what_is_given_to_nobody_is_the_reserve() -> None:
    """Weights of 0.75 leave a quarter, and what the floors leave; it counts in the equity of the whole."""
    result = run([(Says("E.."), "0.333333333333"), (Says("..."), "0.25")], make_panel("10", "10", "12"), "100.000001")
    assert result.record.initial_allocations.tolist() == [33_333_333, 25_000_000]
    assert set(result.record.reserve.tolist()) == {41_666_668}
    assert [str(equity) for _, equity in result.aggregate_equity_curve] == ["100.000001", "100.000001", "106.000001"]


def together(**options: Any) -> tuple[OrchestratorResult, list[Any], Any]:
    """Run six strategies of all forms on symbols of their own; return the result, the strategies and the panel."""
    n_bars, panel = 60, waves(60, 1, 2, 3, 4, 5, 6)
    quiet = "." * n_bars
    exits = ProtectiveExits(Decimal("0.04"), Decimal("0.08"), Decimal("0.05"), 9)
    strategies: list[Any] = []
    for place in range(6):
        texts = [quiet] * 6
        if place % 3 == 0:
            texts[place] = words(n_bars, place, "EXSC....")
            strategies.append(Says(*texts, exits=exits if place else None))
        elif place % 3 == 1:
            texts[place] = words(n_bars, place, "EX...")
            strategies.append(Asked(*texts, exits=exits))
        else:
            targets = [". " * n_bars] * 6
            targets[place] = " ".join(random.Random(place).choices(["0.5", "-0.3", "0.9", "0", ".", "."], k=n_bars))
            strategies.append(Weighs(*targets))
    weights = ("0.1", "0.2", "0.15", "0.25", "0.05", "0.2")
    pairs = list(zip(strategies, weights, strict=True))
    return run(pairs, panel, 100_000, **options), pairs, panel


@pytest.mark.parametrize("options", [{}, COSTS, {"fill_at": "close"}, {"profit_policy": "sweep", "lot_size": "0.01"}])
def test_strategies_that_never_meet_get_what_they_get_alone(options: dict[str, Any]) -> None:
    """Trades, equity and measures of each are those of a run of its own with its capital, to the unit."""
    result, pairs, panel = together(**options)
    assert result.conflicts_detected == 0
    for name, (strategy, weight) in zip(result.strategy_results, pairs, strict=True):
        mine = result.strategy_results[name]
        capital = Decimal(100_000) * Decimal(weight)
        alone = next(iter(run([(strategy, 1)], panel, capital, **options).strategy_results.values()))
        assert [trade_without_id(trade) for trade in mine.trades] == [trade_without_id(trade) for trade in alone.trades]
        assert list(mine.equity_curve) == list(alone.equity_curve)
        assert str(mine.metrics) == str(alone.metrics)
        assert str(mine.metrics_without_end_of_data) == str(alone.metrics_without_end_of_data)
        assert len(mine.trades) > 3


def trade_without_id(trade: Any) -> dict[str, Any]:
    """Return the fields of a trade but for its owner, whose index may differ."""
    return {name: getattr(trade, name) for name in trade.__dataclass_fields__ if name != "strategy_id"}


def test_the_whole_is_the_sum_of_its_sleeves_and_the_reserve() -> None:
    """At every bar, to the unit."""
    result, _, _ = together(**COSTS)
    curves = [item.equity_curve for item in result.strategy_results.values()]
    reserve = [Decimal(units).scaleb(-6) for units in result.record.reserve.tolist()]
    assert [equity for _, equity in result.aggregate_equity_curve] == [
        sum((curve[bar][1] for curve in curves), reserve[bar]) for bar in range(60)
    ]


def test_the_order_of_symbols_is_no_matter() -> None:
    """Slots are equal for every permutation of the dict of prices; the bytes are the same."""
    bars = {name: make_bars(*[seed + day % 3 for day in range(8)], symbol=name) for seed, name in enumerate("ABC", 5)}

    def say() -> list[Any]:
        return [Says("EX.EX..E", ".E..X.E.", "E......."), Asked("..E.X...", "E...XE..", ".E.X..E.")]

    prints = {
        run(say(), {name: bars[name] for name in order}, lot_size="0.1", **COSTS).fingerprint
        for order in itertools.permutations("ABC")
    }
    assert len(prints) == 1


RIVALS: Final = [("EX.E", "0.2"), ("S..X", "0.5"), ("E.SE", "0.3")]


def rival_run(order: tuple[int, ...], mode: str, **options: Any) -> OrchestratorResult:
    """Run the rivals in some order of the list, called by what they say."""
    pairs = [(Says(RIVALS[place][0]), RIVALS[place][1]) for place in order]
    names = [f"Rival{place}" for place in order]
    return run(pairs, make_panel("10", "11", "12", "11"), labels=names, conflict_resolution_mode=mode, **options)


@pytest.mark.parametrize("mode", ["NET_SIGNAL", "CANCEL_BOTH"])
def test_modes_that_name_no_order_know_none(mode: str) -> None:
    """NET_SIGNAL and CANCEL_BOTH give every strategy the same, whatever the order of the list."""
    results = [rival_run(order, mode) for order in itertools.permutations(range(3))]
    curves = [{name: equities(result, name) for name in result.strategy_results} for result in results]
    assert all(curve == curves[0] for curve in curves)
    assert {result.conflicts_detected for result in results} == {results[0].conflicts_detected} != {0}


def test_the_first_in_the_list_wins_with_first_wins() -> None:
    """The direction of the earliest strategy that has a signal; the order of the list decides and nothing else."""
    first = {order[0]: rival_run(order, "FIRST_WINS") for order in itertools.permutations(range(3))}
    assert {place: told(result.record)[0] for place, result in first.items()} == {
        0: "0 conflict none -1 0 1",
        1: "0 conflict none -1 0 -1",
        2: "0 conflict none -1 0 1",
    }


def test_weights_that_balance_drop_all() -> None:
    """0.2 and 0.3 against 0.5 is a tie, exactly."""
    result = rival_run((0, 1, 2), "NET_SIGNAL")
    assert told(result.record)[:4] == [
        "0 conflict none -1 0",
        "0 dropped conflict 0 0 1",
        "0 dropped conflict 1 0 -1",
        "0 dropped conflict 2 0 1",
    ]


class Halves:
    """Offer half of the sleeve."""

    def fractions(self, panel: Any) -> Any:
        """Return a half everywhere."""
        return panel.traded * 0.5


FORMS: Final = {"signals": Says("E..."), "asked": Asked("E..."), "weights": Weighs("0.7 . . .")}
OPTIONS: Final[dict[str, dict[str, Any]]] = {"plain": {}, "sized": {"sizer": Halves()}, "charged": COSTS}


@pytest.mark.parametrize("strategy", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_an_order_is_sized_with_what_is_known_when_it_fills(strategy: Any, options: dict[str, Any]) -> None:
    """Nothing of the bar in which it fills but its open: high, low and close may be anything."""
    fills = set()
    for close in (9, 11, 14, 30):
        panel = make_panel("10", f"11 {max(11, close) + 2} {min(11, close) - 2} {close}", "12", "12")
        fills.add(told(run([strategy], panel, **options).record)[0])
    assert len(fills) == 1


class Breaks(Asked):
    """Hold from the first bar on; fail at a bar, or never."""

    def __init__(self, *texts: str, bar: int) -> None:
        super().__init__(*texts)
        self.bar = bar

    def should_exit(self, position: Any, bars: Any) -> bool:
        """Fail at the bar."""
        if len(bars) - 1 == self.bar:
            raise ArithmeticError(position)
        return super().should_exit(position, bars)


def test_a_quarantine_leaves_the_others_bit_for_bit() -> None:
    """What the others decide, book and are worth is the same as if the one that failed had not."""
    panel, n_bars = waves(40, 1, 2, 3), 40
    quiet, hold = "." * n_bars, "E" + "." * (n_bars - 1)
    word = words(n_bars, 5, "EX..")
    rows = []
    for bar in (20, 10**6):
        strategies = [Says(word, quiet, quiet), Breaks(quiet, hold, quiet, bar=bar), Asked(quiet, quiet, word[::-1])]
        record = run(strategies, panel, 50_000, on_strategy_error="quarantine", **COSTS).record
        kept = [np.isin(table["strategy"], (0, 2)) for table in (record.decisions, record.trades)]
        others = record.decisions[kept[0]].tobytes(), record.trades[kept[1]].tobytes(), record.equity[:, ::2].tobytes()
        rows.append((others, record.equity[-1, 1]))
    assert rows[0][0] == rows[1][0]
    assert rows[0][1] != rows[1][1]
