"""How long commands take before they do anything, with many distributions installed."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.measuring import empty_caches, seconds_of_process
from benchmarks.rows import Row, at_most

_CLI: Final = "strategy_orchestrator.cli"
_COMMANDS: Final = {
    "orchestrate --help": (["-m", _CLI, "--help"], 0.15),
    "orchestrate list-plugins": (["-m", _CLI, "list-plugins"], 0.30),
    "import strategy_orchestrator": (["-c", "import strategy_orchestrator"], 0.10),
}
_NUMBERS: Final = (50, 300)


def rows(is_full: bool, n_runs: int) -> Iterator[Row]:  # noqa: FBT001  # a row of the table of works
    """Start each command several times; what it learns of plug-ins is kept from its first start on."""
    del is_full
    for number in _NUMBERS:
        with tempfile.TemporaryDirectory() as folder:
            _install(Path(folder), number)
            path = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
            # The installed command does not look for modules where it is called, as `python -m` does.
            variables = {**empty_caches(Path(folder)), "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
            bare = [seconds_of_process(["-c", "pass"], **variables)[0] for _ in range(n_runs + 1)]
            yield Row("start-up", f"{number} more", "python -c pass", "s", statistics.median(bare))
            for name, (arguments, most) in _COMMANDS.items():
                seconds_of_process(arguments, **variables)
                taken = [seconds_of_process(arguments, **variables)[0] for _ in range(n_runs + 1)]
                yield at_most(("start-up", f"{number} more"), name, "s", statistics.median(taken), most)


def _install(folder: Path, number: int) -> None:
    # Distributions with no files, as far as anyone can see that looks at their metadata.
    for place in range(number):
        name = f"some_library_{place}"
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n{'text ' * 1_000}\n")
        (info / "RECORD").write_text("".join(f"{name}/{file}.py,,\n" for file in range(50)))
        (info / "entry_points.txt").write_text(f"[console_scripts]\n{name} = {name}:main\n")
