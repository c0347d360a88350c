"""`orchestrate compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.errors import DataError, Fault, InputError

_LEAST = 2


@click.command("compare")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@options.JSON
@options.DEBUG
def command(*, runs: tuple[str, ...], as_json: bool, debug: bool) -> int:
    """Compare saved runs: measures, options, data and plug-ins side by side.

    Each RUN is the folder of a sealed run. Told are the measures of all of them, in what their options, strategies,
    data, plug-ins and versions differ, and whether their ledgers are the same to the unit.
    """
    del debug
    # They load numpy, polars and rich, which help has no use for.
    from strategy_orchestrator.cli.compare_tables import show_comparison
    from strategy_orchestrator.cli.output import show_json
    from strategy_orchestrator.report import compare
    from strategy_orchestrator.store import load_run

    if len(runs) < _LEAST:
        raise InputError(Fault("orchestrate compare", "one run was given; expected two or more", "Name another run"))
    saved = [load_run(run) for run in runs]
    failed = [
        Fault(run, "the run failed; only complete runs are compared")
        for run, each in zip(runs, saved, strict=True)
        if not each.is_sealed
    ]
    if failed:
        raise DataError(failed)
    comparison = compare(_names(runs), [each.description for each in saved])
    if as_json:
        show_json(comparison.to_dict())
    else:
        show_comparison(comparison)
    return 0


def _names(runs: Sequence[str]) -> list[str]:
    # The last part of the path says enough unless two are the same.
    names = [Path(run).resolve().name for run in runs]
    return names if len(set(names)) == len(names) else list(runs)
