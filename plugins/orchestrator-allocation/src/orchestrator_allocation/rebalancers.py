"""The rebalancers: when they propose, and what."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from orchestrator_allocation import estimators
from orchestrator_allocation.parameters import (
    CalendarParameters,
    Covariance,
    CovarianceParameters,
    InverseVolatilityParameters,
    Period,
)
from orchestrator_allocation.schedules import period_beginnings
from orchestrator_allocation.weights import exact_weights
from strategy_orchestrator import OrchestratorState, Panel, Rebalancer
from strategy_orchestrator.arrays import BoolArray, FloatArray
from strategy_orchestrator.models.validation import checked
from strategy_orchestrator.money import sum_exactly


class CalendarRebalancer(Rebalancer):
    """Bring the sleeves back to their configured weights at regular times.

    Parameters
    ----------
    period : {"daily", "weekly", "monthly", "quarterly", "yearly"}
        Decided at the close of the first bar of each new period.
    drift_tolerance : Decimal, optional
        In between, too, when a share of the whole is further than this from its weight.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    lookback_bars = 1

    def __init__(self, period: Period = "monthly", drift_tolerance: Decimal | None = None) -> None:
        given = {"period": period, "drift_tolerance": drift_tolerance}
        options = checked(CalendarParameters, type(self).__name__, given)
        self.period = options.period
        self.drift_tolerance = options.drift_tolerance

    def schedule(self, panel: Panel) -> BoolArray:
        """Return the first bars of the periods."""
        return period_beginnings(panel.timestamps_ns, self.period)

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return the configured weights of the strategies that still trade."""
        return dict(state.weights)


class _EstimatedRebalancer(Rebalancer):
    # Propose what an estimator makes of the last returns. A drift tolerance has no place here: drift is measured from
    # the configured weights, so that a sleeve brought to other ones would be found drifted at every bar.

    lookback_bars = 1

    def __init__(self, options: InverseVolatilityParameters) -> None:
        self.lookback = options.lookback
        self.period = options.period
        self.total_weight = options.total_weight
        self.minimum_share = options.minimum_share

    def schedule(self, panel: Panel) -> BoolArray:
        """Return the first bars of the periods."""
        return period_beginnings(panel.timestamps_ns, self.period)

    def propose(self, state: OrchestratorState) -> Mapping[str, Decimal]:
        """Return the estimated weights, or the configured ones while there are fewer returns than the lookback.

        Uses the returns up to the close of the current bar.
        """
        total = self.total_weight
        is_early = len(state.sleeve_returns) < self.lookback
        if is_early and total is None:
            return dict(state.weights)
        # By name, so that the order of the strategies shows nowhere, not in the last digit.
        columns = {name: place for place, name in enumerate(state.weights)}
        names = sorted(columns)
        shares = np.array([float(state.weights[name]) for name in names])
        shares /= shares.sum()
        if not is_early:
            shares = self._shares(state.sleeve_returns[-self.lookback :, [columns[name] for name in names]], shares)
        if total is None:
            total = sum_exactly(list(state.weights.values()))
        return exact_weights(dict(zip(names, shares.tolist(), strict=True)), total)

    def _shares(self, returns: FloatArray, configured: FloatArray) -> FloatArray:
        # A sleeve that did not move tells nothing of its risk: it keeps its configured share.
        moving = estimators.is_moving(returns)
        n_moving = np.count_nonzero(moving)
        if not n_moving:
            return configured
        estimated = self._estimated(np.ascontiguousarray(returns[:, moving]))
        shares = configured.copy()
        least = self.minimum_share / n_moving
        shares[moving] = configured[moving].sum() * (least + (1.0 - self.minimum_share) * estimated)
        return shares

    @abstractmethod
    def _estimated(self, returns: FloatArray) -> FloatArray: ...


class InverseVolatilityRebalancer(_EstimatedRebalancer):
    """Weigh the sleeves in inverse proportion to the volatility of their returns.

    Parameters
    ----------
    lookback : int
        Bars whose returns are measured, at least 2.
    period : {"daily", "weekly", "monthly", "quarterly", "yearly"}
        Decided at the close of the first bar of each new period.
    total_weight : Decimal, optional
        Sum of all weights, in [0.001, 1]; the sum of the configured weights of those that still trade unless given.
    minimum_share : float
        In [0.01, 1]. Each strategy first gets this fraction of an equal share, and the estimator splits the rest.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(
        self,
        lookback: int = 126,
        period: Period = "monthly",
        total_weight: Decimal | None = None,
        minimum_share: float = 0.1,
    ) -> None:
        given = {
            "lookback": lookback,
            "period": period,
            "total_weight": total_weight,
            "minimum_share": minimum_share,
        }
        super().__init__(checked(InverseVolatilityParameters, type(self).__name__, given))

    def _estimated(self, returns: FloatArray) -> FloatArray:
        return estimators.inverse_volatility(returns, "sample")


class _CovarianceRebalancer(_EstimatedRebalancer):
    # What looks at how the sleeves move together.

    estimate: estimators.Estimate

    def __init__(
        self,
        lookback: int = 126,
        period: Period = "monthly",
        total_weight: Decimal | None = None,
        minimum_share: float = 0.1,
        covariance: Covariance = "sample",
    ) -> None:
        given = {
            "lookback": lookback,
            "period": period,
            "total_weight": total_weight,
            "minimum_share": minimum_share,
            "covariance": covariance,
        }
        options = checked(CovarianceParameters, type(self).__name__, given)
        super().__init__(options)
        self.covariance = options.covariance

    def _estimated(self, returns: FloatArray) -> FloatArray:
        return type(self).estimate(returns, self.covariance)


class RiskParityRebalancer(_CovarianceRebalancer):
    """Weigh the sleeves so that each contributes equally to the variance of the whole.

    Parameters
    ----------
    lookback, period, total_weight, minimum_share
        As of `InverseVolatilityRebalancer`.
    covariance : {"sample", "ledoit-wolf"}
        How the covariance of the returns is estimated.
    """

    estimate = staticmethod(estimators.risk_parity)


class MinimumVarianceRebalancer(_CovarianceRebalancer):
    """Weigh the sleeves for the least variance of the whole.

    Parameters
    ----------
    lookback, period, total_weight, minimum_share
        As of `InverseVolatilityRebalancer`.
    covariance : {"sample", "ledoit-wolf"}
        How the covariance of the returns is estimated.
    """

    estimate = staticmethod(estimators.minimum_variance)


class HierarchicalRiskParityRebalancer(_CovarianceRebalancer):
    """Weigh the sleeves by splitting risk down the tree of their correlations.

    Parameters
    ----------
    lookback, period, total_weight, minimum_share
        As of `InverseVolatilityRebalancer`.
    covariance : {"sample", "ledoit-wolf"}
        How the covariance of the returns is estimated.
    """

    estimate = staticmethod(estimators.hierarchical_risk_parity)
