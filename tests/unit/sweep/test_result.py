"""Which run is best, and what that is worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from strategy_orchestrator.analysis import DailySharpe
from strategy_orchestrator.errors import ConfigError
from strategy_orchestrator.sweep import PlannedRun, SweepResult, SweepRow, described, in_json, ranking
from tests.unit.sweep.builders import holding, prices, row_of

FAILED = {"kind": "RunError", "exit_status": 1, "message": "it broke"}


def sharpes(*ratios: float) -> list[dict[str, object]]:
    """Return rows with these ratios per day."""
    moments = {"n_returns": 1250, "skewness": -3.0, "kurtosis": 10.0}
    return [row_of(place, daily_sharpe={"ratio": ratio, **moments}) for place, ratio in enumerate(ratios, 1)]


def test_the_best_comes_first_and_what_is_undefined_last() -> None:
    """Ties keep the order of the runs; what failed is in no rank."""
    values = ("0.5", None, "0.9", "0.5", "-1")
    rows = [row_of(place, measures={"sharpe_ratio": value}) for place, value in enumerate(values, 1)]
    assert ranking([*rows, row_of(6, error=FAILED)], "sharpe_ratio") == [3, 1, 4, 5, 2]


def test_of_some_measures_less_is_better() -> None:
    """A drawdown, for instance; the final equity is a measure too."""
    rows = [row_of(place, measures={"max_drawdown": f"0.{place}"}, final_equity=f"{place}") for place in (1, 2)]
    assert ranking(rows, "max_drawdown") == [1, 2]
    assert ranking(rows, "final_equity") == [2, 1]


def test_an_unknown_measure_is_refused() -> None:
    """With the nearest one; where every run failed there is nothing to rank."""
    with pytest.raises(ConfigError) as caught:
        ranking([row_of()], "sharp_ratio", "--sort")
    assert str(caught.value) == (
        "--sort: no measure is called 'sharp_ratio'; known: 'final_equity', 'sharpe_ratio'. Did you mean "
        "'sharpe_ratio'?"
    )
    assert ranking([row_of(error=FAILED)], "sharp_ratio") == []


def test_the_best_ratio_is_deflated_by_all() -> None:
    """The number of trials is that of the runs with a ratio."""
    document = described({"fast": [1, 2, 3]}, [*sharpes(0.01, 0.15), row_of(3)], [])
    deflated = document["deflated_sharpe"]
    assert (deflated["run"], deflated["n_trials"]) == (2, 2)
    assert 0 < deflated["probability"] < deflated["probability_alone"] < 1
    assert described({"fast": [1]}, [row_of()], [])["deflated_sharpe"] is None
    assert described({"fast": [1]}, sharpes(0.1), [])["deflated_sharpe"] is None


def test_equal_ratios_name_the_first_run() -> None:
    """As the ranks do."""
    assert described({"fast": [1, 2]}, sharpes(0.1, 0.1), [])["deflated_sharpe"]["run"] == 1


def test_counts_tell_what_was_done() -> None:
    """All combinations, those that were made, and those of them that failed."""
    grid = {"fast": [1, 2], "slow": [1, 2, 3]}
    assert described(grid, [row_of(1), row_of(2, error=FAILED)], [])["counts"] == {
        "runs": 6,
        "finished": 2,
        "failed": 1,
    }


def test_the_fingerprint_is_that_of_the_rows() -> None:
    """It changes with a result, an error or a value, and with nothing else."""
    base = described({"fast": [1]}, [row_of()], [])["fingerprint"]
    assert described({"fast": [1]}, [row_of(undefined={"calmar_ratio": "short"})], [])["fingerprint"] == base
    for row in (row_of(fingerprint="0"), row_of(error=FAILED), row_of(params={"fast": 2})):
        assert described({"fast": [1]}, [row], [])["fingerprint"] != base


def test_a_result_names_its_best_and_its_failed_runs() -> None:
    """In Python as in the file."""
    result = SweepResult(
        {"first": [1, 2]},
        (
            holding_row(1),
            holding_row(2),
            SweepRow(3, {"first": 3}, error=FAILED),
        ),
    )
    assert [row.run for row in result.ranked("final_equity")] == [
        row.run for row in sorted(result.rows[:2], key=lambda row: -(row.final_equity or 0))
    ]
    assert [row.run for row in result.failed] == [3]
    assert result.deflated_sharpe is not None
    assert result.to_dict()["deflated_sharpe"]["n_trials"] == result.deflated_sharpe.n_trials == 2
    assert result.fingerprint == result.to_dict()["fingerprint"]
    assert [plugin["name"] for plugin in result.to_dict()["plugins"]] == ["builtin"]


def holding_row(first: int) -> SweepRow:
    """Run once and return the row."""
    return PlannedRun(first, {"first": first}).done(holding(first).run(prices(), "1000"))


VALUES = [
    (Decimal("0.10"), "0.1"),
    (Decimal("NaN"), None),
    ([1, Decimal("2.5")], [1, "2.5"]),
    ({"a": (True,)}, {"a": [True]}),
    (date(2020, 1, 2), "2020-01-02"),
    (None, None),
    (1.5, 1.5),
    (DailySharpe(1.0, 2, 0.0, 3.0), "DailySharpe(ratio=1.0, n_returns=2, skewness=0.0, kurtosis=3.0)"),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_values_become_those_of_json(value: object, expected: object) -> None:
    """Decimals are text; what JSON does not have is told by its words."""
    assert in_json(value) == expected
