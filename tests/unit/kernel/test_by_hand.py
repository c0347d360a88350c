"""The cases that were worked out by hand for the reference simulator, through the kernel."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.reference import test_by_hand, test_costs_by_hand, test_exits_by_hand, test_sleeves_by_hand
from tests.reference.cases import Case, check_case
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
