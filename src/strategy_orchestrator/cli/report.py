"""`orchestrate report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.errors import DataError, Fault, InputError, PluginError
from strategy_orchestrator.hooks.switches import Wish

_COMMAND: Final = "orchestrate report"


@click.command("report")
@click.argument("run", metavar="RUN", type=click.Path())
@click.option(
    "--out", metavar="FILE.html", type=click.Path(), help="The file to write; RUN.html beside the folder by default."
)
@click.option(
    "--section",
    "sections",
    metavar="NAME",
    multiple=True,
    help="Let a plug-in write this section too: name, or distribution:name. Repeatable.",
)
@options.switches
@options.LOCKED
@options.LOCK
@options.JSON
@options.QUIET
@options.DEBUG
def command(
    *,
    run: str,
    out: str | None,
    sections: tuple[str, ...],
    wish: Wish,
    locked: bool,
    lock: str | None,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Write the report of a saved run as one page of HTML.

    RUN is the folder of a sealed run. The page needs no network and no other file. No plug-in takes part but those
    whose sections are named; when one of them fails, its section is missing, the report is written without it, and the
    exit status is 3.
    """
    # They load numpy, polars and plotly, which help has no use for.
    from strategy_orchestrator.cli.jobs import Choice, short
    from strategy_orchestrator.cli.output import show_error, show_json, show_lines
    from strategy_orchestrator.cli.sections import ask
    from strategy_orchestrator.report import Report, check_target, page_of, require_plotly, write_page
    from strategy_orchestrator.store import load_run, result_of

    require_plotly(_COMMAND)
    _refuse_repeated(sections)
    folder = Path(run).resolve()
    target = folder.with_name(f"{folder.name}.html") if out is None else Path(out)
    check_target(target)
    saved = load_run(run)
    if not saved.is_sealed:
        raise DataError(
            Fault(run, "the run failed; only a complete run has a report", "Read error-log.md in the folder")
        )
    result = result_of(saved)
    choice = Choice(wish, options.lock_of(lock, is_locked=locked))
    asked = [ask(name, run, choice, debug=debug) for name in sections]
    written = [each.section for each in asked]
    write_page(target, page_of(Report(folder.name, result, saved.description, written)))
    shown = short(target)
    faults = [fault for each in asked if each.error is not None for fault in each.error.faults]
    if as_json:
        told = [{"name": each.title, "plugin": each.owner, "problem": each.problem} for each in written]
        show_json({"report": shown, "run": run, "fingerprint": result.fingerprint, "sections": told})
    else:
        show_lines(shown if quiet else f"Report: {shown}")
    return show_error(PluginError(faults), as_json=False) if faults else 0


def _refuse_repeated(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(Fault("--section", f"{repeated[0]!r} is named more than once", "Name each section once"))
