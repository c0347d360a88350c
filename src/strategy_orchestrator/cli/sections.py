"""Have plug-ins write sections of a report, each in a process of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from strategy_orchestrator.cli.jobs import Choice, ended
from strategy_orchestrator.cli.messages import Job, Message, error_of
from strategy_orchestrator.cli.supervise import Outcome, supervise
from strategy_orchestrator.errors import Fault, OrchestratorError, PluginError
from strategy_orchestrator.report import ForeignSection

_ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A section that was asked for.

    Attributes
    ----------
    section : ForeignSection
        What was written, or why not.
    error : OrchestratorError or None
        Why not.
    """

    section: ForeignSection
    error: OrchestratorError | None = None


def ask(name: str, folder: str, choice: Choice, *, debug: bool) -> Asked:
    """Have a plug-in write a section; what it does to its process harms nothing else.

    Parameters
    ----------
    name : str
        `name` or `distribution:name`.
    folder : str
        Of the run.

    Raises
    ------
    OrchestratorError
        If something else than a plug-in is wrong: nobody offers the section, or the run cannot be read.
    """
    job = Job("section", folder, None, secrets.token_hex(_ID_BYTES), debug, choice.wish, choice.lock, name)
    outcome = supervise(job, _ignore)
    final = outcome.final
    if final is not None and final["event"] == "written":
        return Asked(ForeignSection(name, str(final["owner"]), str(final["content"])))
    error = _vanished(name, outcome) if final is None else error_of(final)
    if not isinstance(error, PluginError):
        raise error
    return Asked(ForeignSection(name, problem=" ".join(map(str, error.faults))), error)


def _ignore(message: Message) -> None:
    del message


def _vanished(name: str, outcome: Outcome) -> PluginError:
    problem = f"the process ended {ended(outcome.exit_status)} while {outcome.stage}"
    remedy = "Report it to the authors of the plug-in, or leave the section out"
    return PluginError(Fault(f"report section {name!r}", problem, remedy, outcome.exit_status))
