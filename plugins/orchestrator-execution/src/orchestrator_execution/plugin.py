"""What the package offers to the orchestrator."""

from __future__ import annotations

from orchestrator_execution.costs import HalfSpreadCosts
from orchestrator_execution.executors import JoblibExecutor
from orchestrator_execution.parameters import HalfSpreadParameters, JoblibParameters, VolatilityParameters
from orchestrator_execution.sizers import VolatilitySizer
from strategy_orchestrator import CostModelSpec, ExecutorSpec, SizerSpec, hookimpl


@hookimpl
def orchestrator_sizers() -> list[SizerSpec]:
    """Offer entries of equal risk."""
    description = "Entries in which a bad move, by the symbol's volatility, costs the same share of the sleeve."
    return [SizerSpec("volatility", VolatilitySizer, VolatilityParameters, description)]


@hookimpl
def orchestrator_cost_models() -> list[CostModelSpec]:
    """Offer slippage that follows the prices."""
    description = "Slippage of half the spread between bid and ask, estimated from high, low and close."
    return [CostModelSpec("half-spread", HalfSpreadCosts, HalfSpreadParameters, description)]


@hookimpl
def orchestrator_executors() -> list[ExecutorSpec]:
    """Offer whatever joblib can run on."""
    description = "Calls spread over processes, threads, or machines whose backend is registered with joblib."
    return [ExecutorSpec("joblib", JoblibExecutor, JoblibParameters, description)]
