"""Functions from frames of prices to signals or target weights, as strategies."""

from __future__ import annotations

from orchestrator_frames.strategies import (
    FunctionSignals,
    FunctionWeights,
    from_function,
    signal_strategy,
    weight_strategy,
    weights_from_function,
)

__all__ = [
    "FunctionSignals",
    "FunctionWeights",
    "from_function",
    "signal_strategy",
    "weight_strategy",
    "weights_from_function",
]
