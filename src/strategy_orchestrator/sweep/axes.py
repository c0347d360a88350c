"""What the names of a grid mean in a run file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from strategy_orchestrator.errors import Fault, unknown_name
from strategy_orchestrator.run_file import GridAxis

OPTION_TABLES: Final = ("cost_model", "rebalancer", "resolver", "sizer")
"""Tables whose options a grid may name: `sizer.fraction`."""

Path = tuple[str | int, ...]

_RUN: Final = "run"
_FIXED: Final = {
    "data": "the prices are loaded once for all runs",
    "plugins": "the plug-ins are the same for all runs",
    "sweep": "it says how the runs are made",
}
_EXITS: Final = "protective_exits"


def paths_of(
    axes: Sequence[GridAxis], tables: Mapping[str, Any], ids: Sequence[str | None]
) -> tuple[list[Path], list[Fault]]:
    """Return where in the file each thing is that a grid varies, and what is wrong with the names.

    Parameters
    ----------
    tables : mapping
        The file; `strategy` is a list of tables.
    ids : sequence of str or None
        Of its strategies, as far as they are known.
    """
    owners = _owners(tables, ids)
    paths: list[Path] = []
    faults: list[Fault] = []
    seen: dict[Path, GridAxis] = {}
    for axis in axes:
        found = _path_of(axis, owners)
        if isinstance(found, Fault):
            faults.append(found)
        elif seen.setdefault(found, axis) is not axis:
            faults.append(Fault(axis.where, f"it is the same as {seen[found].name}", "Leave one of the two out"))
        else:
            paths.append(found)
    return paths, faults


def _owners(tables: Mapping[str, Any], ids: Sequence[str | None]) -> dict[str, list[int]]:
    # By each name the places of the strategies that it may mean; a label comes before an id, and that before what is
    # used, which several may share.
    strategies: list[Mapping[str, Any]] = tables["strategy"]
    uses: dict[str, list[int]] = {}
    for place, strategy in enumerate(strategies):
        for name in {str(strategy.get("use")), str(strategy.get("use")).rpartition(":")[2]}:
            uses.setdefault(name, []).append(place)
    by_id = {name: [place] for place, name in enumerate(ids) if name is not None}
    labels = {str(each["label"]): [place] for place, each in enumerate(strategies) if "label" in each}
    return uses | by_id | labels


def _path_of(axis: GridAxis, owners: Mapping[str, list[int]]) -> Path | Fault:
    # Names of strategies may have periods in them; the longest that fits is meant.
    known = [name for name in (*owners, _RUN, *OPTION_TABLES, *_FIXED) if f"{axis.name}.".startswith(f"{name}.")]
    if not known:
        asked = axis.name.partition(".")[0]
        return unknown_name(axis.where, "strategy or table", asked, {*owners, _RUN, *OPTION_TABLES})
    owner = max(known, key=len)
    rest = axis.name[len(owner) + 1 :]
    if owner not in owners and owner in _FIXED:
        return Fault(axis.where, f"[{owner}] cannot vary: {_FIXED[owner]}", "Vary [run] or the strategies")
    if not rest:
        return Fault(axis.where, f"{owner!r} alone names no option", f"Write {owner}.<option> = [...]")
    if owner in owners:
        return _of_strategy(axis, owner, rest, owners[owner])
    return (_RUN, rest) if owner == _RUN else (owner, "params", rest)


def _of_strategy(axis: GridAxis, owner: str, rest: str, places: Sequence[int]) -> Path | Fault:
    if len(places) > 1:
        listed = " and ".join(f"strategy[{place + 1}]" for place in places)
        return Fault(axis.where, f"{owner!r} may mean {listed}", "Give each a label and name that")
    exits, _, key = rest.partition(".")
    if exits == _EXITS and key:
        return ("strategy", places[0], _EXITS, key)
    return ("strategy", places[0], "params", rest)


def known_ids(names: Iterable[str | None], labels: Iterable[str | None]) -> list[str | None]:
    """Return the ids of strategies by their classes and labels; None where the class is not known.

    An id counts the strategies of its name before it, so that none is known after one of unknown class.

    Examples
    --------
    >>> known_ids(["RSI", "RSI", None, None, "RSI"], [None, None, "slow", None, None])
    ['RSI_0', 'RSI_1', 'slow_0', None, None]
    """
    seen: dict[str, int] = {}
    ids: list[str | None] = []
    is_lost = False
    for name, label in zip(names, labels, strict=True):
        base = name if label is None else label
        is_lost |= base is None
        if base is None or (is_lost and label is None):
            ids.append(None)
            continue
        ids.append(f"{base}_{seen.get(base, 0)}")
        seen[base] = seen.get(base, 0) + 1
    return ids
