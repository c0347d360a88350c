"""The error log of a failed run, for people."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from strategy_orchestrator.clock import to_text
from strategy_orchestrator.errors import OrchestratorError, StrategyError
from strategy_orchestrator.models.records import RunRecord
from strategy_orchestrator.store.describe import versions
from strategy_orchestrator.store.text import jsonable, visible

_PACKAGE: Final = str(Path(__file__).resolve().parent.parent)
_SHORTEST_FENCE: Final = 3
_SHOWN: Final = ("strategy_id", "symbol", "bar")


def error_log(error: BaseException, record: RunRecord | None, context: Mapping[str, object]) -> str:
    """Return why a run failed as Markdown; text of others stands in blocks that it cannot leave."""
    parts = [
        "# The run failed",
        _block(_facts(error, record, context)),
        "## What went wrong",
        _block(str(error).splitlines() or [type(error).__name__]),
    ]
    cause = error.__cause__ if isinstance(error, OrchestratorError) else error
    if cause is not None:
        title = "What the strategy raised" if isinstance(error, StrategyError) else "Where it was raised"
        parts += [f"## {title}", _block(_raised(cause))]
    parts += [
        "## What was kept",
        _block(_kept(record)),
        "## Options",
        _block(_pairs(_options(context.get("config")))),
        "## Versions",
        _block(_pairs(versions())),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(error: BaseException, record: RunRecord | None, context: Mapping[str, object]) -> Iterator[str]:
    facts: dict[str, object] = {"error": type(error).__name__}
    fault = error.faults[0] if isinstance(error, OrchestratorError) and error.faults else None
    if isinstance(error, StrategyError) and fault is not None:
        facts["strategy_id"] = fault.value
    facts |= {name: context[name] for name in _SHOWN if context.get(name) is not None}
    if fault is not None:
        facts["where"] = fault.where
    if record is not None:
        last = record.n_bars - 1
        when = to_text(int(record.panel.timestamps_ns[last]))
        facts["last completed bar"] = f"{last}, {when}" if last >= 0 else "none"
    return _pairs(facts)


def _kept(record: RunRecord | None) -> Iterator[str]:
    if record is None:
        return iter(["nothing: the run failed before its first bar"])
    kept = {
        "bars": record.n_bars,
        "trades": len(record.trades),
        "decisions": len(record.decisions),
        "conflicts": record.n_conflicts,
        "blocks": record.n_blocks,
    }
    return _pairs(kept)


def _options(config: object) -> Mapping[str, object]:
    options = jsonable(config)
    return options if isinstance(options, Mapping) else {"config": options}


def _pairs(values: Mapping[str, object]) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in values.items())


def _raised(cause: BaseException) -> Iterator[str]:
    told = traceback.TracebackException.from_exception(cause)
    # The frames that lead from us into the strategy say nothing about it.
    foreign = [place for place, frame in enumerate(told.stack) if not frame.filename.startswith(_PACKAGE)]
    if foreign:
        del told.stack[: foreign[0]]
    return (line.rstrip("\n") for line in told.format())


def _block(lines: Iterator[str] | list[str]) -> str:
    text = visible("\n".join(lines))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
