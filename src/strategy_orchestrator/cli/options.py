"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

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
DEBUG: Final[_Decorator] = click.option("--debug", is_flag=True, help="Show tracebacks of errors.")
