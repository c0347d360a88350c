"""Conflict resolvers: who is heard when strategies want opposite things of one symbol at one bar."""

from __future__ import annotations

from orchestrator_resolvers.resolvers import (
    ExitsFirstResolver,
    HighestConvictionResolver,
    MajorityResolver,
    PriorityResolver,
    WeightedAverageResolver,
)

__all__ = [
    "ExitsFirstResolver",
    "HighestConvictionResolver",
    "MajorityResolver",
    "PriorityResolver",
    "WeightedAverageResolver",
]
