"""What the package offers to the orchestrator."""

from __future__ import annotations

from orchestrator_resolvers.parameters import (
    ExitsFirstParameters,
    HighestConvictionParameters,
    PriorityParameters,
    WeightedAverageParameters,
)
from orchestrator_resolvers.resolvers import (
    ExitsFirstResolver,
    HighestConvictionResolver,
    MajorityResolver,
    PriorityResolver,
    WeightedAverageResolver,
)
from strategy_orchestrator import ResolverSpec, hookimpl


@hookimpl
def orchestrator_conflict_resolvers() -> list[ResolverSpec]:
    """Offer five ways to decide, none of which looks at the order of the strategies."""
    return [
        ResolverSpec(
            "priority", PriorityResolver, PriorityParameters, "The strategies of the highest priority are followed."
        ),
        ResolverSpec("majority", MajorityResolver, None, "One vote a strategy; a tie drops all."),
        ResolverSpec(
            "weighted-average",
            WeightedAverageResolver,
            WeightedAverageParameters,
            "The average direction by weight wins if it is clear enough, else all drop.",
        ),
        ResolverSpec(
            "highest-conviction",
            HighestConvictionResolver,
            HighestConvictionParameters,
            "The strategy with the largest weight is followed.",
        ),
        ResolverSpec(
            "exits-first",
            ExitsFirstResolver,
            ExitsFirstParameters,
            "Every exit goes through; entries against one drop.",
        ),
    ]
