"""Show how far a run is: on a terminal only, and never where somebody else reads."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Final

from strategy_orchestrator.cli.messages import Message

_WORDS: Final = {
    "loading plug-ins": "Loading plug-ins",
    "loading prices": "Loading prices",
    "compiling": "Compiling the kernel: once on this machine, some seconds",
    "running": "Running",
    "saving": "Saving",
}


def is_watched() -> bool:
    """Tell whether somebody looks: both streams are a terminal."""
    return sys.stdout.isatty() and sys.stderr.isatty()


@contextlib.contextmanager
def watching(*, is_shown: bool) -> Iterator[Callable[[Message], None]]:
    """Offer what takes the messages of a worker and shows them; it shows nothing unless `is_shown`."""
    if not is_shown:
        yield _ignore
        return
    # rich is slow to load and of no use where nobody looks.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("Starting", total=None)

        def watch(message: Message) -> None:
            if message["event"] == "stage":
                name = str(message.get("name"))
                display.update(task, description=_WORDS.get(name, name), total=None)
            elif message["event"] == "progress":
                done, total = int(message["done"]), int(message["total"])
                unit = message.get("unit", "Bar")
                display.update(task, description=f"{unit} {done:,} of {total:,}", completed=done, total=total)

        yield watch


def _ignore(message: Message) -> None:
    del message
