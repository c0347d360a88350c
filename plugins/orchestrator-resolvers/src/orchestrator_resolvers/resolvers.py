"""The resolvers. None of them depends on the order of the strategies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from orchestrator_resolvers.parameters import (
    ExitsFirstParameters,
    HighestConvictionParameters,
    PriorityParameters,
    Tie,
    WeightedAverageParameters,
)
from orchestrator_resolvers.sides import net_weight, on_side, side_of, the_one_side, tie_winner
from strategy_orchestrator import ConfigError, ConflictResolver, Direction, OrchestratorState, Signal, SignalKind
from strategy_orchestrator.errors import Fault, nearest
from strategy_orchestrator.models.validation import checked
from strategy_orchestrator.money import multiply_exactly, sum_exactly


class PriorityResolver(ConflictResolver):
    """Follow the strategies of the highest priority.

    The direction of those that have it wins; signals in that direction survive, whoever sends them.

    Parameters
    ----------
    priorities : mapping
        Priority by strategy id or pattern of ids, such as "Momentum*"; the highest of those that match counts.
    default : int
        Priority of strategies that nothing matches.
    tie : {"cancel", "net", "buy", "sell"}
        Who wins when both sides have the highest priority.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, priorities: Mapping[str, int], default: int = 0, tie: Tie = "cancel") -> None:
        given = {"priorities": dict(priorities), "default": default, "tie": tie}
        options = checked(PriorityParameters, type(self).__name__, given)
        self.priorities = dict(options.priorities)
        self.default = options.default
        self.tie: Tie = options.tie
        self._known: dict[str, int] = {}

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals in the direction of the highest priority.

        Raises
        ------
        ConfigError
            If a pattern matches no strategy of the run.
        """
        del symbol
        if not self._known.keys() >= state.strategy_states.keys():
            self._known = self._ranked(state.strategy_states)
        top = max(self._known[signal.strategy_id] for signal in signals)
        leaders = [signal for signal in signals if self._known[signal.strategy_id] == top]
        winner = the_one_side(leaders)
        return on_side(signals, tie_winner(signals, self.tie) if winner is None else winner)

    def _ranked(self, ids: Iterable[str]) -> dict[str, int]:
        names = sorted(ids)
        idle = [pattern for pattern in self.priorities if not any(fnmatchcase(name, pattern) for name in names)]
        if idle:
            raise ConfigError([self._idle(pattern, names) for pattern in idle])
        return {name: max(self._matching(name), default=self.default) for name in names}

    def _matching(self, name: str) -> list[int]:
        return [number for pattern, number in self.priorities.items() if fnmatchcase(name, pattern)]

    def _idle(self, pattern: str, names: list[str]) -> Fault:
        guess = nearest(pattern, names)
        remedy = "" if guess is None else f"Did you mean {guess!r}?"
        problem = f"{pattern!r} matches no strategy; there are {', '.join(map(repr, names))}"
        return Fault(f"{type(self).__name__}.priorities", problem, remedy, pattern)


class MajorityResolver(ConflictResolver):
    """Give each strategy one vote; a tie drops all."""

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals in the direction that more strategies want."""
        del symbol, state
        return on_side(signals, side_of(sum(int(signal.direction) for signal in signals)))


class WeightedAverageResolver(ConflictResolver):
    """Follow the average direction, by weight, if it is clear enough.

    The average is Σ direction × weight ÷ Σ weight of the strategies in conflict: 1 when all buy, -1 when all sell.
    A margin of 0 is NET_SIGNAL.

    Parameters
    ----------
    margin : Decimal
        In [0, 1): an average that is not further than this from 0 drops all.

    Raises
    ------
    ConfigError
        If the margin is out of bounds.
    """

    def __init__(self, margin: Decimal = Decimal("0.2")) -> None:
        self.margin = checked(WeightedAverageParameters, type(self).__name__, {"margin": margin}).margin

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals in the direction of the average, or none."""
        del symbol, state
        net = net_weight(signals)
        needed = multiply_exactly(self.margin, sum_exactly([signal.weight for signal in signals]))
        # Compared without a division, so exactly.
        return on_side(signals, side_of(net) if net.copy_abs() > needed else None)


class HighestConvictionResolver(ConflictResolver):
    """Follow the strategy with the largest weight in the portfolio.

    Signals in its direction survive, whoever sends them.

    Parameters
    ----------
    tie : {"cancel", "net", "buy", "sell"}
        Who wins when both sides have the largest weight.

    Raises
    ------
    ConfigError
        If the option is not one of these.
    """

    def __init__(self, tie: Tie = "cancel") -> None:
        self.tie: Tie = checked(HighestConvictionParameters, type(self).__name__, {"tie": tie}).tie

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return the signals in the direction of the largest weight."""
        del symbol, state
        most = max(signal.weight for signal in signals)
        winner = the_one_side([signal for signal in signals if signal.weight == most])
        return on_side(signals, tie_winner(signals, self.tie) if winner is None else winner)


class ExitsFirstResolver(ConflictResolver):
    """Let every exit through and drop the entries that go against one.

    An exit is also a target weight that trades against the position held. A reversal counts as an entry.

    Parameters
    ----------
    entries : {"cancel", "net", "buy", "sell"}
        Who wins when only entries are in conflict.

    Raises
    ------
    ConfigError
        If the option is not one of these.
    """

    def __init__(self, entries: Tie = "cancel") -> None:
        self.entries: Tie = checked(ExitsFirstParameters, type(self).__name__, {"entries": entries}).entries

    def resolve(self, symbol: str, signals: Sequence[Signal], state: OrchestratorState) -> Sequence[Signal]:
        """Return all exits, and the entries that trade the way they all do."""
        is_exit = [_is_exit(signal, _side_held(signal.strategy_id, symbol, state)) for signal in signals]
        exits = [signal for signal, leaves in zip(signals, is_exit, strict=True) if leaves]
        if not exits:
            return on_side(signals, tie_winner(signals, self.entries))
        allowed = the_one_side(exits)
        pairs = zip(signals, is_exit, strict=True)
        return [signal for signal, leaves in pairs if leaves or signal.direction is allowed]


def _is_exit(signal: Signal, held: Direction | None) -> bool:
    if signal.kind is SignalKind.WEIGHT:
        return held is not None and signal.direction is not held
    return signal.kind is SignalKind.EXIT


def _side_held(strategy_id: str, symbol: str, state: OrchestratorState) -> Direction | None:
    position = state.strategy_states[strategy_id].positions.get(symbol)
    return None if position is None else position.direction
