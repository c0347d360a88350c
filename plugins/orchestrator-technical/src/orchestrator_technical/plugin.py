"""What the package offers to the orchestrator."""

from __future__ import annotations

from typing import Final

from orchestrator_technical import parameters
from orchestrator_technical.breakouts import ChandelierTrend, DonchianBreakout, KeltnerBreakout
from orchestrator_technical.crosses import MACD, EMACross, SMACross
from orchestrator_technical.pairs import PairsTrading
from orchestrator_technical.reversion import BollingerReversion, StochasticReversal, TwoBarRSI
from orchestrator_technical.rotation import MomentumRotation, YearHighRotation
from orchestrator_technical.seasons import Halloween, TurnOfMonth
from orchestrator_technical.trends import ADXTrend, Aroon, CCITrend, ParabolicSAR, TrendWithStops
from orchestrator_technical.weights import TimeSeriesMomentum, VolatilityTarget
from strategy_orchestrator import StrategySpec, hookimpl

_OFFERS: Final = (
    (
        "adx-trend",
        ADXTrend,
        parameters.DirectionalParameters,
        "Enter with directional movement while the trend is strong",
    ),
    ("aroon", Aroon, parameters.AroonParameters, "Enter while the highest high is newer than the lowest low"),
    ("bollinger-reversion", BollingerReversion, parameters.BollingerParameters, "Buy below the lower Bollinger band"),
    ("cci-trend", CCITrend, parameters.ChannelIndexParameters, "Hold while the commodity channel index is high"),
    (
        "chandelier-trend",
        ChandelierTrend,
        parameters.ChandelierParameters,
        "Buy a breakout; leave by a chandelier stop",
    ),
    (
        "donchian-breakout",
        DonchianBreakout,
        parameters.DonchianParameters,
        "Buy a new high, sell a new low, as turtles do",
    ),
    (
        "ema-cross",
        EMACross,
        parameters.ExponentialCrossParameters,
        "Hold while the fast exponential average is above the slow one",
    ),
    ("halloween", Halloween, parameters.HalloweenParameters, "Be in from November to April"),
    ("keltner-breakout", KeltnerBreakout, parameters.KeltnerParameters, "Buy above the Keltner channel"),
    ("macd", MACD, parameters.MACDParameters, "Hold while MACD is above its signal line"),
    ("momentum-rotation", MomentumRotation, parameters.RotationParameters, "Hold the symbols that have risen most"),
    ("pairs-trading", PairsTrading, parameters.PairsParameters, "Trade pairs that have parted until they meet"),
    ("parabolic-sar", ParabolicSAR, parameters.ParabolicParameters, "Hold while the close is above the parabolic stop"),
    ("rsi-2", TwoBarRSI, parameters.TwoBarIndexParameters, "Buy a short setback in a long rise"),
    (
        "sma-cross",
        SMACross,
        parameters.AverageCrossParameters,
        "Hold while the fast moving average is above the slow one",
    ),
    ("stochastic-reversal", StochasticReversal, parameters.StochasticParameters, "Buy a turn at the low of the range"),
    (
        "time-series-momentum",
        TimeSeriesMomentum,
        parameters.TimeSeriesParameters,
        "Go the way of the past year's return",
    ),
    ("trend-with-stops", TrendWithStops, parameters.StopsParameters, "Buy a rise through the average; leave by stops"),
    ("turn-of-month", TurnOfMonth, parameters.TurnOfMonthParameters, "Be in on the days around the turn of the month"),
    ("volatility-target", VolatilityTarget, parameters.VolatilityTargetParameters, "Hold less of what is wilder"),
    ("year-high-rotation", YearHighRotation, parameters.YearHighParameters, "Hold what is nearest to its 52-week high"),
)


@hookimpl
def orchestrator_strategies() -> list[StrategySpec]:
    """Offer each strategy under its name."""
    return [StrategySpec(name, factory, options, f"{words}.") for name, factory, options, words in _OFFERS]
