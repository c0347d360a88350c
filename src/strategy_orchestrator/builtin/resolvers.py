"""The three conflict resolvers of the design, as plug-ins write them."""

from __future__ import annotations

from collections.abc import Sequence

from strategy_orchestrator.models.contracts import ConflictResolver
from strategy_orchestrator.models.signals import Signal
from strategy_orchestrator.models.states import OrchestratorState


class FirstWins(ConflictResolver):
    """Follow the earliest strategy in the list that has a signal."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals of the first one's direction."""
        del symbol, state
        return [signal for signal in signals if signal.direction is signals[0].direction]


class NetSignal(ConflictResolver):
    """Follow the direction with more weight."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals whose direction is the sign of Σ direction × weight; none when that is zero."""
        del symbol, state
        net = sum(signal.direction * signal.weight for signal in signals)
        return [signal for signal in signals if signal.direction * net > 0]


class CancelBoth(ConflictResolver):
    """Follow nobody."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return nothing."""
        del symbol, signals, state
        return ()
