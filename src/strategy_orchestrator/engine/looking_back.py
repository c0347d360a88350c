"""How many bars before a chunk those who are asked about it need, and who cannot be asked in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from strategy_orchestrator.builtin.sizers import EqualSlots
from strategy_orchestrator.engine.roster import Member
from strategy_orchestrator.engine.setup import Parts, is_asked_to_rebalance
from strategy_orchestrator.errors import ConfigError, Fault
from strategy_orchestrator.models.contracts import Rebalancer
from strategy_orchestrator.models.strategies import lookback_of

_UNKNOWN: Final = "it does not say on how many bars it looks back, so it cannot be asked in chunks"
_REMEDY: Final = "Set its attribute lookback_bars, or run without streaming"
_REMEDY_OF_STRATEGY: Final = "Set its attribute lookback_bars (in a run file the key), or run without streaming"


def lookback_in_chunks(members: Sequence[Member], parts: Parts) -> int:
    """Return how many bars before a chunk are needed.

    Raises
    ------
    ConfigError
        With one fault for each strategy, sizer, cost model or rebalancer that does not say on how many it looks back.
    """
    asked = [*_strategies(members), *_parts(parts)]
    faults = [
        Fault(where, _UNKNOWN if found is None else f"its lookback_bars is {found!r}; expected 0 or more", remedy)
        for where, thing, remedy in asked
        if lookback_of(thing) is None
        for found in (getattr(thing, "lookback_bars", None),)
    ]
    if faults:
        raise ConfigError(faults)
    return max((lookback_of(thing) or 0 for _, thing, _ in asked), default=0)


def _strategies(members: Sequence[Member]) -> Iterator[tuple[str, Any, str]]:
    for member in members:
        yield f"strategy {member.strategy_id!r}", member.strategy, _REMEDY_OF_STRATEGY


def _parts(parts: Parts) -> Iterator[tuple[str, Any, str]]:
    if parts.sizer is not None and type(parts.sizer) is not EqualSlots:
        yield parts.sizer_where, parts.sizer, _REMEDY
    if parts.cost_model is not None:
        yield parts.cost_model_where, parts.cost_model, _REMEDY
    schedule = getattr(type(parts.rebalancer), "schedule", None)
    if is_asked_to_rebalance(parts) and schedule not in {None, Rebalancer.schedule}:
        yield parts.rebalancer_where, parts.rebalancer, _REMEDY
