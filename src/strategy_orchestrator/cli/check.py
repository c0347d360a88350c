"""`orchestrate check`."""

from __future__ import annotations

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Choice, Manner, check_file
from strategy_orchestrator.hooks.switches import Wish


@click.command("check")
@options.FILE
@options.run_switches
@options.LOCKED
@options.LOCK
@options.JSON
@options.DEBUG
def command(*, file: str, wish: Wish, locked: bool, lock: str | None, as_json: bool, debug: bool) -> int:
    """Check a run file, its plug-ins and its data without running it.

    All that is wrong is reported at once, one line each.
    """
    choice = Choice(wish, options.lock_of(lock, is_locked=locked))
    return check_file(file, Manner(as_json=as_json, debug=debug), choice)
