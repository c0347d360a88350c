"""Which plug-ins a worker loads: the options, the environment and the run file, and the lock."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path

from strategy_orchestrator.cli.messages import Job
from strategy_orchestrator.hooks import PluginManager
from strategy_orchestrator.hooks.lock import check_lock
from strategy_orchestrator.hooks.switches import ENVIRONMENT, OPTIONS, RUN_FILE, decided, wish_of_environment
from strategy_orchestrator.run_file import PluginSwitches


def chosen_plugins(job: Job, table: PluginSwitches) -> PluginManager:
    """Return the plug-ins for a job.

    Parameters
    ----------
    table : PluginSwitches
        What the run file says; options and environment come before it.

    Raises
    ------
    OrchestratorError
        If a switch is misspelt, or a plug-in differs from the lock; none was imported then.
    """
    places = {switch: f"{job.path}: {key}" for switch, key in RUN_FILE.items()}
    switches = decided((OPTIONS, job.wish), (ENVIRONMENT, wish_of_environment()), (places, table.wish()))
    if job.lock is not None:
        check_lock(Path(job.lock), switches)
        _ignore_compiled()
    return PluginManager((), switches)


def _ignore_compiled() -> None:
    # The lock knows sources; compiled files beside them could hold anything. Processes that we start do the same.
    sys.pycache_prefix = str(Path(tempfile.gettempdir(), f"orchestrate-{secrets.token_hex()}"))
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPYCACHEPREFIX": sys.pycache_prefix, "PYTHONDONTWRITEBYTECODE": "1"}
