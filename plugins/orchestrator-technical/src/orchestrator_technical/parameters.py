"""The options of the strategies, with their bounds and what must hold between them."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from strategy_orchestrator.models.validation import Parameters

Side: TypeAlias = Literal["long", "both"]
Rebalance: TypeAlias = Literal["week", "month", "quarter"]

_SIDE = "Trade long only, or sell short as well."
_REBALANCE = "Renew the weights at the first bar of each of these."
_YEAR = "Bars in a year, for annual volatility: 252 for daily bars of shares, 365 for daily bars of coins."
_DAYS_IN_MONTH = 10
_MONTHS = 12


class AverageCrossParameters(Parameters):
    """Options of the crosses of two moving averages."""

    fast: int = Field(default=50, ge=2, le=9_999, description="Bars of the fast moving average; below slow.")
    slow: int = Field(default=200, ge=3, le=10_000, description="Bars of the slow moving average.")
    band: float = Field(
        default=0.0, ge=0.0, le=0.5, description="Fraction by which fast must clear slow, to either side, to count."
    )
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _fast_is_below_slow(self) -> Self:
        require_below(self, "fast", "slow")
        return self


class ExponentialCrossParameters(AverageCrossParameters):
    """Options of the cross of two exponential averages."""

    fast: int = Field(default=20, ge=2, le=9_999, description="Bars of the fast exponential average; below slow.")
    slow: int = Field(default=50, ge=3, le=10_000, description="Bars of the slow exponential average.")


class MACDParameters(Parameters):
    """Options of the moving average convergence-divergence."""

    fast: int = Field(default=12, ge=2, le=9_999, description="Bars of the fast exponential average; below slow.")
    slow: int = Field(default=26, ge=3, le=10_000, description="Bars of the slow exponential average.")
    signal: int = Field(default=9, ge=1, le=10_000, description="Bars of the average of their difference.")
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _fast_is_below_slow(self) -> Self:
        require_below(self, "fast", "slow")
        return self


class DirectionalParameters(Parameters):
    """Options of directional movement."""

    period: int = Field(default=14, ge=2, le=10_000, description="Bars of Wilder's averages.")
    threshold: float = Field(
        default=25.0, ge=0.0, le=100.0, description="Enter only while the average directional index is above."
    )
    side: Side = Field(default="long", description=_SIDE)


class ParabolicParameters(Parameters):
    """Options of the parabolic stop and reverse."""

    acceleration: float = Field(
        default=0.02, gt=0.0, le=1.0, description="First acceleration factor, and what each new extreme adds to it."
    )
    maximum: float = Field(default=0.2, gt=0.0, le=1.0, description="Greatest acceleration factor.")
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _acceleration_is_up_to_maximum(self) -> Self:
        if self.acceleration > self.maximum:
            raise ValueError(f"acceleration, {self.acceleration:g}, must be up to maximum, {self.maximum:g}")
        return self


class StopsParameters(Parameters):
    """Options of the trend that ends in stops."""

    period: int = Field(default=200, ge=2, le=10_000, description="Bars of the moving average that tells the trend.")
    stop_loss: float = Field(
        default=0.08, ge=0.001, le=0.99, description="Leave when the price is this fraction below that of the entry."
    )
    trailing_stop: float | None = Field(
        default=None, ge=0.001, le=0.99, description="Leave this fraction below the best price; none unless given."
    )
    take_profit: float | None = Field(
        default=None, ge=0.001, le=100.0, description="Leave this fraction above the entry; none unless given."
    )
    max_holding_bars: int | None = Field(
        default=None, ge=1, le=100_000, description="Leave at the close of this bar of the position; none unless given."
    )
    side: Side = Field(default="long", description=_SIDE)


class AroonParameters(Parameters):
    """Options of the Aroon oscillator's two lines."""

    period: int = Field(default=25, ge=2, le=10_000, description="Bars in which the extremes are looked for.")
    threshold: float = Field(
        default=70.0, ge=0.0, lt=100.0, description="Enter only while the leading line is above; 100 is this bar."
    )
    side: Side = Field(default="long", description=_SIDE)


class ChannelIndexParameters(Parameters):
    """Options of the commodity channel index."""

    period: int = Field(default=20, ge=2, le=10_000, description="Bars of the average and of the mean deviation.")
    level: float = Field(
        default=100.0, gt=0.0, le=1_000.0, description="Be long above this level, short below its negative, else out."
    )
    side: Side = Field(default="long", description=_SIDE)


class DonchianParameters(Parameters):
    """Options of the channel breakout."""

    entry_bars: int = Field(
        default=20, ge=2, le=10_000, description="Enter beyond the extreme of so many bars before this one."
    )
    exit_bars: int = Field(
        default=10, ge=2, le=10_000, description="Leave beyond the opposite extreme of so many; up to entry_bars."
    )
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _exit_is_up_to_entry(self) -> Self:
        if self.exit_bars > self.entry_bars:
            raise ValueError(f"exit_bars, {self.exit_bars}, must be up to entry_bars, {self.entry_bars}")
        return self


class KeltnerParameters(Parameters):
    """Options of the channel around an exponential average."""

    period: int = Field(default=20, ge=2, le=10_000, description="Bars of the exponential average.")
    range_bars: int = Field(default=10, ge=2, le=10_000, description="Bars of the average true range.")
    multiple: float = Field(
        default=2.0, gt=0.0, le=20.0, description="Average true ranges from the average to either edge."
    )
    side: Side = Field(default="long", description=_SIDE)


class ChandelierParameters(Parameters):
    """Options of the breakout that hangs its stop from the highest high."""

    entry_bars: int = Field(
        default=55, ge=2, le=10_000, description="Enter beyond the extreme of so many bars before this one."
    )
    exit_bars: int = Field(
        default=22, ge=2, le=10_000, description="Bars of the extreme that the stop hangs from, and of the true range."
    )
    multiple: float = Field(
        default=3.0, gt=0.0, le=20.0, description="Average true ranges from that extreme to the stop."
    )
    side: Side = Field(default="long", description=_SIDE)


class BollingerParameters(Parameters):
    """Options of the return from the edge of the bands to their middle."""

    period: int = Field(default=20, ge=2, le=10_000, description="Bars of the average and of the deviation.")
    width: float = Field(default=2.0, gt=0.0, le=10.0, description="Standard deviations from the middle to a band.")
    side: Side = Field(default="long", description=_SIDE)


class TwoBarIndexParameters(Parameters):
    """Options of the two-bar relative strength index."""

    period: int = Field(default=2, ge=2, le=100, description="Changes of the close in Wilder's first average.")
    lower: float = Field(default=10.0, ge=0.0, le=100.0, description="Buy below; less than upper.")
    upper: float = Field(default=90.0, ge=0.0, le=100.0, description="Sell short above.")
    trend_bars: int = Field(
        default=200, ge=2, le=10_000, description="Bars of the average above which to buy, below which to sell short."
    )
    exit_bars: int = Field(default=5, ge=2, le=10_000, description="Bars of the average beyond which to leave.")
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _levels_and_averages_are_in_order(self) -> Self:
        require_below(self, "lower", "upper")
        require_below(self, "exit_bars", "trend_bars")
        return self


class StochasticParameters(Parameters):
    """Options of the slow stochastic."""

    period: int = Field(default=14, ge=2, le=10_000, description="Bars of the range in which the close is placed.")
    smoothing: int = Field(default=3, ge=2, le=1_000, description="Bars over which %K is averaged, and %D from it.")
    lower: float = Field(default=20.0, ge=0.0, le=100.0, description="Buy on a rise from below; less than upper.")
    upper: float = Field(default=80.0, ge=0.0, le=100.0, description="Leave on a fall from above.")
    side: Side = Field(default="long", description=_SIDE)

    @model_validator(mode="after")
    def _lower_is_below_upper(self) -> Self:
        require_below(self, "lower", "upper")
        return self


class TurnOfMonthParameters(Parameters):
    """Options of the turn of the month."""

    days_before: int = Field(
        default=1, ge=0, le=_DAYS_IN_MONTH, description="Last weekdays of a month on which to be in."
    )
    days_after: int = Field(
        default=3, ge=0, le=_DAYS_IN_MONTH, description="First weekdays of a month on which to be in."
    )

    @model_validator(mode="after")
    def _there_is_a_day(self) -> Self:
        if self.days_before + self.days_after == 0:
            raise ValueError("days_before and days_after are both 0, so that no day is left to be in")
        return self


class HalloweenParameters(Parameters):
    """Options of the season to be in."""

    first_month: int = Field(default=11, ge=1, le=_MONTHS, description="First month to be in, 1 for January.")
    last_month: int = Field(default=4, ge=1, le=_MONTHS, description="Last month to be in.")

    @model_validator(mode="after")
    def _there_is_a_month_to_be_out(self) -> Self:
        if (self.last_month - self.first_month) % _MONTHS == _MONTHS - 1:
            raise ValueError(f"from {self.first_month} to {self.last_month} is the whole year; leave a month to be out")
        return self


class TimeSeriesParameters(Parameters):
    """Options of time-series momentum."""

    lookback_bars: int = Field(default=252, ge=2, le=10_000, description="Bars whose return tells the direction.")
    target_volatility: float = Field(
        default=0.4,
        gt=0.0,
        le=2.0,
        description="Annual volatility to which a full position is scaled down: 0.4 is 40 %.",
    )
    center_of_mass: int = Field(
        default=60, ge=2, le=1_000, description="Mean age, in bars, of the squared returns in the volatility."
    )
    bars_per_year: int = Field(default=252, ge=1, le=600_000, description=_YEAR)
    rebalance: Rebalance = Field(default="month", description=_REBALANCE)
    side: Side = Field(default="both", description=_SIDE)


class VolatilityTargetParameters(Parameters):
    """Options of volatility targeting."""

    target_volatility: float = Field(default=0.1, gt=0.0, le=2.0, description="Annual volatility: 0.1 is 10 %.")
    lookback_bars: int = Field(default=21, ge=2, le=10_000, description="Returns whose deviation is measured.")
    max_weight: float = Field(
        default=1.0, gt=0.0, le=1.0, description="Greatest share of a symbol's slot, however calm the price."
    )
    bars_per_year: int = Field(default=252, ge=1, le=600_000, description=_YEAR)
    rebalance: Rebalance = Field(default="month", description=_REBALANCE)


class RotationParameters(Parameters):
    """Options of the rotation into the strongest."""

    lookback_bars: int = Field(default=126, ge=2, le=10_000, description="Bars whose return ranks the symbols.")
    skip_bars: int = Field(
        default=5, ge=0, le=1_000, description="Newest bars left out of that return; below lookback."
    )
    fraction: float = Field(
        default=0.1, gt=0.0, le=0.5, description="Part of the ranked symbols that is held, one at least."
    )
    rebalance: Rebalance = Field(default="month", description=_REBALANCE)
    side: Side = Field(default="long", description="Hold the winners only, or sell the losers short as well.")

    @model_validator(mode="after")
    def _skip_is_below_lookback(self) -> Self:
        require_below(self, "skip_bars", "lookback_bars")
        return self


class YearHighParameters(Parameters):
    """Options of the rotation into what is nearest to its high."""

    lookback_bars: int = Field(default=252, ge=2, le=10_000, description="Bars of the high, this one included.")
    fraction: float = Field(
        default=0.3, gt=0.0, le=0.5, description="Part of the ranked symbols that is held, one at least."
    )
    rebalance: Rebalance = Field(default="month", description=_REBALANCE)
    side: Side = Field(default="long", description="Hold the nearest only, or sell the farthest short as well.")


class PairsParameters(Parameters):
    """Options of pairs trading."""

    formation_bars: int = Field(default=252, ge=10, le=10_000, description="Bars over which pairs are compared.")
    trading_bars: int = Field(default=126, ge=2, le=10_000, description="Bars for which the closest pairs are traded.")
    n_pairs: int = Field(default=5, ge=1, le=1_000, description="Closest pairs that are traded.")
    open_at: float = Field(
        default=2.0, gt=0.0, le=10.0, description="Standard deviations of the spread beyond which a pair is opened."
    )
    coverage: float = Field(
        default=0.9, gt=0.0, le=1.0, description="Part of the formation's bars that the two must have in common."
    )


def require_below(options: Parameters, lower: str, upper: str) -> None:
    """Refuse two options of which the first is not below the second."""
    low, high = getattr(options, lower), getattr(options, upper)
    if low >= high:
        raise ValueError(f"{lower}, {low:g}, must be below {upper}, {high:g}")
