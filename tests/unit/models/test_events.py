"""Events told from records by hand."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.errors import Fault, RunError, StrategyError
from strategy_orchestrator.models.events import (
    backtest_completed,
    backtest_failed,
    backtest_started,
    events_of,
    level_of,
)
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.records import TRADE
from tests.unit.store.builders import IDS, STORY, K, R, make_metrics, make_panel, make_record, make_result

FIRST, SECOND = IDS


def told(rows: tuple[tuple[Any, ...], ...] = STORY, mode: str | None = None) -> list[dict[str, Any]]:
    """Tell rows as events."""
    return [dict(event) for event in events_of(make_record(rows), mode=mode)]


def of_kind(name: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of one name."""
    return [event for event in events if event["event"] == f"orchestrator.{name}"]


def test_every_event_has_the_common_fields_and_fits_json() -> None:
    """All kinds of decisions are told with name, time, bar, strategy and symbol."""
    events = told()
    for event in events:
        assert list(event)[:5] == ["event", "timestamp", "bar", "strategy_id", "symbol"]
        assert json.loads(json.dumps(event)) == event
        assert isinstance(level_of(event), int)
    # Dropped by conflict is told with the conflict, and three transfers are one event.
    assert len(events) == len(STORY) - 3


def test_a_signal_says_what_the_strategy_wants() -> None:
    """A signal has its direction and intent."""
    signal = of_kind("strategy_signal", told())[1]
    assert signal == {
        "event": "orchestrator.strategy_signal",
        "timestamp": "2024-01-02T00:00:00Z",
        "bar": 0,
        "strategy_id": SECOND,
        "symbol": "AAPL",
        "direction": "sell",
        "intent": "enter",
    }


def test_a_conflict_names_both_sides_and_what_decided() -> None:
    """Under FIRST_WINS the event says that the order of the list decided."""
    (conflict,) = of_kind("conflict_detected", told())
    assert conflict["strategy_ids"] == [FIRST, SECOND]
    assert (conflict["buyers"], conflict["sellers"]) == ([FIRST], [SECOND])
    assert (conflict["outcome"], conflict["survivors"], conflict["dropped"]) == ("buy", [FIRST], [SECOND])
    assert conflict["mode"] == "FIRST_WINS"
    assert conflict["decided_by"] == f"the order of the list: {FIRST!r} comes first"


@pytest.mark.parametrize(
    ("mode", "direction", "words"),
    [
        ("NET_SIGNAL", 1, "the sum of direction × weight, which is positive"),
        ("NET_SIGNAL", -1, "the sum of direction × weight, which is negative"),
        ("NET_SIGNAL", 0, "the sum of direction × weight, which is zero"),
        ("CANCEL_BOTH", 0, "opposite signals cancel each other"),
        ("my-resolver", 1, "the resolver 'my-resolver'"),
    ],
)
def test_the_mode_is_told_in_words(mode: str, direction: int, words: str) -> None:
    """Every resolver has its explanation."""
    rows = (*STORY[:4], (0, K.CONFLICT, R.NONE, -1, 0, direction))
    (conflict,) = of_kind("conflict_detected", told(rows, mode))
    assert (conflict["mode"], conflict["decided_by"]) == (mode, words)


def test_a_conflict_without_a_known_mode_or_signals_is_told_all_the_same() -> None:
    """Rows that tell less give an event that tells less."""
    record = make_record(((0, K.CONFLICT, R.NONE, -1, 0, 0),))
    (known,) = events_of(record)
    assert (known["decided_by"], known["outcome"]) == ("the order of the list", "none")
    (unknown,) = events_of(replace(record, notes={}))
    assert (unknown["mode"], unknown["decided_by"]) == (None, "the resolver")


def test_a_plug_in_may_let_both_sides_live() -> None:
    """Survivors on both sides are an outcome of their own."""
    rows = (*STORY[:2], (0, K.CONFLICT, R.NONE, -1, 0, 0))
    assert told(rows)[2]["outcome"] == "both"


def test_conflicts_of_several_bars_keep_their_own_signals() -> None:
    """Signals of the same symbol at another bar are no part of a conflict."""
    later = tuple((1, *row[1:]) for row in STORY[:6])
    swapped = tuple((*row[:3], 1 - row[3], *row[4:]) if row[3] >= 0 else row for row in later)
    first, second = of_kind("conflict_detected", told((*STORY[:6], *swapped)))
    assert (first["dropped"], second["dropped"]) == ([SECOND], [FIRST])


def test_a_limit_says_what_was_wanted_filled_and_offered() -> None:
    """An entry that was cut is told with its fill, one that was blocked with what it wanted."""
    cut, blocked = of_kind("capital_limit_hit", told())
    assert (cut["outcome"], cut["filled"], cut["wanted"], cut["budget"]) == ("cut", "10", None, "1100")
    assert (blocked["outcome"], blocked["filled"], blocked["reason"]) == ("blocked", "0", "no_cash")
    (weighted,) = told(((0, K.BLOCKED, R.CAPITAL, 0, 0, 1, 2_500_000, 100_000_000, 7),))
    assert (weighted["wanted"], weighted["budget"]) == ("2.5", "0.000007")


def test_a_rebalance_is_told_with_every_transfer() -> None:
    """Transfers of one bar are one event that knows when it was decided."""
    (event,) = of_kind("rebalanced", told())
    assert event["transfers"] == [
        {"owner": "sleeve", "strategy_id": FIRST, "amount": "-2.5"},
        {"owner": "sleeve", "strategy_id": SECOND, "amount": "1.5"},
        {"owner": "reserve", "strategy_id": None, "amount": "1"},
    ]
    assert (event["strategy_ids"], event["decided_bar"], event["bar"]) == ([FIRST, SECOND], 1, 2)
    (alone,) = told(STORY[10:11])
    assert alone["decided_bar"] is None


def test_an_exit_is_told_with_its_trade() -> None:
    """The exit has the profit and the entry of the trade that it closed."""
    (event,) = of_kind("exit_filled", told())
    assert (event["position"], event["pnl"], event["entry_bar"], event["entry_price"]) == ("long", "10.5", 1, "100.75")
    assert (event["reason"], event["notional"], event["commission"]) == ("stop_loss", "1020", "1")


def test_an_exit_whose_trade_is_missing_is_told_without_it() -> None:
    """A run that failed between an exit and its trade keeps the exit."""
    (event,) = events_of(make_record(STORY[13:14], trades=np.zeros(0, TRADE)))
    assert "pnl" not in event


def test_the_rest_is_told_with_its_amount() -> None:
    """Sweep, ruin, quarantine, drops and expiry have their facts."""
    events = told()
    assert of_kind("gain_swept", events)[0]["amount"] == "10.5"
    assert of_kind("sleeve_ruined", events)[0]["equity"] == "-0.000005"
    assert of_kind("strategy_quarantined", events)[0]["equity"] == "4000"
    assert of_kind("order_dropped", events)[0]["reason"] == "protective_exit"
    assert [event["what"] for event in of_kind("order_expired", events)] == ["order", "rebalance"]
    assert of_kind("rebalance_decided", events)[0]["total"] == "10000"
    assert of_kind("signal_contradicted", events)[0]["symbol"] == "TSLA"


@pytest.mark.parametrize("cut", range(len(STORY) + 1))
def test_two_ranges_tell_what_one_tells(cut: int) -> None:
    """However the rows are divided, every event is told once."""
    record = make_record()
    assert [*events_of(record, 0, cut), *events_of(record, cut)] == list(events_of(record))


def test_times_are_told_to_the_nanosecond() -> None:
    """A bar that closes within a second is told with all its digits."""
    prices = np.full((1, 1), 100.0)
    panel = Panel.from_arrays(np.array([1_500_000_001]), ["A"], open=prices, high=prices, low=prices, close=prices)
    assert backtest_started(panel, {"x": 1}, 1, None)["timestamp"] == "1970-01-01T00:00:01.500000001Z"


def test_the_start_tells_the_capital() -> None:
    """Allocations and reserve add up to the capital."""
    event = backtest_started(make_panel(), {"a": 4_000_000, "b": 5_500_000}, 10_000_000, "FIRST_WINS")
    assert event["allocations"] == {"a": "4", "b": "5.5"}
    assert (event["initial_capital"], event["reserve"], event["bars"], event["symbols"]) == ("10", "0.5", 5, 2)


def test_the_end_tells_the_outcome() -> None:
    """Equities, counts and fingerprint are told; an undefined return is None."""
    result = make_result()
    event = backtest_completed(result)
    assert (event["bar"], event["timestamp"]) == (4, "2024-01-06T00:00:00Z")
    assert (event["final_equity"], event["total_return"], event["trades"]) == ("10017.000051", "0.5", 1)
    assert event["fingerprint"] == result.fingerprint
    undefined = make_metrics(total_return=make_result().strategy_results[FIRST].metrics.sharpe_ratio)
    assert backtest_completed(replace(result, aggregate_metrics=undefined))["total_return"] is None


def test_a_failure_names_the_strategy_and_the_last_bar() -> None:
    """An error of a strategy is told with its id; one before the first bar has no time."""
    blamed = backtest_failed(StrategyError(Fault("Strategy 'x'", "it raised", value="x")), make_panel(), 3)
    assert (blamed["strategy_id"], blamed["bar"], blamed["timestamp"]) == ("x", 2, "2024-01-04T00:00:00Z")
    assert blamed["messages"] == ["Strategy 'x': it raised."]
    early = backtest_failed(RunError(Fault("a", "b", value="x")))
    assert (early["strategy_id"], early["bar"], early["timestamp"]) == (None, None, None)


@pytest.mark.parametrize(
    ("event", "level"),
    [
        ({"event": "orchestrator.strategy_signal"}, logging.DEBUG),
        ({"event": "orchestrator.conflict_detected", "outcome": "buy"}, logging.WARNING),
        ({"event": "orchestrator.capital_limit_hit", "outcome": "blocked"}, logging.WARNING),
        ({"event": "orchestrator.capital_limit_hit", "outcome": "cut"}, logging.INFO),
        ({"event": "orchestrator.rebalanced"}, logging.INFO),
        ({"event": "orchestrator.backtest_failed"}, logging.ERROR),
    ],
)
def test_levels_follow_what_a_reader_of_the_log_needs(event: dict[str, str], level: int) -> None:
    """Trouble is louder than routine."""
    assert level_of(event) == level
