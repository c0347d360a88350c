"""What the package offers to the orchestrator."""

from __future__ import annotations

from orchestrator_frames.named import named_signals, named_weights
from orchestrator_frames.parameters import NamedFunctionParameters
from strategy_orchestrator import StrategySpec, hookimpl


@hookimpl
def orchestrator_strategies() -> list[StrategySpec]:
    """Offer functions that a run file names, in both forms."""
    signals = "Signals from a function of a frame, named module:function."
    weights = "Target weights from a function of a frame, named module:function."
    return [
        StrategySpec("function", named_signals, NamedFunctionParameters, signals),
        StrategySpec("function-weights", named_weights, NamedFunctionParameters, weights),
    ]
