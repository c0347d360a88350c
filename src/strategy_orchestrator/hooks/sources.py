"""Data sources of plug-ins, whose answers are checked."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Final

from strategy_orchestrator.arrays import is_sealed
from strategy_orchestrator.errors import DataError, Fault, OrchestratorError, PluginError
from strategy_orchestrator.hooks.guard import REMEDY, guarded, is_foreign, place_of, place_of_function, printable
from strategy_orchestrator.models.contracts import DataSource
from strategy_orchestrator.models.panel import PRICE_FIELDS, Panel
from strategy_orchestrator.models.streams import PanelStream, Prices

_MODELS: Final = str(Path(__file__).resolve().parent.parent / "models")
_ARRAYS: Final = ("timestamps_ns", *PRICE_FIELDS, "volume", "traded")


class CheckedSource(DataSource):
    """Load what a source of a plug-in brings, and hold it to the rules of a panel.

    Parameters
    ----------
    source : object
        It has a method `load`.
    where : str
        The source, in errors.
    """

    def __init__(self, source: DataSource, where: str) -> None:
        self.source = source
        self._where = where

    def load(self) -> Prices:
        """Return the panel, or a stream whose chunks are held to the same rules when they are read.

        Raises
        ------
        PluginError
            If the source raises, returns something else, or its bars break a rule of panels.
        DataError
            If the source itself says that the data it was pointed to are wrong.
        """
        try:
            loaded: object = guarded(self.source.load, self._where, passing=(KeyboardInterrupt, OrchestratorError))
        except DataError as error:
            if _is_refused_panel(error):
                raise self._blamed(error) from error
            raise
        if isinstance(loaded, PanelStream):
            return loaded.through(self._held)
        if not isinstance(loaded, Panel):
            problem = guarded(lambda: f"it returned {printable(repr(loaded))}; expected a Panel", self._where)
            raise PluginError(Fault(self._where, f"{problem}{place_of_function(self.source.load)}", REMEDY))
        return self._held(loaded)

    def _held(self, panel: Panel) -> Panel:
        try:
            return guarded(lambda: _checked(panel), self._where, passing=(KeyboardInterrupt, DataError))
        except DataError as error:
            raise self._blamed(error) from error

    def _blamed(self, error: DataError) -> PluginError:
        place = place_of(error)
        told = f" ({place})" if place else place_of_function(self.source.load)
        problems = (
            (f"{fault.where}: {fault.problem}".removeprefix(": ") + told, fault.value) for fault in error.faults
        )
        return PluginError(Fault(self._where, problem, REMEDY, value) for problem, value in problems)


def _checked(panel: Panel) -> Panel:
    # Only the constructors of Panel look at every value; a plug-in may have gone around them.
    given = {name: getattr(panel, name) for name in (*PRICE_FIELDS, "volume")}
    checked = Panel.from_arrays(panel.timestamps_ns, panel.symbols, **given)
    if checked.symbols != panel.symbols:
        raise DataError(Fault("symbols", f"{', '.join(panel.symbols)} are not sorted"))
    if all(is_sealed(getattr(panel, name)) for name in _ARRAYS):
        return panel
    return replace(panel, **{name: getattr(checked, name) for name in _ARRAYS})


def _is_refused_panel(error: DataError) -> bool:
    # Raised by the rules for panels in answer to the plug-in's own call, as opposed to a reader of files that it called
    # or to its own words.
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    after = 1 + max((place for place, file in enumerate(files) if is_foreign(file)), default=len(files))
    return after < len(files) and files[after].startswith(_MODELS)
