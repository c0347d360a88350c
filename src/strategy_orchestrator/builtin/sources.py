"""Prices from files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from strategy_orchestrator.errors import DataError, Fault
from strategy_orchestrator.models.contracts import DataSource
from strategy_orchestrator.models.panel import Panel
from strategy_orchestrator.models.streams import PanelStream, Prices


class FileParameters(BaseModel):
    """Options of `csv` and `parquet`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | list[str] = Field(min_length=1, description="A file, a folder or a pattern; or a list of these.")
    adjust: Literal["adj_close", "none"] = Field(
        default="none", description="Adjust all prices by adjusted close ÷ close, or leave them as they are."
    )
    symbols: list[str] | None = Field(default=None, min_length=1, description="The symbols to load; all unless given.")
    calendar: str | None = Field(default=None, description="Trading calendar of the prices, for instance XNYS.")


class ParquetParameters(FileParameters):
    """Options of `parquet`."""

    stream: bool = Field(default=False, description="Read prices in chunks, for files larger than memory.")
    chunk_bars: int | None = Field(default=None, ge=1, description="Bars of a chunk; chosen by the number of symbols.")

    @model_validator(mode="after")
    def _chunks_are_streamed(self) -> ParquetParameters:
        if self.chunk_bars is not None and not self.stream:
            raise ValueError("chunk_bars is given without stream; write stream = true, or leave it out")
        return self


class _FileSource(DataSource):
    _format: ClassVar[str]
    _endings: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        path: str | list[str],
        adjust: Literal["adj_close", "none"] = "none",
        symbols: list[str] | None = None,
        calendar: str | None = None,
    ) -> None:
        self.path = path
        self.adjust = None if adjust == "none" else adjust
        self.symbols = symbols
        self.calendar = calendar

    def load(self) -> Prices:
        """Read the files.

        Raises
        ------
        DataError
            If a file is of another format, or as `load_panel` does.
        """
        # polars is loaded only by those who read files.
        from strategy_orchestrator.market import load_panel  # noqa: PLC0415

        panel: Panel = load_panel(self._files(), adjust=self.adjust, symbols=self.symbols)
        return panel if self.calendar is None else replace(panel, calendar=self.calendar)

    def _files(self) -> list[Path]:
        from strategy_orchestrator.market.files import ending, find_files  # noqa: PLC0415  # as above

        files = find_files(self.path)
        others = [file for file in files if not ending(file).startswith(self._endings)]
        if others:
            remedy = f"Name {self._format} files, or use the source that reads the others"
            raise DataError(Fault(str(file), f"this is no {self._format} file", remedy, str(file)) for file in others)
        return files


class CsvSource(_FileSource):
    """Read CSV files.

    Parameters
    ----------
    path : str or list of str
        Files, folders or patterns.
    adjust : {"none", "adj_close"}
        Whether prices are adjusted by adjusted close ÷ close.
    symbols : list of str, optional
        What to load.
    calendar : str, optional
        Trading calendar of the prices.
    """

    _format = "CSV"
    _endings = (".csv",)


class ParquetSource(_FileSource):
    """Read Parquet files.

    Parameters
    ----------
    path, adjust, symbols, calendar
        As for `CsvSource`.
    stream : bool
        Whether prices are read in chunks.
    chunk_bars : int, optional
        Bars of a chunk.
    """

    _format = "Parquet"
    _endings = (".parquet", ".pq")

    def __init__(  # the options of CSV and two more
        self,
        path: str | list[str],
        adjust: Literal["adj_close", "none"] = "none",
        symbols: list[str] | None = None,
        calendar: str | None = None,
        *,
        stream: bool = False,
        chunk_bars: int | None = None,
    ) -> None:
        super().__init__(path, adjust, symbols, calendar)
        self.stream = stream
        self.chunk_bars = chunk_bars

    def load(self) -> Prices:
        """Read the files, or open them to be read in chunks.

        Raises
        ------
        DataError
            If a file is of another format, or as `load_panel` and `open_panel` do.
        """
        if not self.stream:
            return super().load()
        from strategy_orchestrator.market import open_panel  # noqa: PLC0415  # as above

        stream: PanelStream = open_panel(
            self._files(), chunk_bars=self.chunk_bars, adjust=self.adjust, symbols=self.symbols
        )
        stream.calendar = self.calendar
        return stream
