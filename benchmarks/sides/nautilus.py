"""The side of nautilus_trader: an engine with one venue, one strategy object a strategy and symbol."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, StrategyConfig
from nautilus_trader.model import BarType, Money, Venue
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

from benchmarks import worlds
from benchmarks.worlds import Size

LAG = 10


class Above(Strategy):  # type: ignore[misc]  # compiled, without types
    """Be in while the close is above that of ten bars before."""

    def __init__(self, place: int, instrument: Any, bar_type: Any) -> None:
        super().__init__(StrategyConfig(order_id_tag=f"{place:03d}"))
        self.instrument, self.bar_type = instrument, bar_type
        self.closes: deque[float] = deque(maxlen=LAG + 1)
        self.is_held, self.n_trades, self.n_bars = False, 0, 0
        self.entered: list[int] = []

    def on_start(self) -> None:
        """Ask for the bars of one symbol."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Any) -> None:
        """Compare two closes; a market order fills at once, at the close."""
        self.n_bars += 1
        closes = self.closes
        closes.append(float(bar.close))
        if len(closes) <= LAG:
            return
        if self.is_held:
            if closes[-1] < closes[0]:
                self._trade(OrderSide.SELL)
                self.n_trades += 1
        elif closes[-1] > closes[0]:
            self._trade(OrderSide.BUY)
            self.entered.append(self.n_bars)

    def _trade(self, side: OrderSide) -> None:
        self.is_held = side == OrderSide.BUY
        self.submit_order(self.order_factory.market(self.instrument.id, side, self.instrument.make_qty(1)))


class Silent(Above):
    """Never say anything."""

    def on_bar(self, bar: Any) -> None:
        """Do nothing."""


class PerBar:
    """Ask `on_bar` at every bar."""

    strategy: type[Above] = Above

    def __init__(self, folder: Path, size: Size) -> None:
        self.size = size
        index = pd.DatetimeIndex(worlds.times(size.n_bars, size.step_ns), tz="UTC")
        names = ("open", "high", "low", "close")
        prices = dict(zip(names, worlds.read(folder, *names), strict=True))
        self.feeds = []
        for column, name in enumerate(worlds.symbols(size.n_symbols)):
            instrument = TestInstrumentProvider.equity(symbol=name, venue="SIM")
            bar_type = BarType.from_str(f"{name}.SIM-1-DAY-LAST-EXTERNAL")
            frame = pd.DataFrame({field: prices[field][:, column] for field in names}, index=index)
            self.feeds.append((instrument, bar_type, BarDataWrangler(bar_type, instrument).process(frame)))
        self.strategies: list[Above] = []

    def run(self) -> dict[str, float]:
        """Make an engine and run it; its bars were made before."""
        started = perf_counter()
        engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(Venue("SIM"), OmsType.NETTING, AccountType.MARGIN, [Money(10**9, USD)], base_currency=USD)
        for instrument, _, bars in self.feeds:
            engine.add_instrument(instrument)
            engine.add_data(bars)
        wanted = [feed[:2] for _ in range(self.size.n_strategies) for feed in self.feeds]
        self.strategies = [self.strategy(place, *feed) for place, feed in enumerate(wanted)]
        for strategy in self.strategies:
            engine.add_strategy(strategy)
        engine.run()
        seconds = perf_counter() - started
        engine.dispose()
        return {"whole": seconds}

    def outcome(self) -> dict[str, Any]:
        """Tell when each trade on the first symbol was entered."""
        n_trades = sum(each.n_trades for each in self.strategies)
        return {"trades": n_trades, "entered": self.strategies[0].entered[:50]}


class PerBarSilent(PerBar):
    """The same with a strategy that does not think."""

    strategy = Silent


JOBS = {"bar by bar": PerBar, "bar by bar, silent": PerBarSilent}
