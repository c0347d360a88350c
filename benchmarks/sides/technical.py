"""Strategies of the technical pack, as a run asks them."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.sides.orchestrator import Run
from orchestrator_technical.breakouts import DonchianBreakout
from orchestrator_technical.crosses import SMACross
from orchestrator_technical.reversion import BollingerReversion


class Pack(Run):
    """Averages, bands and channels in turn."""

    def strategies(self) -> list[Any]:
        """Return strategies of three kinds."""
        makers = (SMACross, BollingerReversion, DonchianBreakout)
        return [makers[place % len(makers)]() for place in range(self.size.n_strategies)]

    def outcome(self) -> dict[str, Any]:
        """Keep the signals of the averages, which pandas can be compared with."""
        assert self.result is not None
        panel = self.result.record.panel
        np.save(self.folder / "signals.npy", SMACross().signals(panel).entries)
        return {"decisions": len(self.result.record.decisions)}


JOBS = {"signals": Pack}
