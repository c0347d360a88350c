"""Many runs of one portfolio over a grid of parameters, spread by an executor.

`planning` finds out which runs a run file asks for, `axes` what the names of a grid mean in it; `spreading` has an
executor make the runs, `trials` makes one, over prices that `prices` laid down for all processes. `rows` and `result`
hold what comes of them. Nothing here writes a result to the disk.
"""

from __future__ import annotations

from strategy_orchestrator.sweep.planning import SweepOfFile, plan_sweep
from strategy_orchestrator.sweep.result import SweepResult, described, ranking
from strategy_orchestrator.sweep.rows import PlannedRun, SweepRow, in_json
from strategy_orchestrator.sweep.sweeping import run_planned, sweep, sweep_file

__all__ = [
    "PlannedRun",
    "SweepOfFile",
    "SweepResult",
    "SweepRow",
    "described",
    "in_json",
    "plan_sweep",
    "ranking",
    "run_planned",
    "sweep",
    "sweep_file",
]
