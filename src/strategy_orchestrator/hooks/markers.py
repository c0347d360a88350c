"""The decorators of the contract and its version."""

from __future__ import annotations

from typing import Final

import pluggy

PROJECT: Final = "strategy_orchestrator"
"""Name of the pluggy project and of the entry-point group."""
API_VERSION: Final = 1
"""Version of the contract; a plug-in may declare the one it was written for as `orchestrator_api_version`."""

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)
