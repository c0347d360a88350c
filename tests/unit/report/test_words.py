"""Numbers and times as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from strategy_orchestrator.report.words import count, exact, moment, money, percent, ratio, sign_of

NAN = Decimal("NaN")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (percent(Decimal("0.12345")), "12.3 %"),
        (percent(-0.5, 2), "−50.00 %"),
        (percent(Decimal("-0.00001")), "0.0 %"),
        (percent(float("nan")), "n/a"),
        (money(Decimal("-1234567.891")), "−1,234,567.89"),
        (money(NAN), "n/a"),
        (ratio(Decimal("0.005"), 3), "0.005"),
        (ratio(Decimal("Infinity")), "n/a"),
        (exact(Decimal("252.00")), "252"),
        (exact(Decimal("1E+3")), "1,000"),
        (exact(NAN), "n/a"),
        (count(1, "strategy", "strategies"), "1 strategy"),
        (count(0, "bar"), "0 bars"),
        (moment(datetime(2024, 1, 2, tzinfo=UTC)), "2024-01-02"),
        (moment(datetime(2024, 1, 2, 15, 30, tzinfo=UTC)), "2024-01-02 15:30:00"),
    ],
)
def test_numbers_are_written_for_readers(shown: str, expected: str) -> None:
    """With a true minus, thousands apart, and n/a for what is not defined."""
    assert shown == expected


@pytest.mark.parametrize(
    ("value", "sign"), [(Decimal(1), "gain"), (-0.1, "loss"), (Decimal(0), ""), (NAN, ""), (float("nan"), "")]
)
def test_gains_and_losses_are_told_apart(value: Decimal | float, sign: str) -> None:
    """Neither zero nor what is not defined is one."""
    assert sign_of(value) == sign
