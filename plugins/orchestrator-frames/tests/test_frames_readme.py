"""The page held to the code."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import orchestrator_frames
from orchestrator_frames import from_function, weights_from_function
from strategy_orchestrator import Panel

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_functions_of_the_readme_do_what_it_says() -> None:
    """Its first Python block defines them; on a rising price two are in, and the calm one has its largest weight."""
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0].partition("\n\norchestrator = ")[0]
    names: dict[str, Any] = {}
    exec(code.replace(", StrategyOrchestrator", ""), names)  # noqa: S102  # our own page
    close = 100.0 + 0.5 * np.arange(120.0)[:, None]
    times = [datetime(2021, 3, 1, tzinfo=UTC) + timedelta(days=day) for day in range(120)]
    panel = Panel.from_arrays(times, ["A"], open=close, high=close + 1.0, low=close - 1.0, close=close)
    average = from_function(names["above_average"], arguments={"n_bars": 100})
    assert np.flatnonzero(average.signals(panel).entries).tolist() == list(range(99, 120))
    # Highs lie one above the closes, which rise by a half: never above the highs of the bars before.
    assert not names["new_high"].signals(panel).entries.any()
    weights = weights_from_function(names["calm"]).weights(panel)
    mondays = np.flatnonzero(~np.isnan(weights))
    assert mondays[0] == 21
    assert (np.diff(mondays) == 7).all()
    assert (weights[mondays] == 0.2).all()


@pytest.mark.parametrize("name", ["from_function", "weights_from_function", "signal_strategy", "weight_strategy"])
def test_the_readme_tells_what_can_be_given(name: str) -> None:
    """Each keyword of the four is in its row of the table."""
    (row,) = [line for line in README.splitlines() if re.match(rf"\| .*`@?{name}\(", line)]
    keywords = [each.name for each in inspect.signature(getattr(orchestrator_frames, name)).parameters.values()]
    told = row if name != "weights_from_function" else README
    assert [word for word in keywords if word != "function" and f"`{word}`" not in told] == []
