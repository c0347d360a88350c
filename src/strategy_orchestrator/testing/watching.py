"""What the code of a plug-in reaches for outside of what it is given: files, the network, other programs."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from strategy_orchestrator.testing.forgetting import module_of

_EVENTS: Final = {
    "open": "opened the file",
    "socket.connect": "connected to",
    "socket.getaddrinfo": "looked up the host",
    "subprocess.Popen": "started",
    "os.system": "started",
}
_CODE: Final = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib", ".nbi", ".nbc", ".pth")
"""Files that importing and compiling read."""
_SYSTEM: Final = ("/dev/", "/proc/", "/sys/", "/etc/")


class _Watch:
    # Audit hooks cannot be removed, so there is one, added when it is first needed and deaf unless somebody watches.
    def __init__(self) -> None:
        self._is_added = False
        self._thread: int | None = None
        self._found: list[str] = []
        self._own: tuple[Path, ...] = ()

    def begin(self, own: tuple[Path, ...]) -> list[str]:
        if not self._is_added:
            sys.addaudithook(self._hear)
            self._is_added = True
        self._found = []
        self._own = own
        self._thread = threading.get_ident()
        return self._found

    def end(self) -> None:
        self._thread = None

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._thread is None or event not in _EVENTS or threading.get_ident() != self._thread:
            return
        self._thread, watching = None, self._thread
        what = arguments[1] if event == "socket.connect" else arguments[0]
        if event != "open" or self._is_data(what):
            named = os.fsdecode(what) if isinstance(what, os.PathLike) else what
            self._found.append(f"{_EVENTS[event]} {named!r}")
        self._thread = watching

    # Debuggers and coverage look into hooks that say so.
    _hear.__cantrace__ = True  # type: ignore[attr-defined]

    def _is_data(self, path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        text = os.fsdecode(path)
        if text.endswith(_CODE) or text.startswith(_SYSTEM):
            return False
        file = Path(text).absolute()
        is_own = any(file.is_relative_to(folder) for folder in self._own)
        return is_own or not any(file.is_relative_to(folder) for folder in _installed())


_WATCH: Final = _Watch()


@contextmanager
def watched(thing: object) -> Iterator[list[str]]:
    """Yield a list that fills with what this thread reaches for.

    What is read of installed libraries does not count; the package in which `thing` is written does.
    """
    found = _WATCH.begin(_package_folders(thing))
    try:
        yield found
    finally:
        _WATCH.end()


def _package_folders(thing: object) -> tuple[Path, ...]:
    package = sys.modules.get(module_of(thing).partition(".")[0])
    return tuple(Path(folder) for folder in getattr(package, "__path__", ()))


def _installed() -> set[str]:
    places = sysconfig.get_paths()
    return {places["stdlib"], places["platstdlib"], places["purelib"], places["platlib"], *zoneinfo.TZPATH}
