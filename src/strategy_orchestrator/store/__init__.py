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
``costs.parquet``       what fills cost and the lots: one row a symbol, and one more wherever its slippage changes
``events.jsonl``        the events of the run, one a line
``seal.json``           SHA-256 and size of all the others; written last
======================  ================================================================================

A failed run leaves ``error-log.md`` and what it had, without a seal. Names of strategies and symbols are never part of
a file's name. A sweep has a folder of its own kind, see `sweeps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from strategy_orchestrator.on_demand import loader_of

if TYPE_CHECKING:
    from strategy_orchestrator.store.load import SavedRun as SavedRun, load_run as load_run
    from strategy_orchestrator.store.rebuild import record_of as record_of
    from strategy_orchestrator.store.results import result_of as result_of
    from strategy_orchestrator.store.save import (
        default_folder as default_folder,
        save_failure as save_failure,
        save_run as save_run,
    )
    from strategy_orchestrator.store.seal import check_seal as check_seal, is_sealed as is_sealed
    from strategy_orchestrator.store.sweeps import (
        SEALED_SWEEP_FILES as SEALED_SWEEP_FILES,
        save_sweep as save_sweep,
    )
    from strategy_orchestrator.store.unfinished import Unfinished as Unfinished, unfinished_path as unfinished_path

# Who checks a seal needs none of the libraries that read tables, which take their time to load.
_HOMES: Final = {
    "SEALED_SWEEP_FILES": "sweeps",
    "SavedRun": "load",
    "check_seal": "seal",
    "default_folder": "save",
    "is_sealed": "seal",
    "load_run": "load",
    "record_of": "rebuild",
    "result_of": "results",
    "save_failure": "save",
    "save_run": "save",
    "save_sweep": "sweeps",
    "Unfinished": "unfinished",
    "unfinished_path": "unfinished",
}

__all__ = [*_HOMES]  # noqa: PLE0604  # names are listed once, above

if not TYPE_CHECKING:  # to a type checker any name would do
    __getattr__ = loader_of(__name__, _HOMES)
