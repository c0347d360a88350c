"""`orchestrate verify`."""

from __future__ import annotations

from dataclasses import asdict

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.output import show_json, show_lines, show_note

_APART = 1


@click.command("verify")
@click.argument("run", metavar="RUN", type=click.Path())
@options.JSON
def command(*, run: str, as_json: bool) -> int:
    """Make every balance of a saved run again from its prices, fills and transfers.

    Nothing of what computed the run is used. The first row that does not add up is named, and the exit status is 1.
    """
    # The audit loads numpy and polars, which nobody needs for help.
    from strategy_orchestrator.verify import verify_run

    verdict = verify_run(run)
    for fault in verdict.faults():
        show_note(str(fault))
    if as_json:
        findings = [
            {**asdict(finding), "message": str(fault)}
            for finding, fault in zip(verdict.findings, verdict.faults(), strict=True)
        ]
        show_json(
            {
                "folder": verdict.folder,
                "is_verified": verdict.is_verified,
                "fingerprint": verdict.fingerprint,
                "counts": verdict.counts,
                "findings": findings,
            }
        )
    elif verdict.is_verified:
        told = ", ".join(f"{number:,} {name}" for name, number in verdict.counts.items())
        show_lines(f"{verdict.folder}: everything adds up: {told}. Fingerprint {verdict.fingerprint}.")
    return 0 if verdict.is_verified else _APART
