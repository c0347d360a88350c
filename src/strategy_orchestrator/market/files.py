"""Which files a path, a folder, a pattern or a list of these names."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from strategy_orchestrator.errors import DataError, Fault, shortened

CSV_ENDINGS: Final = (".csv", ".csv.gz")
PARQUET_ENDINGS: Final = (".parquet", ".pq")
_ENDINGS: Final = (*CSV_ENDINGS, *PARQUET_ENDINGS)
_LISTED: Final = "CSV (.csv, .csv.gz) and Parquet (.parquet, .pq)"


def find_files(path: object) -> list[Path]:
    """Return the files that are meant, those of a folder or pattern sorted by name.

    Of a folder, the files in it that are CSV or Parquet by their name are meant, hidden ones and folders in it not.

    Raises
    ------
    DataError
        With one fault for each path that names nothing that can be read.
    """
    faults: list[Fault] = []
    files: list[Path] = []
    given = path if isinstance(path, list | tuple) else [path]
    for item in given:
        try:
            files.extend(_files_of(item))
        except DataError as error:
            faults.extend(error.faults)
    files = list(dict.fromkeys(files))
    if not given:
        faults.append(Fault("path", "the list is empty", "Name at least one file"))
    if faults:
        raise DataError(shortened(faults))
    return files


def ending(path: Path) -> str:
    """Return the ending by which a file is read, or "" when it is none of ours."""
    name = path.name.casefold()
    return next((each for each in _ENDINGS if name.endswith(each)), "")


def stem(path: Path) -> str:
    """Return the name of a file without its ending.

    Examples
    --------
    >>> stem(Path("prices/BRK.B.csv.gz"))
    'BRK.B'
    """
    return path.name[: len(path.name) - len(ending(path))]


def _files_of(item: object) -> Iterable[Path]:
    if not isinstance(item, str | Path):
        problem = f"{item!r} is no path; expected a file, a folder, a pattern such as prices/*.csv, or a list of these"
        raise DataError(Fault("path", problem, value=item))
    text = str(item)
    if not text.strip() or "\0" in text:
        raise DataError(Fault("path", f"{text!r} is not a path", "Write a file, a folder or a pattern", text))
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return _in_folder(path, text)
        if path.exists():
            return [_checked(path)]
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(Fault(text, f"the path cannot be looked at: {reason.lower()}")) from None
    if not glob.has_magic(text):
        place = "" if path.is_absolute() else f"; looked for it in {Path.cwd()}"
        raise DataError(Fault(text, f"there is no such file or folder{place}", "Correct the path", text))
    # Path.glob refuses absolute patterns.
    found = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
    files = [match for match in found if match.is_file()]
    if not files:
        raise DataError(Fault(text, "no file matches the pattern", "Correct it; * stands for any text", text))
    return [_checked(match) for match in files]


def _in_folder(path: Path, text: str) -> list[Path]:
    files = [
        each for each in sorted(path.iterdir()) if not each.name.startswith(".") and ending(each) and each.is_file()
    ]
    if not files:
        raise DataError(Fault(text, f"the folder holds no file of prices; {_LISTED} are read", value=text))
    return files


def _checked(path: Path) -> Path:
    if not ending(path):
        problem = f"the ending {path.suffix!r} does not say how to read the file; {_LISTED} are read"
        raise DataError(Fault(str(path), problem, "Rename or convert it", str(path)))
    return path
