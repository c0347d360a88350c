"""What breaks a seal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.store import check_seal, is_sealed, save_run
from tests.unit.store.builders import make_result


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a seal."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def flip(path: Path) -> None:
    """Change one byte of a file, not its size."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda run: flip(run / "trades.parquet"), "trades.parquet: the file was changed after it was sealed"),
        (lambda run: flip(run / "run.json"), "run.json: the file was changed after it was sealed"),
        (lambda run: (run / "events.jsonl").write_text(""), "events.jsonl: the file has 0 bytes; when it was sealed"),
        (lambda run: (run / "gross.parquet").unlink(), "gross.parquet: the file cannot be read: no such file"),
        (lambda run: (run / "seal.json").unlink(), "seal.json: the seal is missing: the run failed or was not saved"),
        (lambda run: (run / "seal.json").write_text("{"), "seal.json: the file is not JSON"),
        (lambda run: (run / "seal.json").write_text("[NaN]"), "seal.json: the file is not JSON"),
        (lambda run: (run / "seal.json").write_text("[" * 100_000), "seal.json: the file is not JSON"),
        (lambda run: (run / "seal.json").write_text("[]"), "seal.json: the file holds no JSON object"),
        (lambda run: (run / "seal.json").write_bytes(b"\xff"), "seal.json: the file is not JSON"),
        (lambda run: edit(run / "seal.json", lambda seal: seal.update(format=9)), "the seal is not of format 1"),
        (lambda run: edit(run / "seal.json", lambda seal: seal.update(files=[])), "the seal is not of format 1"),
        (
            lambda run: edit(run / "seal.json", lambda seal: seal["files"].pop("trades.parquet")),
            "seal.json: the seal does not name 'trades.parquet'",
        ),
        (
            lambda run: edit(run / "seal.json", lambda seal: seal["files"].update({"../x": {"sha256": "", "size": 0}})),
            "the entry '../x' is not a file name with its sha256 and size",
        ),
        (
            lambda run: edit(run / "seal.json", lambda seal: seal["files"].update({"run.json": 3})),
            "the entry 'run.json' is not a file name with its sha256 and size",
        ),
    ],
)
def test_every_damage_is_found_and_named(tmp_path: Path, damage: Callable[[Path], object], words: str) -> None:
    """One thing is broken, and exactly that is said."""
    folder = save_run(tmp_path / "run", make_result(), {})
    damage(folder)
    (fault,) = check_seal(folder)
    assert words in str(fault)
    assert not is_sealed(folder)


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    """Two damaged files are two faults."""
    folder = save_run(tmp_path / "run", make_result(), {})
    flip(folder / "trades.parquet")
    flip(folder / "equity.parquet")
    assert len(check_seal(str(folder))) == 2


def test_a_file_that_was_added_later_is_no_fault(tmp_path: Path) -> None:
    """A report may lie beside the run."""
    folder = save_run(tmp_path / "run", make_result(), {})
    (folder / "report.html").write_text("")
    assert is_sealed(folder)


def test_a_folder_that_is_not_there_is_not_sealed(tmp_path: Path) -> None:
    """A wrong path is said to be one."""
    (fault,) = check_seal(tmp_path / "nowhere")
    assert "there is no such folder" in str(fault)
