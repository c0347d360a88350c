"""Which files a path means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strategy_orchestrator.errors import DataError
from strategy_orchestrator.market.files import find_files


def make(folder: Path, *names: str) -> None:
    """Make empty files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("b.csv", ["b.csv"]),
        ("", ["B.PQ", "[x].csv", "a.parquet", "b.csv", "c.csv.gz"]),
        ("*.csv", ["[x].csv", "b.csv"]),
        ("[x].csv", ["[x].csv"]),
        ("**/*.csv", ["[x].csv", "b.csv", "more/d.csv"]),
        ("[ab].*", ["a.parquet", "b.csv"]),
    ],
)
def test_files_folders_and_patterns_are_found(path: str, names: list[str], tmp_path: Path) -> None:
    """Files of a folder or pattern come in the order of their names; a name is first taken as it is written."""
    make(
        tmp_path,
        "b.csv",
        "a.parquet",
        "c.csv.gz",
        "[x].csv",
        "B.PQ",
        ".hidden.csv",
        "README.md",
        "more/d.csv",
        "e.csv/f",
    )
    assert [file.relative_to(tmp_path).as_posix() for file in find_files(str(tmp_path / path))] == names


def test_a_list_keeps_its_order_and_names_each_file_once(tmp_path: Path) -> None:
    """A file that two items name is read once."""
    make(tmp_path, "a.csv", "b.csv")
    assert find_files([tmp_path / "b.csv", f"{tmp_path}/*.csv"]) == [tmp_path / "b.csv", tmp_path / "a.csv"]


RENAME = "Rename or convert it."
READ = "CSV (.csv, .csv.gz) and Parquet (.parquet, .pq) are read"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (
            lambda _: 5,
            "path: 5 is no path; expected a file, a folder, a pattern such as prices/*.csv, or a list of these.",
        ),
        (lambda _: [], "path: the list is empty. Name at least one file."),
        (lambda _: " ", "path: ' ' is not a path. Write a file, a folder or a pattern."),
        (lambda _: "a\0b", "path: 'a\\x00b' is not a path. Write a file, a folder or a pattern."),
        (lambda here: here / "no.csv", "{here}/no.csv: there is no such file or folder. Correct the path."),
        (lambda here: f"{here}/*.tsv", "{here}/*.tsv: no file matches the pattern. Correct it; * stands for any text."),
        (lambda here: here / "empty", f"{{here}}/empty: the folder holds no file of prices; {READ}."),
        (
            lambda here: here / "prices.xlsx",
            f"{{here}}/prices.xlsx: the ending '.xlsx' does not say how to read the file; {READ}. {RENAME}",
        ),
        (
            lambda here: here / ("x" * 300),
            "{here}/" + "x" * 300 + ": the path cannot be looked at: file name too long.",
        ),
    ],
)
def test_a_path_to_nothing_is_refused(path: Callable[[Path], object], problem: str, tmp_path: Path) -> None:
    """The line says what was looked for."""
    make(tmp_path, "prices.xlsx", "empty/readme.txt")
    with pytest.raises(DataError) as caught:
        find_files(path(tmp_path))
    assert str(caught.value) == problem.format(here=tmp_path)


def test_a_relative_path_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most missing files are files of another folder."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"no\.csv: there is no such file or folder; looked for it in /.*\. Correct"):
        find_files("no.csv")


def test_a_home_that_is_not_known_is_told() -> None:
    """Nobody has that name."""
    with pytest.raises(DataError, match=r"~nobody-at-all/x: the path cannot be looked at: "):
        find_files("~nobody-at-all/x")


def test_all_paths_are_looked_at(tmp_path: Path) -> None:
    """Two missing files are two faults."""
    with pytest.raises(DataError) as caught:
        find_files([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert len(caught.value.faults) == 2
