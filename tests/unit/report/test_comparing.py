"""Runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from strategy_orchestrator.report import compare

RUN: dict[str, Any] = {
    "fingerprint": "ab",
    "config": {"fill_at": "close", "lot_size": {"AAPL": "1"}},
    "versions": {"numpy": "2.0"},
    "plugins": [{"distribution": "pack", "name": "one", "version": "1.0", "hash": "aa"}],
    "data": {
        "calendar": None,
        "n_bars": 5,
        "symbols": [{"symbol": "AAPL", "sha256": "11"}],
        "warnings": [],
        "files": [],
    },
    "record": {"strategy_ids": ["A_0", "B_0"], "weights": ["0.5", "0.5"], "initial_capital": "100"},
    "summary": {
        "aggregate": {"final_equity": "110", "metrics": {"cagr": "0.1", "undefined": {}, "extra": {"ulcer": "0.2"}}},
        "strategies": {
            "A_0": {"final_equity": "60", "metrics": {"cagr": "0.2", "undefined": {}, "extra": {}}},
            "B_0": {"final_equity": "50", "metrics": {"cagr": None, "undefined": {"cagr": "short"}, "extra": {}}},
        },
    },
    "context": {
        "run_file": {
            "strategies": [{"name": "a", "params": {"fast": 1}, "weight": "0.5"}, {"name": "b", "params": {}}],
            "options": {"rebalancer": {"name": "THRESHOLD", "params": {"threshold": "0.1"}}},
            "data": {"name": "csv", "params": {"path": "a.csv"}},
        }
    },
}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return a run that differs in one thing."""
    run = deepcopy(RUN)
    change(run)
    return run


def test_runs_that_are_the_same_agree() -> None:
    """Nothing differs, and measures stand beside one another."""
    both = compare(["one", "two"], [RUN, deepcopy(RUN)])
    assert both.agrees
    assert not any(both.differences.values())
    assert both.portfolio == {"final_equity": ("110", "110"), "cagr": ("0.1", "0.1"), "ulcer": ("0.2", "0.2")}
    assert both.strategies["B_0"] == {"final_equity": ("50", "50"), "cagr": (None, None)}


@pytest.mark.parametrize(
    ("part", "key", "values", "change"),
    [
        ("config", "fill_at", ("close", "next_open"), lambda run: run["config"].update(fill_at="next_open")),
        ("config", "lot_size.AAPL", ("1", "2"), lambda run: run["config"].update(lot_size={"AAPL": "2"})),
        ("versions", "numpy", ("2.0", "2.1"), lambda run: run["versions"].update(numpy="2.1")),
        ("versions", "numba", (None, "0.6"), lambda run: run["versions"].update(numba="0.6")),
        ("plugins", "pack:one: hash", ("aa", "bb"), lambda run: run["plugins"][0].update(hash="bb")),
        ("plugins", "pack:one: version", ("1.0", None), lambda run: run["plugins"].clear()),
        ("data", "n_bars", (5, 6), lambda run: run["data"].update(n_bars=6)),
        ("data", "symbol AAPL", ("11", "22"), lambda run: run["data"]["symbols"][0].update(sha256="22")),
        (
            "data",
            "source: params.path",
            ("a.csv", "b.csv"),
            lambda run: _plan(run)["data"]["params"].update(path="b.csv"),
        ),
        ("strategies", "A_0: weight", ("0.5", "0.4"), lambda run: run["record"].update(weights=["0.4", "0.5"])),
        (
            "strategies",
            "order",
            ("A_0, B_0", "B_0, A_0"),
            lambda run: run["record"].update(strategy_ids=["B_0", "A_0"]),
        ),
        ("strategies", "A_0: params.fast", (1, 2), lambda run: _plan(run)["strategies"][0]["params"].update(fast=2)),
        (
            "strategies",
            "rebalancer: params.threshold",
            ("0.1", "0.2"),
            lambda run: _plan(run)["options"]["rebalancer"]["params"].update(threshold="0.2"),
        ),
    ],
)
def test_what_differs_is_told(
    part: str, key: str, values: tuple[Any, ...], change: Callable[[dict[str, Any]], object]
) -> None:
    """By part and key, with the values of both."""
    both = compare(["one", "two"], [RUN, changed(change)])
    assert both.differences[part][key] == values


def _plan(run: dict[str, Any]) -> dict[str, Any]:
    plan: dict[str, Any] = run["context"]["run_file"]
    return plan


def test_strategies_of_one_run_only_have_gaps() -> None:
    """Three runs, of which one lacks a strategy, and one was saved by code."""
    less = changed(lambda run: run["summary"]["strategies"].pop("A_0"))
    bare = {"fingerprint": "cd", "summary": deepcopy(RUN["summary"])}
    three = compare(["one", "two", "three"], [RUN, less, bare])
    assert three.strategies["A_0"]["final_equity"] == ("60", None, "60")
    assert list(three.strategies) == ["A_0", "B_0"]
    assert not three.agrees
    assert three.differences["config"]["fill_at"] == ("close", "close", None)


def test_a_comparison_is_json() -> None:
    """Values are listed in the order of the runs."""
    document = compare(["one", "two"], [RUN, changed(lambda run: run.update(fingerprint="cd"))]).to_dict()
    assert json.loads(json.dumps(document)) == document
    assert document["runs"][1] == {"name": "two", "fingerprint": "cd"}
    assert document["fingerprints_agree"] is False
    assert document["measures"]["portfolio"]["cagr"] == ["0.1", "0.1"]
    assert document["differences"]["config"] == {}
