"""Where the paths in a run file may lead.

A relative path starts at the folder of the run file and stays in it: a file that came from somebody else must not
reach into the reader's other folders by `..` or a link. Who means another folder writes its absolute path.
"""

from __future__ import annotations

import glob
from itertools import takewhile
from pathlib import Path

from strategy_orchestrator.errors import Fault, InputError


def data_path(text: str, folder: Path, where: str) -> str:
    """Return a path or pattern of the file as an absolute one.

    Parameters
    ----------
    text : str
        As written; `*`, `?`, `[...]` and `**` are wildcards, `~` is the home folder. An address such as
        `https://...` is returned as it is.
    folder : Path
        The folder of the run file.
    where : str
        Named in the error.

    Raises
    ------
    InputError
        If the text is empty, or a relative path leads out of the folder.
    """
    if not text.strip() or "\0" in text:
        raise InputError(Fault(where, f"{text!r} is not a path", "Write a file or a pattern: prices/*.csv", text))
    if "://" in text:
        return text
    path = Path(text).expanduser()
    if path.is_absolute():
        return str(path)
    root = folder.resolve()
    fixed = list(takewhile(lambda part: not glob.has_magic(part), path.parts))
    is_pattern = len(fixed) < len(path.parts)
    reached = [root.joinpath(*fixed)]
    if is_pattern:
        # Path.glob treats hidden files and ".." in other ways than the readers do.
        matches = glob.glob(text, root_dir=root, recursive=True)  # noqa: PTH207
        reached.extend(root / match for match in matches)
    for place in reached:
        if not place.resolve().is_relative_to(root):
            raise InputError(_escape(text, place.resolve(), root, where))
    start = folder.absolute()
    return str(Path(glob.escape(str(start)) if is_pattern else start) / path)


def _escape(text: str, place: Path, root: Path, where: str) -> Fault:
    problem = f"{text!r} leads to {place}, out of the folder of the run file, {root}"
    return Fault(where, problem, "Keep the data in that folder, or write the absolute path", text)
