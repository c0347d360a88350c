"""`orchestrate new-plugin`."""

from __future__ import annotations

from pathlib import Path

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.naming import KINDS, names_of
from strategy_orchestrator.cli.output import show_json, show_lines
from strategy_orchestrator.cli.scaffold import write_plugin


@click.command("new-plugin")
@click.argument("name", metavar="NAME")
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What it is to offer.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where the folder NAME is made; here by default.",
)
@options.JSON
@options.DEBUG
def command(*, name: str, kind: str, out: Path, as_json: bool, debug: bool) -> int:
    """Write a new plug-in: complete, tested, typed, and ready to be changed.

    NAME is that of its distribution, for instance my-strategies or orchestrator-week-end. What it offers is called the
    same in run files, without "orchestrator-". It installs, runs and passes its own tests as it is written.
    """
    del debug
    names = names_of(name, kind)
    written = [str(path) for path in write_plugin(names, kind, out)]
    folder = out / names.distribution
    if as_json:
        document = {"distribution": names.distribution, "package": names.package, "kind": kind, "name": names.thing}
        show_json({**document, "folder": str(folder), "files": written})
        return 0
    show_lines(
        f"Wrote {names.distribution}, a plug-in with the {kind} {names.thing!r}: {len(written)} files in {folder}\n"
        "\n"
        "Next:\n"
        f"  pip install --editable {folder}\n"
        f"  orchestrate list-plugins {names.thing}\n"
        f"  orchestrate run {folder / 'run.toml'}\n"
        f"  pytest {folder}"
    )
    return 0
