"""One published fingerprint for the demo, however and wherever it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from strategy_orchestrator import (
    HistoricalDataBar,
    OrchestratorConfig,
    Position,
    StrategyError,
    StrategyOrchestrator,
)
from strategy_orchestrator.analysis import lag, returns
from strategy_orchestrator.arrays import AnyArray
from strategy_orchestrator.engine import rows
from strategy_orchestrator.kernel import making
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.testing import make_panel
from tests.property import demo

pytest.importorskip("orchestrator_starter", reason="the demo is a plug-in's")

PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "how-we-know.md"
IS_LONG: Final = os.environ.get("HYPOTHESIS_PROFILE") == "long"
THREADS: Final = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")
PLACES: Final = [
    # seed of hashes, threads, interpreted, plug-ins registered in reverse
    ("1", "1", "1", "reversed"),
    ("2", "4", "0", "sorted"),
    *((str(seed), str(1 + seed % 4), str(seed % 2), ("sorted", "reversed")[seed // 2 % 2]) for seed in range(3, 11)),
]


def published() -> str:
    """Return the fingerprint that the page tells."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if len(line) == 64 and set(line) <= set("0123456789abcdef"))


def test_it_is_the_published_one() -> None:
    """The demo books what the page says."""
    assert demo.fingerprint() == published()


@pytest.mark.parametrize("place", PLACES if IS_LONG else PLACES[:2], ids=" ".join)
def test_another_process_gives_the_same(place: tuple[str, str, str, str]) -> None:
    """Whatever the seed of hashes, the number of threads, the order of registration, compiled or not."""
    seed, threads, is_interpreted, order = place
    variables = {"PYTHONHASHSEED": seed, "NUMBA_DISABLE_JIT": is_interpreted, **dict.fromkeys(THREADS, threads)}
    done = subprocess.run(
        [sys.executable, str(Path(demo.__file__)), order],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == published()


def test_runs_beside_one_another_give_the_same() -> None:
    """Four at once in threads of one process, whose orders of registration differ, do not disturb each other."""
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(demo.fingerprint, ["sorted", "reversed"] * 2))
    assert found == {published()}


@pytest.fixture
def dirty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all memory that is taken from earlier runs hold something."""

    def filled(shape: tuple[int, ...], dtype: type) -> AnyArray:
        return np.full(int(np.prod(shape)) * np.dtype(dtype).itemsize, 0xA5, np.uint8).view(dtype).reshape(shape)

    for module in (making, rows, returns, lag):
        monkeypatch.setattr(module, "scratch", filled)


def test_what_was_in_memory_before_leaves_no_trace(request: pytest.FixtureRequest) -> None:
    """Memory of earlier runs is not cleared for the next: all of it that is read was written, also between fields."""
    clean = demo.result()
    request.getfixturevalue("dirty")
    found = demo.result()
    for name in ("equity", "gross", "reserve", "trades", "decisions"):
        assert getattr(found.record, name).tobytes() == getattr(clean.record, name).tobytes(), name
    assert found.aggregate_metrics == clean.aggregate_metrics


@pytest.mark.usefixtures("dirty")
def test_behind_the_last_bar_there_is_nothing() -> None:
    """Neither on the way nor after a failure; who looks at the record on the way changes nothing of it."""

    class Looking:
        def __init__(self) -> None:
            self.seen: list[RunRecord] = []

        def look(self, n_bars: int) -> bool:
            assert portfolio.record is not None
            self.seen.append(portfolio.record)
            assert n_bars <= 5, "enough"
            return n_bars == 1

        def should_enter(self, bars: Sequence[HistoricalDataBar]) -> bool:
            return self.look(len(bars))

        def should_exit(self, position: Position, bars: Sequence[HistoricalDataBar]) -> bool:
            return position.entry_price > 0 and self.look(len(bars))

    strategy = Looking()
    portfolio = StrategyOrchestrator([strategy], OrchestratorConfig(), equal_weights=True)
    with pytest.raises(StrategyError, match="enough"):
        portfolio.run(make_panel(9, 1), 1000)
    last = portfolio.record
    assert last is not None
    for record in (*strategy.seen, last):
        for name in ("equity", "gross", "reserve"):
            curve = getattr(record, name)
            assert not curve[record.n_bars :].any()
            assert np.array_equal(curve[: record.n_bars], getattr(last, name)[: record.n_bars])
    assert (last.equity[: last.n_bars] > 0).all()
