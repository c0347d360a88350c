"""Kernels that are broken on purpose: each is the real one with a few characters changed, run interpreted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from scripts.changed_kernel import changed_functions
from strategy_orchestrator.kernel import compiled


@dataclass(frozen=True, slots=True)
class Break:
    """One change to one module of the kernel: what it does wrong, the text that is there and what it becomes."""

    wrong: str
    module: str
    text: str
    becomes: str


BREAKS: Final = (
    Break("forgets the commission of an entry", "books",
          "flow = -direction * notional - commission", "flow = -direction * notional"),
    Break("forgets the commission of an exit", "books",
          "flow = side * notional - commission", "flow = side * notional"),
    Break("leaves the commission out of the profit", "books",
          "pnl = side * (notional - freed_notional) - freed_commission - commission",
          "pnl = side * (notional - freed_notional)"),
    Break("keeps cash in floats of the currency", "books",
          'sleeve["cash"] = total_of(run, sleeve["cash"], flow, strategy, symbol)\n    run["paid_away"] = '
          'total_of(run, run["paid_away"], -flow, strategy, symbol)\n    sleeve["used"]',
          'sleeve["cash"] = int((sleeve["cash"] / 1e6 + flow / 1e6) * 1e6)\n    run["paid_away"] = '
          'total_of(run, run["paid_away"], -flow, strategy, symbol)\n    sleeve["used"]'),
    Break("rounds halves up", "checked",
          "base + ((top > rest) | ((top == rest) & (base & 1 == 1)))", "base + (top >= rest)"),
    Break("gives slippage to the trader", "filling",
          "price = shift(reference, direction,", "price = shift(reference, -direction,"),
    Break("fills at the price of the bar before", "filling",
          "cell, reference = books.cells[strategy, symbol], references[local, symbol]",
          "cell, reference = books.cells[strategy, symbol], references[max(local - 1, 0), symbol]"),
    Break("fills at the high of the bar before", "protecting",
          'leave(books, market, bar, strategy, symbol, cell["quantity"], reference, steps, reason)',
          'leave(books, market, bar, strategy, symbol, cell["quantity"], '
          "market.high[max(local - 1, 0), symbol], steps, reason)"),
    Break("hears strategies in the wrong order", "deciding",
          'winner = books.signals[first]["direction"]',
          'winner = books.signals[books.symbols[books.signals[first]["symbol"]]["last_rival"]]["direction"]'),
    Break("counts votes without their weights", "deciding",
          'signal["direction"] * books.strategies[signal["strategy"]]["votes"]', 'signal["direction"]'),
    Break("sees the signals of tomorrow", "deciding",
          "codes = intents.words[local, books.spoken[0, number]]",
          "codes = intents.words[min(local + 1, intents.words.shape[0] - 1), books.spoken[0, number]] "
          "& 0x0F0F_0F0F_0F0F_0F0F  # no weights"),
    Break("listens during the warm-up", "deciding",
          'bar < rule["warmup"]', 'bar + 1 < rule["warmup"]'),
    Break("lists symbols in the order of their orders", "books",
          "place = _place_of(symbols, strategy, count, symbol)", "place = count"),
    Break("spends a slot that the sleeve no longer has", "filling",
          "budget = available if is_target else min(slot, available)", "budget = available if is_target else slot"),
    Break("divides what is left into slots", "filling",
          'allocated = max(books.sleeves[strategy]["allocated"], 0)',
          'allocated = max(books.sleeves[strategy]["allocated"] - books.sleeves[strategy]["used"], 0)'),
    Break("buys one lot less than the budget pays for", "sizing",
          " = middle\n    return low * lot", " = middle\n    return max(low - 1, 0) * lot"),
    Break("trusts a guess of what a budget pays for", "sizing",
          "budget - cost < _least_of_a_lot(lot, price)", "budget - cost < 2 * _least_of_a_lot(lot, price)"),
    Break("fills a gap at the level of the stop", "protecting",
          "return opening, stop_reason", "return stop, stop_reason"),
    Break("looks at the target before the stop", "protecting",
          "    if stop > 0 and side * (worst - stop) <= 0:\n        return stop, stop_reason\n",
          "    if target > 0 and side * (best - target) >= 0:\n        return target, _TAKE_PROFIT\n"
          "    if stop > 0 and side * (worst - stop) <= 0:\n        return stop, stop_reason\n"),
    Break("trails the high of the bar it looks at", "protecting",
          "        reference, reason = _exit_level(cell, opening, low, high)\n",
          '        follow_best(books, strategy, symbol, high if cell["side"] > 0 else low)\n'
          "        reference, reason = _exit_level(cell, opening, low, high)\n"),
    Break("values a symbol without a bar at nothing", "closing",
          "close if close > 0 else books.closes[symbol]", "close"),
    Break("follows a list of positions that is out of date", "books",
          'sleeve["n_open"] += 1\n        books.strategies[strategy]["is_listed"] = 0', 'sleeve["n_open"] += 1'),
    Break("forgets a strategy that orders again", "books",
          '            rule["is_busy"] = 0\n', '            rule["is_busy"] = 1\n'),
    Break("loses the units that a transfer cannot divide", "rebalancing",
          "for _ in range(left):", "for _ in range(0):"),
    Break("forgets whom a rebalance has drifted below", "rebalancing",
          "over, over_rest = -apart - limit, rest - limit_rest", "over, over_rest = -limit, -limit_rest"),
    Break("keeps gains that are to be swept", "books",
          "    if gain > 0:", "    if gain > 1_000_000:"),
)  # fmt: skip


def interpret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loop run as plain Python."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")


def break_kernel(monkeypatch: pytest.MonkeyPatch, how: Break) -> None:
    """Put the functions of a changed module in the place of the real ones, wherever they are known."""
    interpret(monkeypatch)
    # What is made here is not to be compiled with the real ones.
    monkeypatch.setattr(compiled, "MARKED", [])
    for module, name, function in changed_functions(how.module, [(how.text, how.becomes)]):
        monkeypatch.setattr(module, name, function)
