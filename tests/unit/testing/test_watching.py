"""Which files count as looking elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from strategy_orchestrator.testing.watching import watched


class Own:
    """Lies in a module of the tests."""


def read(path: Path) -> None:
    """Open and close a file."""
    with path.open("rb"):
        pass


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of data."""
    path = tmp_path / "future.csv"
    path.write_text("1", encoding="utf-8")
    return path


def test_a_file_is_seen_while_somebody_watches(file: Path) -> None:
    """Before and after, nothing is heard."""
    read(file)
    with watched(Own()) as found:
        read(file)
        os.close(os.open(file, os.O_RDONLY))
    read(file)
    assert found == [f"opened the file {str(file)!r}"] * 2


def test_code_and_the_system_do_not_count() -> None:
    """Importing reads files, and so do time zones and the machine itself."""
    with watched(Own()) as found:
        read(Path(__file__))
        read(Path("/dev/null"))
        with os.fdopen(os.open(os.devnull, os.O_RDONLY)):
            pass
    assert found == []


def test_data_of_an_installed_library_do_not_count() -> None:
    """Only those of the plug-in's own package, for it may ship the answers."""
    path = next(Path(pytest.__file__).parent.rglob("py.typed"))
    with watched(Own()) as found:
        read(path)
    assert found == []
    with watched(pytest.MonkeyPatch()) as found:
        read(path.parent.parent / "_pytest" / "py.typed")
    assert len(found) == 1


def test_programs_are_seen() -> None:
    """Somebody else may look for one."""
    with watched(Own()) as found:
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert any(item.startswith("started") for item in found)


def test_other_threads_are_not_heard(file: Path) -> None:
    """What a test runner does meanwhile is its own business."""
    with watched(Own()) as found:
        thread = threading.Thread(target=read, args=(file,))
        thread.start()
        thread.join()
    assert found == []
