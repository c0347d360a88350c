"""What a worker can be asked to do with a saved run: have a plug-in write a section of its report.

It loads no kernel, for nothing is run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from strategy_orchestrator.cli.choosing import chosen_plugins
from strategy_orchestrator.cli.messages import Job, Reporter
from strategy_orchestrator.report.foreign import written_by
from strategy_orchestrator.run_file import PluginSwitches
from strategy_orchestrator.store import load_run, result_of


def section(job: Job, reporter: Reporter) -> int:
    """Have a plug-in write a section about a saved run, tell what it wrote, and return the exit status.

    Raises
    ------
    OrchestratorError
        If the run cannot be read, nobody offers the section, or the plug-in fails.
    """
    reporter.tell("stage", name="loading plug-ins")
    manager = chosen_plugins(job, PluginSwitches())
    offer = manager.find("report_section", job.section, "--section")
    made: Any = manager.build(offer, {}, "")
    reporter.tell("stage", name="loading the run")
    result = result_of(load_run(job.path))
    reporter.tell("stage", name="writing the section")
    reporter.tell("written", owner=offer.plugin.owner, content=written_by(made, result, offer.where))
    return 0


TASKS: Final[dict[str, Callable[[Job, Reporter], int]]] = {"section": section}
