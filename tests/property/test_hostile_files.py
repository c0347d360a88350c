"""Whatever a file holds, there is a result, or an error of one line a fault: no traceback, no hang, no endless memory.

HYPOTHESIS_PROFILE=long tries 200,000 inputs, `small` and the others some hundred; HOSTILE_INPUTS names another number.
"""

from __future__ import annotations

import gzip
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.hooks import PluginManager, create_plugin_manager
from strategy_orchestrator.market import load_panel
from strategy_orchestrator.run_file import draft_of, prepare_draft
from strategy_orchestrator.store import check_seal, load_run, record_of
from tests.property import hostile

IS_LONG: Final = os.environ.get("HYPOTHESIS_PROFILE") == "long"
N_INPUTS: Final = int(os.environ.get("HOSTILE_INPUTS", "200000" if IS_LONG else "400"))
SLOWEST_SECONDS: Final = 20.0
MOST_MEMORY: Final = 1 << 30
MOST_FAULTS: Final = 64
LONGEST_LINE: Final = 4000

often = settings(max_examples=max(1, N_INPUTS // 4), suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder, and see that all that is tried in it takes no memory without end."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield tmp_path_factory.mktemp("hostile")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < MOST_MEMORY


@pytest.fixture(name="manager", scope="module")
def _manager() -> PluginManager:
    """Return the plug-ins in the box."""
    return create_plugin_manager(autoload=False)


def is_harmless(call: Callable[[], Any]) -> bool:
    """Tell whether a call returns; what it raises has to be told in lines that a terminal shows as they are."""
    begun = perf_counter()
    try:
        call()
    except OrchestratorError as error:
        lines = [str(fault) for fault in error.faults]
        assert 0 < len(lines) <= MOST_FAULTS
        assert all(line.isprintable() and len(line) <= LONGEST_LINE for line in lines), lines
        return False
    finally:
        assert perf_counter() - begun < SLOWEST_SECONDS
    return True


@often
@given(
    seed=st.integers(0, len(hostile.csv_seeds()) - 1),
    changes=hostile.edits,
    table=st.one_of(st.none(), hostile.odd_tables()),
    adjust=st.sampled_from((None, "adj_close")),
)
@example(seed=7, changes=[], table=gzip.compress(b"date,close\n2024-01-02,1\n")[:-9], adjust=None)
def test_prices_in_csv(folder: Path, seed: int, changes: list[Any], table: bytes | None, adjust: str | None) -> None:
    """Text that is no table, tables that are no prices."""
    ending, content = hostile.csv_seeds()[seed]
    path = folder / f"AAPL{ending}"
    path.write_bytes(hostile.edited(content, changes) if table is None else table)
    is_harmless(lambda: load_panel(path, adjust=adjust))


@often
@given(
    seed=st.integers(0, len(hostile.parquet_seeds()) - 1),
    changes=hostile.edits,
    frame=st.one_of(st.none(), hostile.odd_frames()),
)
def test_prices_in_parquet(folder: Path, seed: int, changes: list[Any], frame: bytes | None) -> None:
    """Bytes that are no Parquet, columns that are no prices."""
    path = folder / "AAPL.parquet"
    path.write_bytes(hostile.edited(hostile.parquet_seeds()[seed], changes) if frame is None else frame)
    is_harmless(lambda: load_panel(path))


@often
@given(
    content=st.one_of(hostile.odd_run_files(), hostile.edits.map(lambda each: hostile.edited(hostile.RUN_FILE, each)))
)
def test_run_files(folder: Path, manager: PluginManager, content: bytes) -> None:
    """Text that is no TOML, TOML that is no run."""
    path = folder / "run.toml"
    path.write_bytes(content)
    is_harmless(lambda: prepare_draft(draft_of(path), manager))


@often
@given(odd=hostile.odd_folders())
@example(odd=hostile.OddFolder("run.json", path=("data", "symbols", 0, "symbol"), is_sealed_again=True))
def test_run_folders(folder: Path, odd: hostile.OddFolder) -> None:
    """Folders that are no runs, and runs with a seal that lies."""
    place = folder / "run"
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    for name, content in odd.files.items():
        (place / name).write_bytes(content)
    assert all(str(fault).isprintable() for fault in check_seal(place))
    is_harmless(lambda: record_of(load_run(place)))
