"""Reading saved runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from strategy_orchestrator.errors import DataError, Fault, RunError
from strategy_orchestrator.models.tables import frames_of
from strategy_orchestrator.store import load_run, save_failure, save_run
from strategy_orchestrator.store.folder import FileSeal, Staging
from strategy_orchestrator.store.seal import SEAL_FILE, SEALED_FILES, seal_bytes
from strategy_orchestrator.store.text import json_bytes
from tests.unit.store.builders import make_record, make_result


def reseal(folder: Path) -> None:
    """Seal a folder again after it was tampered with."""
    again = folder.with_name("again")
    again.mkdir()
    staging = Staging(again, again)
    for name in SEALED_FILES:
        staging.write(name, [(folder / name).read_bytes()])
    (folder / SEAL_FILE).write_bytes(seal_bytes(staging.seals))


def describe(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change run.json."""
    content = json.loads((folder / "run.json").read_text())
    change(content)
    (folder / "run.json").write_bytes(json_bytes(content))


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    """Tables, summary and fingerprint are those of the result."""
    result = make_result()
    saved = load_run(str(save_run(tmp_path / "run", result, {})))
    assert (saved.state, saved.is_sealed, saved.fingerprint) == ("COMPLETED", True, result.fingerprint)
    assert saved.summary == result.to_dict()
    frames = frames_of(result.record)
    assert saved.decisions.equals(frames["decisions"])
    assert saved.trades.equals(frames["trades"])
    assert saved.equity.equals(frames["equity"])
    assert saved.prices.columns == ["symbol", "timestamp", "bar", "open", "high", "low", "close", "volume", "check"]
    assert saved.prices.row(0, named=True)["open"] == 99_750_000
    assert saved.prices.height == 9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda about: about.update(format=2), "the format is 2; expected 1"),
        (lambda about: about.update(state="RUNNING"), "the state is 'RUNNING', which does not go with the seal"),
        (lambda about: about.update(state="FAILED"), "the state is 'FAILED', which does not go with the seal"),
        (lambda about: about.update(record=None), "record.strategy_ids is no list of names"),
        (lambda about: about["record"].update(strategy_ids=[1]), "record.strategy_ids is no list of names"),
        (lambda about: about.pop("fingerprint"), "the fingerprint or the summary is missing"),
        (
            lambda about: about["record"].update(strategy_ids=["other"]),
            "equity.parquet: the column 'other' is None; expected Decimal",
        ),
        (
            lambda about: about["record"].update(strategy_ids=about["record"]["strategy_ids"][:1]),
            "equity.parquet: the columns are timestamp, ",
        ),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    """Even under a good seal, run.json must be one of ours."""
    folder = save_run(tmp_path / "run", make_result(), {})
    describe(folder, change)
    reseal(folder)
    with pytest.raises(DataError) as caught:
        load_run(folder)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    """A file of rubbish under a good seal is one line of error."""
    folder = save_run(tmp_path / "run", make_result(), {})
    (folder / "trades.parquet").write_bytes(b"PAR1 rubbish PAR1")
    reseal(folder)
    with pytest.raises(DataError, match=r"trades.parquet: the file is not Parquet as it was saved: "):
        load_run(folder)


def test_a_table_of_another_type_is_refused(tmp_path: Path) -> None:
    """Money as floats is no money."""
    folder = save_run(tmp_path / "run", make_result(), {})
    pl.read_parquet(folder / "trades.parquet").with_columns(pl.col("pnl").cast(pl.Float64)).write_parquet(
        folder / "trades.parquet"
    )
    reseal(folder)
    with pytest.raises(DataError, match=r"trades.parquet: the column 'pnl' is Float64; expected Decimal"):
        load_run(folder)


def test_a_broken_seal_is_one_line(tmp_path: Path) -> None:
    """Several faults are told as the first and the number of the others."""
    folder = save_run(tmp_path / "run", make_result(), {})
    for name in ("trades.parquet", "equity.parquet"):
        (folder / name).write_bytes(b"")
    with pytest.raises(DataError, match=r"the file has 0 bytes; .*; and 1 more faults\.$"):
        load_run(folder)


def test_a_run_without_its_seal_is_refused(tmp_path: Path) -> None:
    """A completed run must be sealed."""
    folder = save_run(tmp_path / "run", make_result(), {})
    (folder / SEAL_FILE).unlink()
    with pytest.raises(DataError, match="the seal is missing"):
        load_run(folder)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    """An empty folder is said to hold no run."""
    with pytest.raises(DataError, match=r"there is no saved run; run.json is missing. Give the folder of a saved run"):
        load_run(tmp_path)


def test_a_failed_run_that_lost_a_table_is_refused(tmp_path: Path) -> None:
    """Without a seal a missing file is found when it is read."""
    folder = save_failure(tmp_path / "run", RunError(Fault("a", "b")), make_record(n_bars=2), {})
    (folder / "equity.parquet").unlink()
    with pytest.raises(DataError, match=r"equity.parquet: the file cannot be read: no such file"):
        load_run(folder)


def test_a_description_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operating system refuses is told in one line."""
    folder = save_run(tmp_path / "run", make_result(), {})

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match=r"run.json: the file cannot be read: permission denied"):
        load_run(folder)


def test_seals_are_plain_facts() -> None:
    """A seal has the hash and the size of each file."""
    content = json.loads(seal_bytes({"b": FileSeal("00", 1), "a": FileSeal("11", 2)}))
    assert list(content["files"]) == ["a", "b"]
    assert content["files"]["a"] == {"sha256": "11", "size": 2}
