"""Run the blocks of one page in their order, as a reader would who follows it from top to bottom."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from tests.docs.console import Command, commands_of, differences
from tests.docs.pages import Block

SILENT: Final = frozenset({"", "csv", "diff", "ini", "markdown", "mermaid", "text", "yaml"})
"""Languages of blocks that are there to be read."""

_MODULE: Final = "page_of_the_manual"
_FILE_NAME: Final = re.compile(r"#\s*(?P<name>[\w./-]+\.(?:toml|py))\s*")
_LOCAL: Final = re.compile(r"pip install (?P<editable>--editable )?\./(?P<folder>[\w-]+)")
_INSTALLED: Final = ".installed"
_PATIENCE_SECONDS: Final = 300


class PageRun:
    """A page being followed, in a folder of its own.

    Parameters
    ----------
    page : str
        Its name, for messages and tracebacks.
    folder : Path
        Where its files are written and its commands run; the working directory must be this one already.
    """

    def __init__(self, page: str, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.printed = ""
        self.paths: list[Path] = []
        self.module = ModuleType(_MODULE)
        self.steps = {"python": self._python, "console": self._console, "toml": self._toml, "json": self._json}

    def follow(self, blocks: list[Block]) -> None:
        """Run all blocks.

        Raises
        ------
        AssertionError
            If a command ends with another status, or something prints other than the page says.
        """
        with _imported(self.module):
            for block in blocks:
                if block.skip_reason is not None:
                    continue
                if block.is_output:
                    self._compare(tuple(block.text.splitlines()), self.printed, block.line)
                elif block.language not in SILENT:
                    assert block.language in self.steps, self._at(block.line, f"no way to run {block.language!r}")
                    self.steps[block.language](block)

    def _python(self, block: Block) -> None:
        if self._write(block):
            return
        # Empty lines before it make tracebacks point at the page.
        code = compile("\n" * (block.line - 1) + block.text, self.page, "exec", dont_inherit=True)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, self.module.__dict__)  # noqa: S102  # the page is ours
        self.printed = out.getvalue()

    def _console(self, block: Block) -> None:
        for command in commands_of(block.text, block.line):
            local = _LOCAL.fullmatch(command.text)
            if local is not None:
                self._install(self.folder / local["folder"], is_editable=local["editable"] is not None)
            elif not command.is_set_up:
                self._run(command)

    def _install(self, project: Path, *, is_editable: bool) -> None:
        # A project that the page wrote is built and installed for real, but for this page alone.
        target = self.folder / _INSTALLED
        options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--upgrade", "--target", str(target)]
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, str(project)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self.paths = [*([project / "src"] if is_editable else []), target]

    def _run(self, command: Command) -> None:
        done = subprocess.run(  # noqa: S602  # the page is ours, and written for a shell
            command.text,
            shell=True,
            cwd=self.folder,
            env=_environment(self.paths),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        ended = f"exit status {done.returncode}, expected {command.status}\n{done.stdout}"
        assert done.returncode == command.status, self._at(command.line, f"{command.text}\n{ended}")
        self._compare(command.output, done.stdout, command.line)

    def _toml(self, block: Block) -> None:
        tomllib.loads(block.text)
        self._write(block)

    def _write(self, block: Block) -> bool:
        name = _FILE_NAME.fullmatch(block.text.partition("\n")[0])
        if name is not None:
            path = self.folder / name["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        return name is not None

    def _json(self, block: Block) -> None:
        json.loads(block.text)

    def _compare(self, expected: tuple[str, ...], found: str, line: int) -> None:
        wrong = differences(expected, found)
        assert not wrong, self._at(line, "\n".join(wrong))

    def _at(self, line: int, words: str) -> str:
        return f"{self.page}, line {line}: {words}"


@contextlib.contextmanager
def _imported(module: ModuleType) -> Iterator[None]:
    # Dataclasses and pydantic look up the module of a class by its name.
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        del sys.modules[module.__name__]


def _environment(paths: Sequence[Path] = ()) -> dict[str, str]:
    commands = str(Path(sys.executable).parent)
    path = os.pathsep.join([commands, os.environ.get("PATH", os.defpath)])
    modules = os.pathsep.join(filter(None, [*map(str, paths), os.environ.get("PYTHONPATH", "")]))
    given = {"PATH": path, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return {**os.environ, **given, **({"PYTHONPATH": modules} if modules else {})}
