"""Run what `orchestrate demo` runs and print its fingerprint; "reversed" is an order to register plug-ins in."""

from __future__ import annotations

import sys

from strategy_orchestrator import (
    OrchestratorConfig,
    OrchestratorResult,
    StrategyOrchestrator,
    create_plugin_manager,
    hookimpl,
)


class Bystander:
    """A plug-in that offers nothing and hears of runs."""

    @hookimpl
    def orchestrator_run_started(self) -> None:
        """Do nothing."""


def result(order: str = "sorted") -> OrchestratorResult:
    """Return the result of the demo."""
    # A pack that need not be there.
    import orchestrator_starter  # noqa: PLC0415
    from orchestrator_starter import plugin  # noqa: PLC0415

    packs = [Bystander(), plugin]
    manager = create_plugin_manager(reversed(packs) if order == "reversed" else packs, autoload=False)
    wanted = [
        ("buy-and-hold", "0.33", {}),
        ("momentum", "0.33", {"fast": 10, "slow": 50}),
        ("rsi", "0.34", {"period": 14, "lower": 30.0, "upper": 70.0}),
    ]
    pairs = [
        (manager.build(manager.find("strategy", name, "demo"), options, "demo"), weight)
        for name, weight, options in wanted
    ]
    portfolio = StrategyOrchestrator(pairs, OrchestratorConfig(), manager=manager)
    return portfolio.run(orchestrator_starter.DemoPrices().load(), 100_000)


def fingerprint(order: str = "sorted") -> str:
    """Return the fingerprint of the demo."""
    return result(order).fingerprint


if __name__ == "__main__":
    sys.stdout.write(f"{fingerprint(*sys.argv[1:])}\n")
