"""`orchestrate demo`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.jobs import Choice, Manner, run_file
from strategy_orchestrator.errors import Fault, MissingExtraError
from strategy_orchestrator.hooks.switches import Wish

_PACKAGE: Final = "orchestrator_starter"


@click.command("demo")
@options.OUT
@options.run_switches
@options.JSON
@options.QUIET
@options.DEBUG
def command(*, out: str | None, wish: Wish, as_json: bool, quiet: bool, debug: bool) -> int:
    """Run three strategies on real prices: the first thing to try.

    Buy-and-hold, a moving-average cross and RSI share 100,000 over AAPL, FB, GOOG, IBM and MSFT, daily from 2000-03-01
    to 2013-03-01. They and the prices come from the wheel orchestrator-starter.
    """
    return run_file(str(_demo_file()), out, Manner(as_json=as_json, is_quiet=quiet, debug=debug), Choice(wish))


def _demo_file() -> Path:
    # Finding a package does not import it.
    spec = importlib.util.find_spec(_PACKAGE)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    for folder in folders:
        path = Path(folder) / "data" / "demo.toml"
        if path.is_file():
            return path
    problem = "its strategies and prices are in the wheel orchestrator-starter, which is not installed"
    raise MissingExtraError(Fault("orchestrate demo", problem, "Run: pip install orchestrator-starter"))
