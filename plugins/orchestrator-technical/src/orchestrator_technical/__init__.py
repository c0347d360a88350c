"""Well-known strategies on TA-Lib's indicators, each with its source."""

from __future__ import annotations

from orchestrator_technical.breakouts import ChandelierTrend, DonchianBreakout, KeltnerBreakout
from orchestrator_technical.crosses import MACD, EMACross, SMACross
from orchestrator_technical.pairs import PairsTrading
from orchestrator_technical.reversion import BollingerReversion, StochasticReversal, TwoBarRSI
from orchestrator_technical.rotation import MomentumRotation, YearHighRotation
from orchestrator_technical.seasons import Halloween, TurnOfMonth
from orchestrator_technical.trends import ADXTrend, Aroon, CCITrend, ParabolicSAR, TrendWithStops
from orchestrator_technical.weights import TimeSeriesMomentum, VolatilityTarget

__all__ = [
    "MACD",
    "ADXTrend",
    "Aroon",
    "BollingerReversion",
    "CCITrend",
    "ChandelierTrend",
    "DonchianBreakout",
    "EMACross",
    "Halloween",
    "KeltnerBreakout",
    "MomentumRotation",
    "PairsTrading",
    "ParabolicSAR",
    "SMACross",
    "StochasticReversal",
    "TimeSeriesMomentum",
    "TrendWithStops",
    "TurnOfMonth",
    "TwoBarRSI",
    "VolatilityTarget",
    "YearHighRotation",
]
