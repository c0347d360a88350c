"""Run `orchestrate` as `python -m strategy_orchestrator.cli`."""

from __future__ import annotations

from strategy_orchestrator.cli import main

if __name__ == "__main__":
    main()
