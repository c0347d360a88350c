"""`orchestrate run`."""

from __future__ import annotations

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Choice, Keeping, Manner, run_file
from strategy_orchestrator.hooks.switches import Wish


@click.command("run")
@options.FILE
@options.OUT
@options.run_switches
@options.RESUME
@options.SNAPSHOT_SECONDS
@options.LOCKED
@options.LOCK
@options.JSON
@options.QUIET
@options.DEBUG
def command(
    *,
    file: str,
    out: str | None,
    wish: Wish,
    resume: bool,
    snapshot_seconds: float,
    locked: bool,
    lock: str | None,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Run a backtest from a run file and save it.

    The exit status is 0 only if a sealed result exists. Set logging_level in [run] to see the log on standard error.
    """
    choice = Choice(wish, options.lock_of(lock, is_locked=locked))
    keeping = Keeping(resume, snapshot_seconds)
    return run_file(file, out, Manner(as_json=as_json, is_quiet=quiet, debug=debug), choice, keeping)
