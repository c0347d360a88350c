"""How much an entry may use, what a fill costs, and where many runs are made."""

from __future__ import annotations

from orchestrator_execution.costs import HalfSpreadCosts
from orchestrator_execution.executors import JoblibExecutor
from orchestrator_execution.sizers import VolatilitySizer

__all__ = ["HalfSpreadCosts", "JoblibExecutor", "VolatilitySizer"]
