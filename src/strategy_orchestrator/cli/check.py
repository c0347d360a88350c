"""`orchestrate check`."""

from __future__ import annotations

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Manner, check_file


@click.command("check")
@options.FILE
@options.JSON
@options.DEBUG
def command(*, file: str, as_json: bool, debug: bool) -> int:
    """Check a run file, its plug-ins and its data without running it.

    All that is wrong is reported at once, one line each.
    """
    return check_file(file, Manner(as_json=as_json, debug=debug))
