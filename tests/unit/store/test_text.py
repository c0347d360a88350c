"""Values as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.records import Reason
from strategy_orchestrator.models.states import RunState
from strategy_orchestrator.store.text import json_bytes, json_lines, jsonable, visible


class Options(BaseModel):
    """Options of a plug-in."""

    fast: int = 10
    share: Decimal = Decimal("0.50")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        (1.5, 1.5),
        (np.float64(1.5), 1.5),
        (float("nan"), None),
        (Decimal("1200.500"), "1200.5"),
        (Decimal("NaN"), None),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00Z"),
        (PurePosixPath("a/b"), "a/b"),
        ({1: (2, [3])}, {"1": [2, [3]]}),
        ({"b", "a"}, ["a", "b"]),
        (RunState.FAILED, "FAILED"),
        (Reason.RUIN, 8),
        (Options(), {"fast": 10, "share": "0.5"}),
        (OrchestratorConfig(), OrchestratorConfig().resolved()),
        (object(), "builtins.object"),
    ],
)
def test_every_value_has_a_form_in_json(value: object, expected: Any) -> None:
    """Numbers stay exact, and what JSON does not know becomes text."""
    assert jsonable(value) == expected
    json.dumps(jsonable(value), allow_nan=False)


def test_json_holds_no_markup() -> None:
    """Text that would be markup in a page is escaped and reads back the same."""
    written = json_bytes({"<a & b>": "</script>"})
    assert not set(b"<>&") & set(written)
    assert json.loads(written) == {"<a & b>": "</script>"}


def test_many_events_are_one_line_each() -> None:
    """Lines are written in blocks without losing any."""
    written = b"".join(json_lines({"event": "x", "bar": bar} for bar in range(5000)))
    assert [json.loads(line)["bar"] for line in written.splitlines()] == list(range(5000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\u202eb", "a\\u202eb"), ("\x1b[31m", "\\x1b[31m"), ("a\nb\tc", "a\nb\tc"), ("\ud800", "\\ud800"), ("é", "é")],
)
def test_letters_that_do_not_print_are_escaped(text: str, expected: str) -> None:
    """Control letters and those that turn the direction of writing become visible."""
    assert visible(text) == expected
