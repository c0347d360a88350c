"""No strategy of the packs looks ahead on real prices, with the parameters that it has by default."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from strategy_orchestrator import Panel
from strategy_orchestrator.models.specs import StrategySpec
from strategy_orchestrator.testing import find_look_ahead

PACKS = ("orchestrator_starter", "orchestrator_technical", "orchestrator_frames")
N_BARS = 400
TRIED = 8


def specs() -> list[StrategySpec]:
    """Return the strategies of the packs that are installed."""
    plugins = [import_module(f"{pack}.plugin") for pack in PACKS if find_spec(pack) is not None]
    return [spec for plugin in plugins for spec in plugin.orchestrator_strategies()]


def is_complete(spec: StrategySpec) -> bool:
    """Tell whether it can be made without being told more."""
    model = spec.parameters
    return model is None or not any(info.is_required() for info in model.model_fields.values())


SPECS = {spec.name: spec for spec in specs() if is_complete(spec)}


@cache
def prices() -> Panel:
    """Return the end of the demo's prices."""
    panel: Panel = import_module("orchestrator_starter").DemoPrices(symbols=["AAPL", "IBM", "MSFT"]).load()
    chosen = slice(panel.n_bars - N_BARS, None)
    arrays = {name: getattr(panel, name)[chosen] for name in ("open", "high", "low", "close", "volume")}
    return Panel.from_arrays(panel.timestamps_ns[chosen], panel.symbols, **arrays)


@pytest.mark.parametrize("name", SPECS)
def test_a_strategy_of_a_pack_does_not_look_ahead(name: str) -> None:
    """The packs' own tests try every bar of other prices with short lookbacks."""
    spec = SPECS[name]

    def make() -> Any:
        return spec.factory() if spec.parameters is None else spec.factory(**dict(spec.parameters()))

    assert find_look_ahead(make, prices(), bars=TRIED, name=name).findings == ()
