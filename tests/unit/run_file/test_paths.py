"""Where paths in a run file may lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategy_orchestrator.errors import InputError
from strategy_orchestrator.run_file.paths import data_path


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """Return a folder with prices in it, and a secret beside it."""
    folder = tmp_path / "mine"
    (folder / "prices").mkdir(parents=True)
    (folder / "prices" / "A.csv").write_text("x")
    (tmp_path / "secret.csv").write_text("x")
    return folder


@pytest.mark.parametrize("text", ["prices/A.csv", "prices/*.csv", "./prices", "prices/../prices/A.csv", "**/*.csv"])
def test_a_path_inside_the_folder_starts_there(text: str, folder: Path) -> None:
    """Relative paths and patterns become absolute."""
    assert data_path(text, folder, "data.path") == str(folder / text)


def test_an_absolute_path_is_taken_as_written(folder: Path) -> None:
    """Who writes an absolute path means it."""
    assert data_path("/srv/prices.csv", folder, "data.path") == "/srv/prices.csv"


def test_the_home_folder_is_understood(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde stands for the home folder."""
    monkeypatch.setenv("HOME", "/home/somebody")
    assert data_path("~/prices.csv", folder, "data.path") == "/home/somebody/prices.csv"


def test_an_address_is_left_alone(folder: Path) -> None:
    """What is no path belongs to the source."""
    assert data_path("https://example.org/p.csv", folder, "data.path") == "https://example.org/p.csv"


@pytest.mark.parametrize("text", ["../secret.csv", "prices/../../secret.csv", "../*.csv", "prices/../../*.csv"])
def test_a_path_out_of_the_folder_is_refused(text: str, folder: Path) -> None:
    """Two points do not lead out of the folder."""
    with pytest.raises(InputError, match=r"data\.path: .* out of the folder of the run file"):
        data_path(text, folder, "data.path")


@pytest.mark.parametrize("text", ["prices/B.csv", "prices/*.csv"])
def test_a_link_out_of_the_folder_is_refused(text: str, folder: Path) -> None:
    """A link that leads out is refused, named or matched by a pattern."""
    (folder / "prices" / "B.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(InputError, match="write the absolute path"):
        data_path(text, folder, "data.path")


@pytest.mark.parametrize("text", ["", "  ", "a\0b"])
def test_a_text_that_is_no_path_is_refused(text: str, folder: Path) -> None:
    """Empty text and a null character are no path."""
    with pytest.raises(InputError, match="is not a path"):
        data_path(text, folder, "data.path")


def test_wildcards_in_the_name_of_the_folder_are_not_wildcards(tmp_path: Path) -> None:
    """A folder may be called [2020]."""
    folder = tmp_path / "[2020]"
    folder.mkdir()
    assert data_path("*.csv", folder, "data.path") == f"{tmp_path}/[[]2020]/*.csv"
