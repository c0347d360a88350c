"""The process that imports plug-ins on behalf of another, so that they can do no harm to that.

It is told on standard input which plug-ins to look at and answers, on what was its standard output when it began, one
line for each: JSON behind a mark. What a plug-in prints goes nowhere. Lines without the mark are tracebacks of its
end, should a plug-in end it.
"""

from __future__ import annotations

import faulthandler
import json
import os
from collections.abc import Mapping
from typing import IO, Any, Final, NoReturn

from strategy_orchestrator.errors import Fault, PluginError
from strategy_orchestrator.hooks.describing import describe
from strategy_orchestrator.hooks.learnt import Learnt, Status, document_of
from strategy_orchestrator.hooks.loading import IncompatibleError, load, remedy_for
from strategy_orchestrator.hooks.plugin import Origin, Plugin
from strategy_orchestrator.hooks.registering import register

MARK: Final = b"\x1e"
_END: Final = os._exit  # a plug-in's own exit hooks and threads are not waited for


def main(job: Mapping[str, Any]) -> NoReturn:
    """Look at plug-ins, tell what they are, and end the process.

    Parameters
    ----------
    job : mapping
        `plugins`, and the `seconds` that each may take.
    """
    channel = _take_streams()
    faulthandler.enable(channel)
    _tell_of_exit(channel)
    for place, facts in enumerate(job["plugins"]):
        _tell(channel, {"place": place})
        faulthandler.dump_traceback_later(job["seconds"], exit=True, file=channel)
        learnt = look_at(Plugin(**{**facts, "origin": Origin(facts["origin"])}))
        faulthandler.cancel_dump_traceback_later()
        _tell(channel, {"place": place, "learnt": document_of(learnt)})
    _END(0)


def look_at(plugin: Plugin) -> Learnt:
    """Import a plug-in and return what it is."""
    try:
        return describe(register(load(plugin), plugin))
    except IncompatibleError as error:
        return Learnt(Status.INCOMPATIBLE, faults=error.faults)
    except PluginError as error:
        return Learnt(Status.BROKEN, faults=error.faults)
    except KeyboardInterrupt:
        fault = Fault(plugin.where, "it raised KeyboardInterrupt while it was loaded", remedy_for(plugin))
        return Learnt(Status.BROKEN, faults=(fault,))


def _take_streams() -> IO[bytes]:
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    return channel


def _tell_of_exit(channel: IO[bytes]) -> None:
    def told(status: int) -> NoReturn:
        faulthandler.dump_traceback(channel)
        _END(status)

    os._exit = told


def _tell(channel: IO[bytes], message: Mapping[str, object]) -> None:
    channel.write(MARK + json.dumps(message).encode() + b"\n")
