"""What is in the box, as a run file names it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from strategy_orchestrator.builtin import EqualSlots, FixedFraction, LocalExecutor, PerFillCosts, ThresholdRebalancer
from strategy_orchestrator.errors import ConfigError, DataError
from strategy_orchestrator.hooks import create_plugin_manager
from strategy_orchestrator.models.contracts import Costs
from strategy_orchestrator.models.panel import Panel


def made(kind: str, name: str, params: Mapping[str, object]) -> Any:
    """Return what a name means."""
    manager = create_plugin_manager(autoload=False)
    return manager.build(manager.find(kind, name, "here"), params, "here")


def panel() -> Panel:
    """Return two bars of four symbols."""
    ones = np.ones((2, 4))
    return Panel.from_arrays(np.array([0, 1]), list("ABCD"), open=ones, high=ones, low=ones, close=ones)


def test_equal_slots_share_the_sleeve_among_the_symbols() -> None:
    """With four symbols each gets a quarter."""
    fractions = made("sizer", "equal-slots", {}).fractions(panel())
    assert type(made("sizer", "equal-slots", {})) is EqualSlots
    assert fractions.tolist() == [[0.25] * 4] * 2


def test_a_fixed_fraction_is_the_same_everywhere() -> None:
    """Whatever the number of symbols."""
    sizer = made("sizer", "fixed-fraction", {"fraction": Decimal("0.4")})
    assert type(sizer) is FixedFraction
    assert sizer.fractions(panel()).tolist() == [[0.4] * 4] * 2


def test_the_threshold_is_the_drift_tolerance() -> None:
    """It proposes the configured weights."""
    rebalancer = made("rebalancer", "THRESHOLD", {})
    assert type(rebalancer) is ThresholdRebalancer
    assert rebalancer.drift_tolerance == Decimal("0.10")
    assert made("rebalancer", "THRESHOLD", {"threshold": 0.25}).drift_tolerance == Decimal("0.25")
    state: Any = type("State", (), {"weights": {"A_0": Decimal("0.5")}})
    assert rebalancer.propose(state) == {"A_0": Decimal("0.5")}
    assert rebalancer.schedule(panel()) is None


def test_costs_are_those_of_the_options() -> None:
    """All four, none by default."""
    params = {
        "commission_per_trade": 1,
        "commission_per_share": "0.005",
        "commission_pct": 0.001,
        "slippage_pct": "0.0005",
    }
    model = made("cost_model", "per-fill", params)
    assert type(model) is PerFillCosts
    assert model.costs(panel()) == Costs(Decimal(1), Decimal("0.005"), Decimal("0.001"), Decimal("0.0005"))
    assert made("cost_model", "per-fill", {}).costs(panel()) == Costs()


def test_the_executor_has_workers() -> None:
    """As many as processors unless told."""
    assert made("executor", "local", {"workers": 3}).workers == 3
    assert made("executor", "local", {}).workers >= 1


@pytest.mark.parametrize(
    ("kind", "name", "params", "place"),
    [
        ("sizer", "fixed-fraction", {}, "here.fraction"),
        ("sizer", "fixed-fraction", {"fraction": 0}, "here.fraction"),
        ("sizer", "fixed-fraction", {"fraction": 1.5}, "here.fraction"),
        ("sizer", "equal-slots", {"fraction": 1}, "here.fraction"),
        ("rebalancer", "THRESHOLD", {"threshold": 1.01}, "here.threshold"),
        ("rebalancer", "THRESHOLD", {"threshold": -1}, "here.threshold"),
        ("cost_model", "per-fill", {"slippage_pct": 1}, "here.slippage_pct"),
        ("cost_model", "per-fill", {"commission_per_share": "0.0000001"}, "here.commission_per_share"),
        ("executor", "local", {"workers": 0}, "here.workers"),
        ("data_source", "csv", {"path": []}, "here.path"),
        ("data_source", "csv", {"path": "x", "adjust": "yes"}, "here.adjust"),
        ("data_source", "parquet", {"path": "x", "symbols": []}, "here.symbols"),
    ],
)
def test_options_out_of_bounds_are_refused(kind: str, name: str, params: Mapping[str, object], place: str) -> None:
    """By their place."""
    with pytest.raises(ConfigError) as caught:
        made(kind, name, params)
    assert {fault.where.removesuffix(".list[str]").removesuffix(".str") for fault in caught.value.faults} == {place}


CSV = "symbol,date,open,high,low,close,volume\n" + "".join(
    f"{symbol},2020-01-0{day},1{day},1{day}.5,1{day},1{day},100\n" for symbol in ("AAA", "BBB") for day in (1, 2, 3)
)


@pytest.fixture(name="prices")
def _prices(tmp_path: Any) -> Any:
    path = tmp_path / "prices.csv"
    path.write_text(CSV)
    return path


def test_csv_files_are_loaded(prices: Any) -> None:
    """All symbols, or those that are named; the calendar is passed on."""
    found = made("data_source", "csv", {"path": str(prices)}).load()
    assert (found.symbols, found.n_bars, found.calendar) == (("AAA", "BBB"), 3, None)
    found = made("data_source", "csv", {"path": [str(prices)], "symbols": ["BBB"], "calendar": "XNYS"}).load()
    assert (found.symbols, found.calendar) == (("BBB",), "XNYS")


def test_parquet_files_are_loaded(prices: Any) -> None:
    """With the same content."""
    polars = pytest.importorskip("polars")
    path = prices.with_suffix(".parquet")
    polars.read_csv(prices, try_parse_dates=True).write_parquet(path)
    found = made("data_source", "parquet", {"path": str(path), "adjust": "none"}).load()
    want = made("data_source", "csv", {"path": str(prices)}).load()
    assert (found.symbols, found.close.tolist()) == (want.symbols, want.close.tolist())


def test_a_file_of_another_format_is_refused(prices: Any) -> None:
    """What the run file says of its data is so."""
    with pytest.raises(DataError, match=r"prices\.csv: this is no Parquet file"):
        made("data_source", "parquet", {"path": str(prices)}).load()


def double(number: int) -> int:
    """Return twice a number."""
    if number < 0:
        raise ValueError(number)
    return 2 * number


@pytest.mark.parametrize("workers", [1, 2])
def test_calls_are_answered_in_order(workers: int) -> None:
    """Here or in other processes."""
    assert list(LocalExecutor(workers).map(double, iter(range(5)))) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_call_raises_is_raised_in_its_turn(workers: int) -> None:
    """The results before it arrive."""
    answers = LocalExecutor(workers).map(double, [1, 2, -1, 3])
    assert [next(answers), next(answers)] == [2, 4]
    with pytest.raises(ValueError, match="-1"):
        next(answers)


def test_processors_are_counted_where_affinity_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS and Windows."""
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert LocalExecutor().workers == 1
