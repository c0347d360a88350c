"""What several kinds of checks refuse, in the same words."""

from __future__ import annotations

from typing import Final

from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.testing.answers import Answers, first_difference, value_text
from strategy_orchestrator.testing.snapshots import Snapshot
from strategy_orchestrator.testing.trials import Place, Trial

_SAME: Final = "The same question must get the same answer"


def refuse_difference(  # two answers, to what, and the words for it
    trial: Trial, panel: Panel, seen: Answers, other: Answers, when: str, *, remedy: str = _SAME
) -> None:
    """Refuse two answers to one question.

    Parameters
    ----------
    when : str
        When the second was given, to end a sentence.
    remedy : str
        What to do.

    Raises
    ------
    ContractError
        With the first bar and symbol at which they differ.
    """
    found = first_difference(seen, other, panel.n_bars, exactly=True)
    if found is None:
        return
    problem = f"{found.name} is {value_text(found.seen)} at first, but {value_text(found.other)} {when}"
    place = None if found.bar is None else Place(panel, found.bar, found.column)
    raise trial.failed(problem, remedy, place)


def refuse_changes(trial: Trial, before: Snapshot, name: str) -> None:
    """Refuse what was changed of the things that were handed in.

    Raises
    ------
    ContractError
        With the names of what is another thing now.
    """
    changes = before.changes()
    if changes:
        listed = ", ".join(f"{name}.{change}".rstrip(".#") for change in changes)
        raise trial.failed(f"it changed {listed}", "What it is given is read-only; copy what you change")


def refuse_reaching(trial: Trial, found: list[str]) -> None:
    """Refuse what was reached for besides what was handed in.

    Raises
    ------
    ContractError
        With the first file, host or program.
    """
    if found:
        remedy = "Decide from what you are given; read what else you need when the object is made"
        raise trial.failed(f"while it decided it {found[0]}", remedy)
