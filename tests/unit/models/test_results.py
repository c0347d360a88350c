"""How results show themselves."""

from __future__ import annotations

from tests.unit.store.builders import IDS, make_result


def test_a_result_shows_itself_in_a_line() -> None:
    """Whoever types its name at a prompt sees what came of the capital, not a screen full of arrays."""
    shown = "<OrchestratorResult: 2 strategies, 2 symbols, 5 bars, 10,000.00 to 10,017.00, 1 trade>"
    assert repr(make_result()) == shown


def test_the_result_of_a_strategy_shows_itself_in_a_line() -> None:
    """It has the id, the capital at start and end, and the number of trades."""
    of_strategy = make_result().strategy_results[IDS[0]]
    money = f"{of_strategy.initial_capital:,.2f} to {of_strategy.final_equity:,.2f}"
    assert repr(of_strategy).startswith(f"<BacktestResult of {IDS[0]}: {money}, {len(of_strategy.trades)} trade")
