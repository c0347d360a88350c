"""The data source `demo`: real daily prices of five shares, shipped with the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from typing import Final

from orchestrator_starter.parameters import DemoParameters
from strategy_orchestrator import DataSource, Panel, load_panel
from strategy_orchestrator.models.validation import checked

CALENDAR: Final = "XNYS"
"""The exchange whose sessions the prices follow."""


class DemoPrices(DataSource):
    """Bring daily prices of AAPL, FB, GOOG, IBM and MSFT, 2000-03-01 to 2013-03-01.

    FB begins on 2012-05-18, GOOG on 2004-08-19. Where they come from is told in `data/SOURCE.md`.

    Parameters
    ----------
    adjust : {"adj_close", "none"}
        Adjust all prices for splits and dividends, or leave them as traded.
    symbols : sequence of str, optional
        The symbols to load; all five unless given.

    Raises
    ------
    ConfigError
        If an option is out of bounds.
    """

    def __init__(self, adjust: str = "adj_close", symbols: Sequence[str] | None = None) -> None:
        given = {"adjust": adjust, "symbols": None if symbols is None else list(symbols)}
        options = checked(DemoParameters, type(self).__name__, given)
        self.adjust = options.adjust
        self.symbols = None if options.symbols is None else tuple(options.symbols)

    def load(self) -> Panel:
        """Return the panel, with the calendar of the New York exchange."""
        adjust = None if self.adjust == "none" else self.adjust
        with as_file(files("orchestrator_starter") / "data" / "stocks.parquet") as path:
            panel = load_panel(path, adjust=adjust, symbols=self.symbols)
        return replace(panel, calendar=CALENDAR)
