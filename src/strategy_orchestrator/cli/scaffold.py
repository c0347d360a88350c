"""Write a new plug-in from the templates in `templates/`.

The files of `common` and of the kind's own folder are filled in and written, all or none. In their paths `package`
stands for the name of the package; `.txt` is dropped.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template
from typing import Final

from strategy_orchestrator._version import __version__
from strategy_orchestrator.cli.naming import Names
from strategy_orchestrator.errors import Fault, InputError
from strategy_orchestrator.hooks.markers import API_VERSION

SUMMARIES: Final = {
    "strategy": "Buys above the highest close of the bars before, sells below the lowest.",
    "resolver": "Settles opposite signals by the lead in weight.",
    "rebalancer": "Moves money back to the configured weights by the calendar.",
    "source": "Makes prices up: random walks on working days.",
    "metric": "Measures how deep and how long drawdowns are.",
}
_MODULES: Final = {
    "strategy": "strategies",
    "resolver": "resolvers",
    "rebalancer": "rebalancers",
    "source": "sources",
    "metric": "metrics",
}
_SUFFIX: Final = ".txt"
_HIDDEN: Final = "gitignore"


def write_plugin(names: Names, kind: str, parent: Path) -> list[PurePosixPath]:
    """Write the distribution of a new plug-in.

    Parameters
    ----------
    names : Names
        What it is called.
    kind : str
        What it offers.
    parent : Path
        Where its folder is made; made as well if need be.

    Returns
    -------
    list of PurePosixPath
        The files, relative to its folder `parent / names.distribution`, sorted.

    Raises
    ------
    InputError
        If there is something of this name already, or the files cannot be written.
    """
    folder = parent / names.distribution
    if folder.exists() or folder.is_symlink():
        remedy = "Choose another name, or another place with --out"
        raise InputError(Fault(str(folder), "there is something of this name already", remedy))
    contents = dict(rendered(names, kind))
    draft = parent / f".{names.distribution}-{secrets.token_hex(4)}"
    try:
        for path, text in contents.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        problem = f"it cannot be written: {error.strerror or error}"
        raise InputError(Fault(str(folder), problem, "Choose another place with --out")) from error
    return sorted(contents)


def rendered(names: Names, kind: str) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the path and the text of every file."""
    values = {
        "api": str(API_VERSION),
        "class_name": names.class_name,
        "distribution": names.distribution,
        "module": _MODULES[kind],
        "package": names.package,
        "summary": SUMMARIES[kind],
        "thing": names.thing,
        "version": __version__,
        "what": f"the {kind}",
    }
    templates = files("strategy_orchestrator.cli") / "templates"
    for group in ("common", kind):
        for path, file in _walk(templates / group, PurePosixPath()):
            yield _target(path, names), Template(file.read_text(encoding="utf-8")).substitute(values)


def _walk(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, path / item.name)
        elif item.name.endswith(_SUFFIX):
            yield path / item.name, item


def _target(path: PurePosixPath, names: Names) -> PurePosixPath:
    name = path.name.removesuffix(_SUFFIX)
    folders = [names.package if part == "package" else part for part in path.parent.parts]
    return PurePosixPath(*folders, f".{name}" if name == _HIDDEN else name)
