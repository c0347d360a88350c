"""`orchestrate sweep`."""

from __future__ import annotations

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Choice, Manner
from strategy_orchestrator.cli.messages import Spread
from strategy_orchestrator.cli.sweeps import plan_file, sweep_file
from strategy_orchestrator.hooks.switches import Wish


@click.command("sweep")
@options.FILE
@click.option("--sort", metavar="MEASURE", default="sharpe_ratio", show_default=True, help="What ranks the runs.")
@click.option("--dry-run", is_flag=True, help="Print the combinations and run none.")
@click.option("--executor", metavar="NAME", help="What spreads the runs, in place of the one in the file.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 1_024), help="Runs at once, in place of those in the file.")
@click.option(
    "--out", metavar="DIR", type=click.Path(), help="The folder to make; sweeps/<time>-<fingerprint> by default."
)
@click.option("--keep-runs", metavar="DIR", type=click.Path(), help="Save every run too, as DIR/<number>.")
@options.run_switches
@options.LOCKED
@options.LOCK
@options.JSON
@options.QUIET
@options.DEBUG
def command(
    *,
    file: str,
    sort: str,
    dry_run: bool,
    executor: str | None,
    jobs: int | None,
    out: str | None,
    keep_runs: str | None,
    wish: Wish,
    locked: bool,
    lock: str | None,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Run a file for every combination of its grid and rank what comes of it.

    The table [sweep.grid] of the file says what varies: momentum.fast = [5, 10, 20]. A run that fails is a row with its
    error, and the exit status is 1; the others stand. An interrupt keeps the rows that are there.
    """
    choice = Choice(wish, options.lock_of(lock, is_locked=locked))
    manner = Manner(as_json=as_json, is_quiet=quiet, debug=debug)
    spread = Spread(executor, jobs, keep_runs)
    if dry_run:
        return plan_file(file, manner, choice, spread)
    return sweep_file(file, out, manner, choice, spread, sort)
