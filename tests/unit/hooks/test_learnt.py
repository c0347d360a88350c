"""What is known of a plug-in survives the way through JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy_orchestrator.errors import Fault
from strategy_orchestrator.hooks.learnt import Addition, Learnt, Parameter, Status, document_of, entry_of, read_learnt
from strategy_orchestrator.hooks.plugin import Plugin

PLUGIN = Plugin("pack", "1.0", "main", "pack", "/site")
LEARNT = Learnt(
    Status.ENABLED,
    (Addition(PLUGIN, "strategy", "trend", "Follows.", (Parameter("n", "int", (">= 1",), False, 5, "Bars."),)),),
    ("orchestrator_run_started",),
    (Fault("here", "wrong", "Mend it", 5),),
)


def through_json(learnt: Learnt) -> Any:
    """Return what is read of what was written."""
    return json.loads(json.dumps(document_of(learnt)))


def test_what_was_learnt_arrives() -> None:
    """All but the values of faults."""
    again = read_learnt(through_json(LEARNT), PLUGIN)
    assert again.additions == LEARNT.additions
    assert (again.status, again.events) == (LEARNT.status, LEARNT.events)
    assert again.faults == (Fault("here", "wrong", "Mend it"),)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "odd"},
        {"additions": 5},
        {"additions": [{"kind": "strategy"}]},
        {"additions": [{"kind": "a", "name": "b", "description": "", "parameters": [{"bounds": []}]}]},
        {"faults": ["x"]},
        {"events": None},
    ],
)
def test_what_has_another_form_is_refused(change: dict[str, Any]) -> None:
    """A file somebody changed, or another version wrote, is not half understood."""
    with pytest.raises(ValueError, match=r"odd|unknown form"):
        read_learnt({**through_json(LEARNT), **change}, PLUGIN)


def test_the_reason_leaves_out_who() -> None:
    """The list names the plug-in anyway."""
    assert LEARNT.reason == "wrong. Mend it."
    assert entry_of(PLUGIN, LEARNT).reason == "wrong. Mend it."
