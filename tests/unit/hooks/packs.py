"""Plug-ins as an installer leaves them: a module and a folder of metadata beside it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

PACK = """
from strategy_orchestrator import IStrategy, StrategySpec, hookimpl

class {name}(IStrategy):
    def should_enter(self, bars):
        return True

    def should_exit(self, position, bars):
        return False

@hookimpl
def orchestrator_strategies():
    return [StrategySpec("{strategy}", {name}, description="{description}")]
"""


def pack(strategy: str, description: str = "A strategy.") -> str:
    """Return the code of a plug-in with one strategy."""
    return PACK.format(name=strategy.title().replace("-", ""), strategy=strategy, description=description)


class Site:
    """A folder on the path of modules with distributions in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, module: str, code: str) -> Path:
        """Write a module."""
        path = self.folder / f"{module}.py"
        path.write_text(code, encoding="utf-8")
        return path

    def install(
        self,
        distribution: str,
        code: str | None = None,
        entry_points: str = "",
        version: str = "1.0",
        metadata: str = "",
    ) -> Path:
        """Write a distribution, by default with one module and one entry point of its name, and return its metadata."""
        module = distribution.replace("-", "_")
        about = self.folder / f"{module}-{version}.dist-info"
        about.mkdir()
        text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{metadata}"
        (about / "METADATA").write_text(text, encoding="utf-8")
        points = entry_points or f"{distribution.rpartition('-')[2]} = {module}"
        (about / "entry_points.txt").write_text(f"[strategy_orchestrator]\n{points}\n", encoding="utf-8")
        files = [about / "METADATA", about / "entry_points.txt"]
        if code is not None:
            files.append(self.write(module, code))
        self.record(about, files)
        return about

    def record(self, about: Path, files: list[Path]) -> None:
        """Write the list of files with their hashes."""
        lines = [f"{path.relative_to(self.folder)},{recorded(path)},{path.stat().st_size}" for path in files]
        lines.append(f"{about.name}/RECORD,,")
        (about / "RECORD").write_text("\n".join(lines) + "\n", encoding="utf-8")


def recorded(path: Path) -> str:
    """Return the hash of a file as RECORD holds it."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"
