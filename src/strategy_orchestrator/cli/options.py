"""The options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import click

from strategy_orchestrator.hooks.switches import (
    BLOCK_VARIABLE,
    LISTEN_VARIABLE,
    NO_AUTOLOAD_VARIABLE,
    ONLY_VARIABLE,
    Wish,
)

LOCK_FILE: Final = "orchestrate.lock"
"""The lock, unless another is named."""

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FILE: Final[_Decorator] = click.argument("file", metavar="FILE.toml", type=click.Path())
OUT: Final[_Decorator] = click.option(
    "--out",
    metavar="DIR",
    type=click.Path(),
    help="The folder to make for this run; runs/<time>-<fingerprint> by default.",
)
JSON: Final[_Decorator] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
QUIET: Final[_Decorator] = click.option("--quiet", is_flag=True, help="Print the folder of the run and nothing else.")
RESUME: Final[_Decorator] = click.option(
    "--resume", is_flag=True, help="Go on with a run of this file that was killed or interrupted."
)
SNAPSHOT_SECONDS: Final[_Decorator] = click.option(
    "--snapshot-seconds",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=5.0,
    help="Keep what is done so far, for --resume, at most this often; 5 by default.",
)
DEBUG: Final[_Decorator] = click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
LOCKED: Final[_Decorator] = click.option(
    "--locked", is_flag=True, help="Refuse plug-ins that differ from the lock, before any is imported."
)
LOCK: Final[_Decorator] = click.option(
    "--lock", metavar="FILE", type=click.Path(), help=f"The lock for --locked; {LOCK_FILE} by default."
)
_BLOCK: Final[_Decorator] = click.option(
    "--block",
    metavar="PLUGIN",
    multiple=True,
    help=f"Leave a plug-in out: a distribution, an entry point, or both, a:b. Repeatable; else ${BLOCK_VARIABLE}.",
)
_ONLY: Final[_Decorator] = click.option(
    "--only",
    metavar="PLUGIN",
    multiple=True,
    help=f"Allow only this installed plug-in. Repeatable; else ${ONLY_VARIABLE}.",
)
_LISTEN: Final[_Decorator] = click.option(
    "--listen",
    metavar="PLUGIN",
    multiple=True,
    help=f"Let an installed plug-in hear of the run. Repeatable; else ${LISTEN_VARIABLE}.",
)
_AUTOLOAD: Final[_Decorator] = click.option(
    "--autoload/--no-autoload",
    default=None,
    help=f"Whether installed plug-ins take part at all; else ${NO_AUTOLOAD_VARIABLE}.",
)


def switches(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the switches of plug-ins; the command takes what they say as `wish`."""

    @functools.wraps(command)
    def wished(*, block: tuple[str, ...], only: tuple[str, ...], autoload: bool | None, **others: Any) -> Any:
        wish = Wish(_names(block), _names(only), autoload)
        return command(wish=wish, **others)

    return _BLOCK(_ONLY(_AUTOLOAD(wished)))


def run_switches(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the switches of plug-ins, and who listens to the run; the command takes what they say as `wish`."""

    @functools.wraps(command)
    def wished(*, wish: Wish, listen: tuple[str, ...], **others: Any) -> Any:
        return command(wish=replace(wish, listen=_names(listen)), **others)

    return switches(_LISTEN(wished))


def lock_of(lock: str | None, *, is_locked: bool) -> str | None:
    """Return the lock that is to be kept, or None for none; naming one asks for it."""
    return lock or (LOCK_FILE if is_locked else None)


def _names(given: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(name for item in given for name in item.replace(",", " ").split()) or None
