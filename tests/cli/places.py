"""A folder in which commands are run as processes, with plug-ins on the path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.unit.hooks.packs import Site


class Place:
    """A folder with plug-ins in which the command is run as a process."""

    def __init__(self, folder: Path) -> None:
        (folder / "site").mkdir()
        self.site = Site(folder / "site")
        self.folder = folder

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end."""
        path = os.pathsep.join([str(self.site.folder), os.environ.get("PYTHONPATH", "")])
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRATE_")},
            "PYTHONPATH": path,
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            **variables,
        }
        return subprocess.run(
            [sys.executable, "-m", "strategy_orchestrator.cli", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def listed(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """Return what the list says, by distribution."""
        done = self.run("list-plugins", "--json", *arguments, **variables)
        assert (done.returncode, done.stderr) == (0, "")
        return {item["distribution"]: item for item in json.loads(done.stdout)["plugins"]}
