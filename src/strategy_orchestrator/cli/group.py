"""The commands by name; each is loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from strategy_orchestrator._version import __version__
from strategy_orchestrator.errors import Fault, InputError

COMMANDS: Final = {
    "compare": "Compare saved runs: measures, options, data and plug-ins side by side.",
    "check": "Check a run file, its plug-ins and its data without running it.",
    "demo": "Run three strategies on real prices: the first thing to try.",
    "list-plugins": "List the installed plug-ins and what they add.",
    "lookahead": "Look for look-ahead in the strategies of a run file, on its prices.",
    "new-plugin": "Write a new plug-in: complete, tested, typed, and ready to be changed.",
    "plugins": "Lock the installed plug-ins, or compare them with what was installed.",
    "report": "Write the report of a saved run as one page of HTML.",
    "run": "Run a backtest from a run file and save it.",
    "sweep": "Run a file for every combination of its grid and rank what comes of it.",
    "verify": "Make every balance of a saved run again from its prices, fills and transfers.",
}
"""The first line of each command's help, so that the list needs none of them; a test compares the two."""

PROGRAM: Final = "orchestrate"


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        home = importlib.import_module(f"strategy_orchestrator.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = home.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, name=PROGRAM, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def orchestrate() -> None:
    """Run many trading strategies as one portfolio, in one backtest, exact to the unit."""


def invoke(arguments: list[str]) -> int:
    """Run the command line and return the exit status that its command returns.

    Raises
    ------
    InputError
        If the command line is wrong.
    KeyboardInterrupt
        If the user interrupts.
    BrokenPipeError
        If nobody reads the output any more.
    """
    try:
        status = orchestrate.main(arguments or ["--help"], prog_name=PROGRAM, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        path = PROGRAM if context is None else context.command_path
        remedy = f"See {path} --help"
        raise InputError(Fault(path, error.format_message().rstrip("."), remedy)) from None
    except SystemExit:
        # click and rich end the program themselves when nobody reads its output any more; nobody else does it here.
        raise BrokenPipeError from None
    sys.stdout.flush()
    return int(status or 0)
