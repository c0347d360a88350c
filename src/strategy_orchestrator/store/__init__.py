"""Saved runs: one folder a run, complete and sealed, or none.

A sealed folder holds

======================  ================================================================================
file                    what
======================  ================================================================================
``run.json``            options as resolved, versions, plug-ins, hashes of the data, measures, fingerprint
``trades.parquet``      the trades, as `models.tables.trades_frame` makes them
``decisions.parquet``   everything decided
``equity.parquet``      equity of every sleeve, the reserve and the whole at every bar
``gross.parquet``       gross market value of every sleeve at every bar
``prices.parquet``      the prices that the kernel counted with, int64 counts of 10⁻⁶, one row a bar and symbol
``events.jsonl``        the events of the run, one a line
``seal.json``           SHA-256 and size of all the others; written last
======================  ================================================================================

A failed run leaves ``error-log.md`` and what it had, without a seal. Names of strategies and symbols are never part of
a file's name.
"""

from __future__ import annotations

from strategy_orchestrator.store.load import SavedRun, load_run
from strategy_orchestrator.store.rebuild import record_of
from strategy_orchestrator.store.save import default_folder, save_failure, save_run
from strategy_orchestrator.store.seal import check_seal, is_sealed

__all__ = [
    "SavedRun",
    "check_seal",
    "default_folder",
    "is_sealed",
    "load_run",
    "record_of",
    "save_failure",
    "save_run",
]
