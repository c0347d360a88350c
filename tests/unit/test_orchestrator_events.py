"""What happened is counted in the result, recorded in the decisions, and logged as events for those who listen."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from strategy_orchestrator import OrchestratorResult, StrategyError, hookimpl
from strategy_orchestrator.models.specs import RunInfo
from tests.unit.engine.portfolios import Asked, Says, make_panel, orchestrate, run

PANEL = make_panel("10|10", "11|10", "12|10", "40|10", "40|10")
# A conflict at bar 0 that drops the second; a block at bar 1, for nobody pays for a share at 600.
FIRST, SECOND = "EX...", "S...."


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Listen to everything."""
    with caplog.at_level(logging.DEBUG, "strategy_orchestrator"):
        yield caplog


def events_of(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the events that were logged."""
    return [read(record.getMessage()) for record in log.records]


def read(text: str) -> dict[str, Any]:
    """Read an event, written as JSON or as Python shows it."""
    try:
        event = json.loads(text)
    except ValueError:
        event = ast.literal_eval(text)
    assert isinstance(event, dict)
    return event


def story(**options: Any) -> OrchestratorResult:
    """Run a conflict, fills, a block and transfers."""
    strategies = [(Says("EX...", "....."), "0.5"), (Says("S....", "....."), "0.3"), (Asked("..E..", "....."), "0.1")]
    return run(strategies, PANEL, 240, **options)


def names(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of events without what all have in common."""
    return [event["event"].removeprefix("orchestrator.") for event in events]


def test_a_run_is_told_from_beginning_to_end(log: pytest.LogCaptureFixture) -> None:
    """With everything that was decided between, in its order."""
    result = story(logging_level="DEBUG")
    told = events_of(log)
    assert names(told) == [
        "backtest_started",
        "strategy_signal",
        "strategy_signal",
        "conflict_detected",
        "entry_filled",
        "strategy_signal",
        "exit_filled",
        "strategy_signal",
        "capital_limit_hit",
        "backtest_completed",
    ]
    assert (result.conflicts_detected, result.capital_limit_blocks) == (1, 1)
    for event in told:
        assert event.keys() >= {"event", "timestamp", "bar", "strategy_id", "symbol"}
        assert json.dumps(event, allow_nan=False)


def test_a_conflict_is_told_with_sides_and_outcome(log: pytest.LogCaptureFixture) -> None:
    """Who bought, who sold, who was dropped, and that the order of the list decided."""
    result = story(logging_level="WARNING")
    (event,) = [event for event in events_of(log) if event["event"].endswith("conflict_detected")]
    assert event == {
        "event": "orchestrator.conflict_detected",
        "timestamp": "2024-01-01T00:00:00Z",
        "bar": 0,
        "strategy_id": None,
        "symbol": "A",
        "strategy_ids": ["Says_0", "Says_1"],
        "buyers": ["Says_0"],
        "sellers": ["Says_1"],
        "outcome": "buy",
        "survivors": ["Says_0"],
        "dropped": ["Says_1"],
        "mode": "FIRST_WINS",
        "decided_by": "the order of the list: 'Says_0' comes first",
    }
    rows = result.decisions.filter(kind="conflict").to_dicts()
    assert [(row["symbol"], row["bar"]) for row in rows] == [("A", 0)]


def test_a_block_is_told_with_its_amounts(log: pytest.LogCaptureFixture) -> None:
    """What one lot costs and what there was for it."""
    result = story(logging_level="WARNING")
    (event,) = [event for event in events_of(log) if event["event"].endswith("capital_limit_hit")]
    assert event == {
        "event": "orchestrator.capital_limit_hit",
        "timestamp": "2024-01-04T00:00:00Z",
        "bar": 3,
        "strategy_id": "Asked_0",
        "symbol": "A",
        "outcome": "blocked",
        "direction": "buy",
        "wanted": None,
        "filled": "0",
        "price": "40",
        "budget": "12",
        "reason": "below_lot",
    }
    (row,) = result.decisions.filter(kind="blocked").to_dicts()
    assert (row["strategy_id"], row["symbol"], row["reason"]) == ("Asked_0", "A", "below_lot")


def test_transfers_are_told_as_one_rebalance(log: pytest.LogCaptureFixture) -> None:
    """Who gave and who got, with amounts that sum to zero."""
    result = run([Says("E..."), Says("....")], make_panel("10", "10", "20", "20"), 1000, rebalance_threshold="0.1")
    (event,) = [event for event in events_of(log) if event["event"].endswith(".rebalanced")]
    assert event["transfers"] == [
        {"owner": "sleeve", "strategy_id": "Says_0", "amount": "-240"},
        {"owner": "sleeve", "strategy_id": "Says_1", "amount": "240"},
    ]
    assert (event["bar"], event["decided_bar"], event["strategy_ids"]) == (3, 2, ["Says_0", "Says_1"])
    amounts = result.decisions.filter(kind="transfer")["amount"]
    assert sum(amounts) == 0
    assert result.rebalancing.transferred == 240


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("INFO", ["backtest_started", "conflict_detected", "capital_limit_hit", "backtest_completed"]),
        ("WARNING", ["conflict_detected", "capital_limit_hit"]),
        ("ERROR", []),
        ("CRITICAL", []),
    ],
)
def test_the_level_governs_the_log_and_not_the_record(
    log: pytest.LogCaptureFixture, level: str, expected: list[str]
) -> None:
    """What is not logged is recorded all the same."""
    result = story(logging_level=level)
    assert names(events_of(log)) == expected
    assert len(result.record.decisions) == 9


def test_nothing_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no handler listens, no row is made a text: a million of them would take seconds."""
    logger = logging.getLogger("strategy_orchestrator")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [logging.NullHandler()])
    monkeypatch.setattr("strategy_orchestrator.orchestrator.events_of", pytest.fail)
    assert story(logging_level="DEBUG").conflicts_detected == 1


def test_nothing_is_made_for_a_level_that_no_event_has(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CRITICAL is above every event, so that no row is told, whoever listens."""
    monkeypatch.setattr("strategy_orchestrator.orchestrator.events_of", pytest.fail)
    assert story(logging_level="CRITICAL").conflicts_detected == 1
    assert log.records == []


def test_a_logger_that_is_switched_off_is_told_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is a handler."""
    monkeypatch.setattr("strategy_orchestrator.orchestrator.events_of", pytest.fail)
    with caplog.at_level(logging.CRITICAL + 1, "strategy_orchestrator"):
        assert story(logging_level="DEBUG").conflicts_detected == 1


def test_a_failure_is_told_with_what_was_decided_before(log: pytest.LogCaptureFixture) -> None:
    """The last event names the strategy and what it raised."""

    class Fails(Asked):
        def should_enter(self, bars: Any) -> bool:
            if len(bars) == 3:
                raise ValueError("no more")
            return super().should_enter(bars)

    with pytest.raises(StrategyError):
        orchestrate([Says("E..."), Fails("....")], logging_level="DEBUG").run(make_panel(*["10"] * 4), 1000)
    told = events_of(log)
    assert names(told) == ["backtest_started", "strategy_signal", "entry_filled", "backtest_failed"]
    assert (told[-1]["strategy_id"], told[-1]["error"]) == ("Fails_0", "StrategyError")
    assert "ValueError: no more" in told[-1]["messages"][0]
    assert log.records[-1].exc_info is not None


class Listens:
    """Keep what the event hooks are told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Keep who runs."""
        self.heard.append(("started", run))

    @hookimpl
    def orchestrator_decisions(self, decisions: Sequence[Mapping[str, object]]) -> None:
        """Keep the batch."""
        self.heard.append(("decisions", decisions))

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Keep the result."""
        self.heard.append(("completed", result))

    @hookimpl
    def orchestrator_run_failed(self, error: BaseException) -> None:
        """Keep the error."""
        self.heard.append(("failed", error))


def test_plugins_hear_of_a_run() -> None:
    """Once at its beginning, in batches of decisions, once at its end; whatever the log is told."""
    listener = Listens()
    result = story(plugins=[listener], logging_level="CRITICAL")
    assert [name for name, _ in listener.heard] == ["started", "decisions", "completed"]
    info, batch, completed = (fact for _, fact in listener.heard)
    assert completed is result
    assert (info.strategy_ids, info.initial_capital) == (("Says_0", "Says_1", "Asked_0"), 240)
    assert names(batch) == [
        "strategy_signal", "strategy_signal", "conflict_detected", "entry_filled", "strategy_signal", "exit_filled",
        "strategy_signal", "capital_limit_hit",
    ]  # fmt: skip
    with pytest.raises(TypeError):
        batch[0]["bar"] = 7
    with pytest.raises(TypeError):
        info.weights["Says_0"] = 7
    assert any(plugin["name"] == "Listens" for plugin in result.plugins)


def test_plugins_hear_what_no_log_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in that listens is told, with no handler anywhere."""
    logger = logging.getLogger("strategy_orchestrator")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [])
    listener = Listens()
    story(plugins=[listener])
    assert [name for name, _ in listener.heard] == ["started", "decisions", "completed"]


def test_plugins_hear_of_a_failure() -> None:
    """With what was decided until then, and the error."""
    listener = Listens()
    with pytest.raises(StrategyError) as caught:
        run([Says("wrong")], make_panel("10", "10"), plugins=[listener])
    assert [name for name, _ in listener.heard] == ["started", "failed"]
    assert listener.heard[-1][1] is caught.value


class Stumbles:
    """Fail at every event."""

    @hookimpl
    def orchestrator_run_started(self, run: RunInfo) -> None:
        """Fail."""
        raise RuntimeError(run)

    @hookimpl
    def orchestrator_decisions(self, decisions: Sequence[Mapping[str, object]]) -> None:
        """Ask to end the program."""
        raise SystemExit(len(decisions))

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Fail."""
        raise RuntimeError(result)


def test_a_listener_that_fails_fails_no_run(log: pytest.LogCaptureFixture) -> None:
    """It is named in the log, and the run goes on."""
    listener = Listens()
    result = story(plugins=[Stumbles(), listener], logging_level="CRITICAL")
    assert result.fingerprint == story().fingerprint
    assert [name for name, _ in listener.heard] == ["started", "decisions", "completed"]
    errors = [record.getMessage() for record in log.records if record.levelno == logging.ERROR]
    assert len(errors) == 3
    assert all("Stumbles" in error for error in errors)


def test_batches_end_with_a_bar() -> None:
    """However long a batch may be, a bar is told in one of them, once."""
    listener, small = Listens(), Listens()
    story(plugins=[listener])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strategy_orchestrator.orchestrator._BATCH_ROWS", 1)
        story(plugins=[small])
    batches = [[event["bar"] for event in batch] for name, batch in small.heard if name == "decisions"]
    assert batches == [[0, 0, 0], [1, 1], [2, 2], [3]]
    whole = [dict(event) for event in listener.heard[1][1]]
    assert [dict(event) for name, batch in small.heard if name == "decisions" for event in batch] == whole


class Spoils:
    """Write into the record of a run that is over."""

    @hookimpl
    def orchestrator_run_completed(self, result: OrchestratorResult) -> None:
        """Change a decision."""
        result.record.decisions["quantity"][:] = 1


def test_a_plug_in_that_writes_into_the_record_does_not_change_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that of what was decided, whenever it is read, and though no log was told of it."""
    logger = logging.getLogger("strategy_orchestrator")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [])
    assert story(plugins=[Spoils()]).fingerprint == story().fingerprint
