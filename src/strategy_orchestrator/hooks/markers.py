"""The decorators of the contract and its version."""

from __future__ import annotations

from typing import Final

import pluggy

PROJECT: Final = "strategy_orchestrator"
"""Name of the pluggy project and of the entry-point group."""
API_VERSION: Final = 1
"""Version of the contract. A plug-in may declare the one that it was written for: as `orchestrator_api_version`, or in
the requirements of its distribution as `strategy-orchestrator[api-1]`, which is looked at before it is imported."""

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)
