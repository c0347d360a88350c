"""`orchestrate lookahead`."""

from __future__ import annotations

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Choice, Manner, look_at_file
from strategy_orchestrator.errors import Fault, InputError
from strategy_orchestrator.hooks.switches import Wish

_USUAL_BARS = 400


@click.command("lookahead")
@options.FILE
@click.option("--strategy", "strategies", metavar="ID", multiple=True, help="Look at this strategy only. Repeatable.")
@click.option(
    "--bars",
    metavar="N",
    type=click.IntRange(min=1),
    help=f"Try so many bars of longer prices, {_USUAL_BARS} by default: half of them where an answer has just changed.",
)
@click.option("--all", "tries_all", is_flag=True, help="Try every bar, however many there are.")
@options.switches
@options.LOCKED
@options.LOCK
@options.JSON
@options.DEBUG
def command(
    *,
    file: str,
    strategies: tuple[str, ...],
    bars: int | None,
    tries_all: bool,
    wish: Wish,
    locked: bool,
    lock: str | None,
    as_json: bool,
    debug: bool,
) -> int:
    """Look for look-ahead in the strategies of a run file, on its prices.

    From each bar on the prices are cut off, raised, lowered and moved; what a strategy said before must stay as it
    was. The exit status is 0 if nothing was found, 1 if something was.
    """
    if tries_all and bars is not None:
        problem = "--bars and --all were both given"
        raise InputError(Fault("orchestrate lookahead", problem, "Leave one of the two out"))
    choice = Choice(wish, options.lock_of(lock, is_locked=locked))
    n_bars = None if tries_all else bars or _USUAL_BARS
    return look_at_file(file, strategies, n_bars, Manner(as_json=as_json, debug=debug), choice)
