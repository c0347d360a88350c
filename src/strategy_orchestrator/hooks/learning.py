"""Learn what plug-ins add from child processes, one for each distribution, within a time limit.

A plug-in that prints, exits, hangs or crashes when it is imported harms nothing but its own line in the list.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from strategy_orchestrator.errors import ConfigError, Fault
from strategy_orchestrator.hooks.guard import is_foreign, printable
from strategy_orchestrator.hooks.learnt import Learnt, Status, read_learnt
from strategy_orchestrator.hooks.loading import remedy_for
from strategy_orchestrator.hooks.plugin import Plugin

SECONDS_VARIABLE: Final = "ORCHESTRATE_IMPORT_SECONDS"
"""How long the import of one plug-in may take."""
_SECONDS: Final = 20.0
_START_SECONDS: Final = 20.0
_WITHIN_VARIABLE: Final = "ORCHESTRATE_WITHIN_LEARNER"
_BOOT: Final = (
    "import json, sys; job = json.loads(sys.stdin.buffer.readline()); sys.path[:] = job['path']; "
    "from strategy_orchestrator.hooks.learner import main; main(job)"
)
_MARK: Final = b"\x1e"
_FRAME: Final = re.compile(r'^\s+File "(?P<file>.+)", line (?P<line>\d+) in ', re.MULTILINE)
_REFRESH: Final = "orchestrate list-plugins --refresh"
_LATE: Final = "Timeout ("
_LEARNER: Final = str(Path("hooks", "learner.py"))


@dataclass(slots=True)
class _Answer:
    # What one child process said.
    learnt: dict[int, Learnt] = field(default_factory=dict)
    begun: int | None = None
    other: str = ""
    status: int = 0
    is_late: bool = False


def learn(plugins: Sequence[Plugin]) -> dict[Plugin, Learnt]:
    """Look at the plug-ins of one distribution.

    Where one of them ends the process, the others are looked at in a further one.

    Raises
    ------
    ConfigError
        If ORCHESTRATE_IMPORT_SECONDS is no number above 0.
    """
    seconds = _limit()
    if os.environ.get(_WITHIN_VARIABLE):
        # Without this, a plug-in that asks for plug-ins on import would start processes without end.
        problem = "it was asked for while another plug-in was being imported"
        return {plugin: _broken(plugin, problem) for plugin in plugins}
    found: dict[Plugin, Learnt] = {}
    rest = list(plugins)
    while rest:
        try:
            answer = _ask(rest, seconds)
        except OSError as error:
            problem = f"no process could be started to look at it: {error}"
            return found | {plugin: _broken(plugin, problem) for plugin in rest}
        for place, learnt in answer.learnt.items():
            found[rest[place]] = learnt
        missing = [plugin for plugin in rest if plugin not in found]
        if missing and answer.begun is None:
            problem = f"the process that was to look at it ended {_ending(answer)}: {_last_line(answer.other)}"
            found |= {plugin: _broken(plugin, problem) for plugin in missing}
        elif missing:
            found[missing[0]] = _broken(missing[0], _blame(answer, seconds), _again(answer))
        rest = [plugin for plugin in rest if plugin not in found]
    return found


def _limit() -> float:
    text = os.environ.get(SECONDS_VARIABLE, "").strip()
    try:
        seconds = float(text or _SECONDS)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        problem = f"{text!r} is no number of seconds above 0"
        raise ConfigError(Fault(SECONDS_VARIABLE, problem, f"Leave it out for {_SECONDS:g}", text))
    return seconds


def _ask(plugins: Sequence[Plugin], seconds: float) -> _Answer:
    job = {
        "path": [str(folder) for folder in sys.path],
        "seconds": seconds,
        "plugins": [asdict(plugin) for plugin in plugins],
    }
    process = subprocess.Popen(  # noqa: S603  # our own module, in the interpreter that runs us
        [sys.executable, "-P", *(["-I"] if sys.flags.isolated else []), "-c", _BOOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, _WITHIN_VARIABLE: "1"},
        start_new_session=True,
    )
    is_late = False
    try:
        # The child keeps the limit itself, and tells where it hangs; ours is for one that cannot even do that.
        said, _ = process.communicate(json.dumps(job).encode() + b"\n", _START_SECONDS + seconds * len(plugins))
    except subprocess.TimeoutExpired:
        is_late = True
        _kill(process)
        said, _ = process.communicate()
    finally:
        _kill(process)
    answer = _Answer(status=process.returncode, is_late=is_late)
    _read(said, plugins, answer)
    return answer


def _kill(process: subprocess.Popen[bytes]) -> None:
    # With all that it started: the group is there as long as any process of it is.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _read(said: bytes, plugins: Sequence[Plugin], answer: _Answer) -> None:
    other: list[str] = []
    for line in said.splitlines():
        # A plug-in can write here too if it tries hard; what cannot be understood is no answer.
        try:
            _take(line, plugins, answer)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            other.append(line.decode(errors="backslashreplace"))
    answer.other = "\n".join(other)
    answer.is_late |= _LATE in answer.other


def _take(line: bytes, plugins: Sequence[Plugin], answer: _Answer) -> None:
    if not line.startswith(_MARK):
        raise ValueError("no message")
    message = json.loads(line[len(_MARK) :])
    place = int(message["place"])
    plugin = plugins[place]
    if "learnt" in message:
        answer.learnt[place] = read_learnt(message["learnt"], plugin)
    answer.begun = place


def _blame(answer: _Answer, seconds: float) -> str:
    place = _place(answer.other)
    if answer.is_late:
        return f"its import did not end within {seconds:g} seconds{place}"
    return f"its import ended the process {_ending(answer)}{place}"


def _ending(answer: _Answer) -> str:
    if answer.status >= 0:
        return f"with exit status {answer.status}"
    try:
        return f"by {signal.Signals(-answer.status).name}"
    except ValueError:
        return f"by signal {-answer.status}"


def _place(text: str) -> str:
    # faulthandler writes the frames of each thread, the innermost first; ours is the one that began in the learner.
    for stack in re.split(r"^(?:Current thread|Thread) .*$", text, flags=re.MULTILINE):
        frames = [(match["file"], match["line"]) for match in _FRAME.finditer(stack)]
        if any(file.endswith(_LEARNER) for file, _ in frames):
            return next((f" ({file}, line {line})" for file, line in frames if is_foreign(file)), "")
    return ""


def _last_line(text: str) -> str:
    return printable(text.strip().rpartition("\n")[2])


def _again(answer: _Answer) -> str:
    return f"; or look again: {_REFRESH}" if answer.is_late else ""


def _broken(plugin: Plugin, problem: str, more: str = "") -> Learnt:
    return Learnt(Status.BROKEN, faults=(Fault(plugin.where, problem, remedy_for(plugin) + more),))
