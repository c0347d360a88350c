"""The cases that were worked out by hand for the reference simulator, through the kernel."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import pytest

from tests.reference import test_by_hand, test_costs_by_hand, test_exits_by_hand, test_sleeves_by_hand
from tests.reference.cases import Case, check_case, says
from tests.unit.kernel.runs import kernel_outcome

MODULES = (test_by_hand, test_costs_by_hand, test_exits_by_hand, test_sleeves_by_hand)


def cases_of(module: ModuleType) -> dict[str, Case]:
    """Return the cases in the tables of a module."""
    tables = [table for table in vars(module).values() if isinstance(table, dict)]
    return {name: case for table in tables for name, case in table.items() if isinstance(case, Case)}


CASES = {name: case for module in MODULES for name, case in cases_of(module).items()}


def test_no_case_hides_another() -> None:
    """Every case of every table is run, so no name is used twice."""
    assert len(CASES) == sum(len(cases_of(module)) for module in MODULES) > 80


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_kernel_gives_what_was_worked_out(case: Case) -> None:
    """Decisions, equity and ledgers are those on paper."""
    check_case(case, kernel_outcome)


def test_a_position_worth_less_than_is_due_goes_whole() -> None:
    """When prices fall before the sale of a rebalance, all of a position is sold and no more."""
    # 25 shares of each at 10. At 50 and 10: 1500 of 2000, half is 1000, 500 too much. At 1 and 10 all is worth 275:
    # 25 x 500 / 275 = 45 of the 25 go. The second symbol has no bar and stays: 250 of 775 at the end.
    case = Case(
        "",
        ["10|10", "10|10", "50|10", "1|-"],
        [says("E...", "E...", weight="0.5"), says("....", "....", weight="0.5")],
        [
            "1 entry strategy_signal 0 0 1 25 10 250",
            "1 entry strategy_signal 0 1 1 25 10 250",
            "2 rebalance none -1 -1 0 0 0 2000",
            "3 exit rebalance 0 0 -1 25 1 25",
            "3 transfer none 0 -1 0 0 0 -25",
            "3 transfer none 1 -1 0 0 0 25",
            "3 rebalance none -1 -1 0 0 0 775",
            "3 expired none -1 -1",
        ],
        options={"rebalance": Fraction(1, 10)},
    )
    check_case(case)
    check_case(case, kernel_outcome)
