"""Print plug-ins, what they add, and the parameters of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from strategy_orchestrator.cli.tables import console_of
from strategy_orchestrator.hooks.guard import one_line, printable
from strategy_orchestrator.hooks.learnt import Addition, Entry, Parameter, Status
from strategy_orchestrator.hooks.plugin import Origin


def show_plugins(entries: Sequence[Entry], names: Mapping[Addition, str], console: Console | None = None) -> None:
    """Print plug-ins, each with its state and what it adds.

    Parameters
    ----------
    names : mapping
        Under which name each addition is to be used.
    """
    console = console_of() if console is None else console
    additions = [addition for entry in entries for addition in entry.additions]
    widths = (
        max((len(_word(addition.kind)) for addition in additions), default=0),
        max((len(names[addition]) for addition in additions), default=0),
    )
    for place, entry in enumerate(entries):
        if place:
            console.print()
        console.print(Text(_headline(entry), "bold"), soft_wrap=True)
        if entry.status is not Status.ENABLED:
            console.print(Text(f"  {entry.status}: {one_line(entry.reason)}"), soft_wrap=True)
        if entry.additions:
            console.print(_additions(entry.additions, names, widths))
        if entry.events:
            console.print(f"  hears of runs through {', '.join(entry.events)}", soft_wrap=True)


def show_details(details: Iterable[Addition], console: Console | None = None) -> None:
    """Print things that plug-ins add, with their parameters."""
    console = console_of() if console is None else console
    for place, addition in enumerate(details):
        if place:
            console.print()
        headline = f"{_word(addition.kind)} {addition.name}, of {addition.plugin.owner}"
        console.print(Text(printable(headline), "bold"), soft_wrap=True)
        console.print(printable(addition.description), soft_wrap=True)
        if addition.parameters:
            console.print()
            console.print(_parameters(addition.parameters))
        else:
            console.print("It has no parameters.")


def _headline(entry: Entry) -> str:
    plugin = entry.plugin
    place = "built in" if plugin.origin is Origin.BUILT_IN else f"plug-in {plugin.name}, from {plugin.location}"
    return printable(f"{plugin.owner} ({place})")


def _additions(additions: Iterable[Addition], names: Mapping[Addition, str], widths: tuple[int, int]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    for width in widths:
        table.add_column(min_width=width, no_wrap=True)
    table.add_column()
    for addition in additions:
        table.add_row("", _word(addition.kind), printable(names[addition]), printable(addition.description))
    return table


def _parameters(parameters: Iterable[Parameter]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in ("parameter", "type", "default", "bounds", "description"):
        table.add_column(title, overflow="fold")
    for parameter in parameters:
        default = "required" if parameter.is_required else printable(str(parameter.default))
        bounds = printable(", ".join(parameter.bounds))
        name, kind, description = map(printable, (parameter.name, parameter.type, parameter.description))
        table.add_row(name, kind, default, bounds, description)
    return table


def _word(kind: str) -> str:
    return kind.replace("_", " ")
