"""Results made again from saved runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.errors import DataError, Fault, RunError
from strategy_orchestrator.models.config import OrchestratorConfig
from strategy_orchestrator.models.summary import summary_of
from strategy_orchestrator.store import load_run, result_of, save_failure, save_run
from strategy_orchestrator.testing import make_result as run_portfolio
from tests.unit.store.builders import make_record, make_result
from tests.unit.store.test_load import describe, reseal


def values_of(row: Mapping[str, Decimal]) -> dict[str, str]:
    """Return measures such that two that are not defined are the same."""
    return {name: str(value.normalize()) for name, value in row.items()}


def test_a_result_comes_back_with_its_measures(tmp_path: Path) -> None:
    """All that was told of a real run is told again."""
    result = run_portfolio()
    again = result_of(load_run(save_run(tmp_path / "run", result, {})))
    assert summary_of(again) == summary_of(result)
    assert again.aggregate_equity_curve == result.aggregate_equity_curve
    for name, item in result.strategy_results.items():
        assert again.strategy_results[name].trades == item.trades
        assert again.strategy_results[name].equity_curve == item.equity_curve
        assert values_of(again.comparison_table[name]) == values_of(result.comparison_table[name])
    assert (again.exposure.gross == result.exposure.gross).all()
    assert (again.exposure.crossed == result.exposure.crossed).all()
    assert again.exposure.netting_saving == result.exposure.netting_saving


def test_options_that_were_objects_are_names(tmp_path: Path) -> None:
    """Of a resolver that was handed in, the name of its class is left."""

    class Mine:
        def resolve(self, symbol: str, signals: Any, state: Any) -> Any:
            del symbol, state
            return signals

    config = OrchestratorConfig(conflict_resolution_mode=Mine(), lot_size={"AAPL": Decimal("0.5")})
    again = result_of(load_run(save_run(tmp_path / "run", make_result(config=config), {})))
    assert again.config.resolved() == config.resolved()
    assert str(again.config.conflict_resolution_mode).endswith("Mine")


def test_a_failed_run_has_no_result(tmp_path: Path) -> None:
    """Only complete runs have one."""
    folder = save_failure(tmp_path / "run", RunError(Fault("a", "b")), make_record(n_bars=2), {})
    with pytest.raises(DataError, match="the run failed"):
        result_of(load_run(folder))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda run: run["summary"]["strategies"].popitem(), "the summary lacks something or does not fit: KeyError"),
        (lambda run: run["summary"].update(periods_per_year="many"), "does not fit: InvalidOperation"),
        (lambda run: run["config"].update(fill_at="noon"), "the options cannot be read: .*fill_at"),
        (lambda run: run.update(fingerprint="ab" * 32), "the fingerprint is not that of the tables"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path: Path, change: Callable[[Any], Any], match: str) -> None:
    """A description that somebody changed and sealed again is refused."""
    folder = save_run(tmp_path / "run", make_result(), {})
    describe(folder, change)
    reseal(folder)
    with pytest.raises(DataError, match=match) as caught:
        result_of(load_run(folder))
    assert "\n" not in str(caught.value)
