"""`orchestrate list-plugins`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.output import show_json
from strategy_orchestrator.errors import unknown_name
from strategy_orchestrator.hooks.catalog import Catalog, unknown
from strategy_orchestrator.hooks.learnt import Addition, Entry
from strategy_orchestrator.hooks.plugin import is_called
from strategy_orchestrator.hooks.registry import callable_names, matching
from strategy_orchestrator.hooks.switches import ENVIRONMENT, OPTIONS, Wish, decided, wish_of_environment


@click.command("list-plugins")
@click.argument("name", metavar="[NAME]", required=False)
@options.switches
@click.option("--refresh", is_flag=True, help="Look at every plug-in again, whatever is known of it.")
@options.JSON
@options.DEBUG
def command(*, name: str | None, wish: Wish, refresh: bool, as_json: bool, debug: bool) -> int:
    """List the installed plug-ins and what they add.

    With NAME, the name of a strategy, a resolver or anything else that a plug-in adds, show its parameters; with the
    name of a plug-in or its distribution, show that alone. No plug-in is imported into this process: what it adds is
    learnt by another one, and kept until something changes.
    """
    del debug
    switches = decided((OPTIONS, wish), (ENVIRONMENT, wish_of_environment()))
    catalog = Catalog(switches, built_in=True, is_fresh=refresh)
    switches.check(catalog.installed)
    names = _names(catalog.entries)
    entries = [entry for entry in catalog.entries if name is None or is_called(entry.plugin, name)]
    details = [] if name is None else matching(names, name)
    if name is not None and not entries and not details:
        known = {*names.values(), *(entry.plugin.distribution for entry in catalog.entries)}
        fault = unknown_name("orchestrate list-plugins", "plug-in or addition", name, known)
        raise unknown(fault, name, catalog.entries)
    if as_json:
        show_json(_document(entries, details, names))
    else:
        # rich is slow to load.
        from strategy_orchestrator.cli.plugin_tables import show_details, show_plugins

        show_plugins(entries, names)
        show_details(details)
    return 0


def _names(entries: Sequence[Entry]) -> dict[Addition, str]:
    # By the name that means it alone.
    additions = [addition for entry in entries for addition in entry.additions]
    kinds = sorted({addition.kind for addition in additions})
    return {
        addition: name
        for kind in kinds
        for name, addition in callable_names(item for item in additions if item.kind == kind)
    }


def _document(
    entries: Sequence[Entry], details: Sequence[Addition], names: Mapping[Addition, str]
) -> dict[str, object]:
    document: dict[str, object] = {}
    if entries or not details:
        document["plugins"] = [_entry(entry, names) for entry in entries]
    if details:
        document["details"] = [
            {"distribution": item.plugin.distribution, "version": item.plugin.version, **_addition(item, names)}
            for item in details
        ]
    return document


def _entry(entry: Entry, names: Mapping[Addition, str]) -> dict[str, object]:
    plugin = entry.plugin
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "name": plugin.name,
        "target": plugin.target,
        "location": plugin.location,
        "origin": plugin.origin.value,
        "status": entry.status.value,
        "reason": entry.reason,
        "adds": [_addition(addition, names) for addition in entry.additions],
        "events": list(entry.events),
    }


def _addition(addition: Addition, names: Mapping[Addition, str]) -> dict[str, object]:
    return {
        "kind": addition.kind,
        "name": addition.name,
        "use": names[addition],
        "description": addition.description,
        "parameters": [asdict(parameter) for parameter in addition.parameters],
    }
