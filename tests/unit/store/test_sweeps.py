"""A sweep on the disk: sealed when it is complete, the same bytes for the same rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from strategy_orchestrator.store import SEALED_SWEEP_FILES, check_seal, save_sweep
from strategy_orchestrator.store.sweeps import sweep_frame
from strategy_orchestrator.sweep import described
from tests.unit.store.builders import make_panel
from tests.unit.sweep.builders import row_of

FAILED = {"kind": "RunError", "exit_status": 1, "message": "it broke"}


def document() -> dict[str, Any]:
    """Return a sweep of two runs, of which one failed."""
    return described(
        {"fast": [1, 2]}, [row_of(1), row_of(2, error=FAILED, fingerprint=None, final_equity=None, measures={})], []
    )


def test_a_sweep_is_sealed(tmp_path: Path) -> None:
    """All files are there and as they were saved; what belongs to it stands beside it."""
    folder = save_sweep(tmp_path / "it", document(), make_panel(), {"run_id": "1", "files": [__file__]})
    assert folder == tmp_path / "it"
    assert {path.name for path in folder.iterdir()} == {*SEALED_SWEEP_FILES, "seal.json"}
    assert check_seal(folder, SEALED_SWEEP_FILES) == []
    saved = json.loads((folder / "sweep.json").read_text())
    assert (saved["format"], saved["state"], saved["counts"]["failed"]) == (1, "COMPLETED", 1)
    assert saved["data"]["n_bars"] == 5
    context = json.loads((folder / "context.json").read_text())
    assert context["context"] == {"run_id": "1"}
    assert context["files"][0]["path"] == __file__
    (folder / "sweep.parquet").write_bytes(b"x")
    assert [fault.where for fault in check_seal(folder, SEALED_SWEEP_FILES)] == [str(folder / "sweep.parquet")]


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    """When and by what they were made is in another file."""
    one, two = (save_sweep(tmp_path / name, document(), make_panel(), {"run_id": name}) for name in ("one", "two"))
    for name in ("sweep.json", "sweep.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    assert (one / "context.json").read_bytes() != (two / "context.json").read_bytes()


def test_what_is_not_complete_has_no_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are there all the same, and its default name says what it is."""
    monkeypatch.chdir(tmp_path)
    folder = save_sweep(None, document(), None, {}, is_complete=False)
    assert folder.parent == tmp_path / "sweeps"
    assert folder.name.endswith("-incomplete")
    assert [fault.problem.partition(":")[0] for fault in check_seal(folder, SEALED_SWEEP_FILES)] == [
        "the seal is missing"
    ]
    assert json.loads((folder / "sweep.json").read_text())["state"] == "INCOMPLETE"


def test_the_default_name_has_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time, as that of a run has."""
    monkeypatch.chdir(tmp_path)
    assert save_sweep(None, document(), None, {}).name.endswith(f"-{document()['fingerprint'][:8]}")


COLUMNS: list[tuple[list[object], pl.DataType]] = [
    ([1, 2], pl.Int64()),
    ([1, 2**70], pl.Float64()),
    ([True, False], pl.Boolean()),
    (["0.001", "0"], pl.Float64()),
    ([1, "2.5"], pl.Float64()),
    (["NET_SIGNAL", "2"], pl.String()),
    (["inf", "2"], pl.String()),
    ([True, 1], pl.String()),
    ([[1], [2]], pl.String()),
    ([1, 10**400], pl.String()),
]


@pytest.mark.parametrize(("values", "kind"), COLUMNS)
def test_a_column_is_of_numbers_where_all_values_are(values: list[object], kind: pl.DataType) -> None:
    """What is no number is text."""
    rows = [row_of(place, params={"fast": value}) for place, value in enumerate(values, 1)]
    assert sweep_frame({"grid": {"fast": values}, "rows": rows})["params.fast"].dtype == kind


def test_a_row_holds_what_came_of_a_run() -> None:
    """Money is exact, measures are floats, what is undefined or failed is null."""
    measures = {"sharpe_ratio": "0.5", "cagr": None, "run": "7"}
    rows = [row_of(1, final_equity="1000.000001", measures=measures), document()["rows"][1]]
    frame = sweep_frame({"grid": {"fast": [1, 2]}, "rows": rows})
    assert frame.columns == [
        "run", "params.fast", "fingerprint", "final_equity", "sharpe_ratio", "cagr", "measure.run", "error",
    ]  # fmt: skip
    assert [str(value) for value in frame.row(0)[3:]] == ["1000.000001", "0.5", "None", "7.0", "None"]
    assert frame.row(1) == (2, 2, None, None, None, None, None, "it broke")
