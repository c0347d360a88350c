"""`orchestrate plugins lock` and `orchestrate plugins audit`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from strategy_orchestrator.cli import options
from strategy_orchestrator.cli.output import show_json, show_lines
from strategy_orchestrator.errors import PluginError
from strategy_orchestrator.hooks.audit import Audited, StartFile, audit_plugins, audit_start_files
from strategy_orchestrator.hooks.guard import one_line
from strategy_orchestrator.hooks.installed import find_installed
from strategy_orchestrator.hooks.lock import installed_now, write_lock
from strategy_orchestrator.hooks.plugin import BUILT_IN
from strategy_orchestrator.hooks.switches import ENVIRONMENT, OPTIONS, Wish, decided, wish_of_environment


@click.group("plugins")
def command() -> None:
    """Lock the installed plug-ins, or compare them with what was installed.

    None of them is imported. Both commands take --json.
    """


@command.command("lock")
@click.option(
    "--file", metavar="FILE", type=click.Path(), default=options.LOCK_FILE, help=f"Default: {options.LOCK_FILE}."
)
@options.switches
@options.JSON
@options.DEBUG
def lock(*, file: str, wish: Wish, as_json: bool, debug: bool) -> int:
    """Write versions and hashes of all files of the plug-ins.

    `orchestrate run --locked` then refuses any difference before a plug-in is imported. Plug-ins that are blocked are
    left out.
    """
    del debug
    switches = decided((OPTIONS, wish), (ENVIRONMENT, wish_of_environment()))
    switches.check([BUILT_IN, *(item.plugin for item in find_installed())])
    distributions = installed_now(switches)
    write_lock(Path(file), distributions)
    if as_json:
        listed = [{"name": item.name, "version": item.version, "sha256": item.sha256} for item in distributions]
        show_json({"file": file, "distributions": listed})
    else:
        for item in distributions:
            show_lines(f"{item.name} {item.version}: {len(item.files)} files, sha256 {item.sha256}")
        show_lines(f"Lock: {file}")
    return 0


@command.command("audit")
@options.JSON
@options.DEBUG
def audit(*, as_json: bool, debug: bool) -> int:
    """Compare the files of the plug-ins with what their installer recorded.

    Told are files that were changed, removed or added since; the entry points; and all .pth files, for these can run
    code whenever Python starts. The exit status is 3 when a file differs.
    """
    del debug
    found, starts = audit_plugins(), audit_start_files()
    if as_json:
        listed = [{**asdict(item), "is_as_recorded": item.is_as_recorded} for item in found]
        show_json({"distributions": listed, "start_files": [asdict(item) for item in starts]})
    else:
        show_lines("\n".join(line for item in found for line in _plugin_lines(item)))
        show_lines("\n".join(_start_line(item) for item in starts))
    return 0 if all(item.is_as_recorded for item in found) else PluginError.exit_status


def _plugin_lines(item: Audited) -> list[str]:
    differences = [
        *(f"changed: {name}" for name in item.changed),
        *(f"missing: {name}" for name in item.missing),
        *(f"not recorded: {name}" for name in item.unrecorded if not item.is_editable),
    ]
    if item.is_editable:
        verdict = "its modules are not recorded (an editable installation?), so there is nothing to compare them with"
    else:
        verdict = "differs from what was installed" if differences else "as installed"
    return [
        f"{item.name} {item.version}: {verdict}",
        f"  {item.n_files} files in {item.location}, sha256 {item.sha256}",
        *(f"  entry point: {one_line(entry_point)}" for entry_point in item.entry_points),
        *(f"  {one_line(difference)}" for difference in differences),
    ]


def _start_line(item: StartFile) -> str:
    what = "runs code at every start" if item.runs_code else "adds folders to the path"
    return f"{item.path}: {what}; of {item.owner or 'no distribution'}; sha256 {item.sha256}"
