"""A saved run verifies, and any one number that is edited in its folder is found, though the seal is made anew."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from strategy_orchestrator.analysis import result_of
from strategy_orchestrator.errors import OrchestratorError
from strategy_orchestrator.kernel import sums_of_curves
from strategy_orchestrator.store import save_run
from strategy_orchestrator.store.columns import TABLES
from strategy_orchestrator.verify import Finding, verify_run
from tests.property.test_engine import Charges, Proposes, Resolves, Sizes, as_users_can, engine_of
from tests.property.worlds import worlds
from tests.reference.world import Rebalance, World
from tests.unit.verify.builders import seal_again

# Each world is run, saved, and audited, which takes a third of a second.
quick = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=settings().max_examples // 3)

FREE = ("versions", "context.run_file", "plugins", "data.warnings", "data.files", "completed_at")
"""Places in run.json that no other number follows from, and that follow from none."""
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w:.-])")


def save(world: World, folder: Path) -> Path:
    """Run a world and save it."""
    engine = engine_of(as_users_can(world))
    try:
        record = engine.run()
    except OrchestratorError:
        assume(False)  # hypothesis has it so
    objects: dict[str, Any] = {"cost_model": Charges(world)}
    if world.sizer is not None:
        objects["sizer"] = Sizes(world)
    if callable(world.resolution):
        objects["conflict_resolution_mode"] = Resolves(world)
    if isinstance(world.rebalance, Rebalance):
        objects["rebalancer"] = Proposes(world.rebalance)
    config = engine.config.model_copy(update=objects)
    mode = str(config.resolved()["conflict_resolution_mode"])
    record = replace(record, notes={"conflict_resolution_mode": mode})
    result = result_of(
        record,
        config,
        lambda measures: measures,
        sums_of_curves=sums_of_curves,
        plugins=(),
        timing={"kernel": Decimal("0.25")},
        completed_at=datetime(2024, 6, 1, tzinfo=UTC),
    )
    return save_run(folder, result, {"config": config.resolved()})


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any, Any]]:
    """Return every number of a JSON document: its path, what holds it, its key, and itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        where = f"{path}.{key}".removeprefix(".")
        if where.startswith(FREE):
            continue
        is_number = isinstance(item, int) and not isinstance(item, bool)
        if is_number or (isinstance(item, str) and NUMBER.fullmatch(item)):
            yield where, value, key, item
        else:
            yield from leaves(item, where)


def changed(value: Any, dice: random.Random) -> Any:
    """Return another number, near or far."""
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 7, -1000])
    digits = len(value.partition(".")[2])
    change = Decimal(dice.choice([1, -1, 37, -1000])).scaleb(-min(digits, 6))
    return f"{Decimal(value) + change:f}"


def edit_run(folder: Path, dice: random.Random) -> str:
    """Change a number in run.json."""
    path = folder / "run.json"
    run = json.loads(path.read_bytes())
    where, holder, key, value = dice.choice(list(leaves(run)))
    holder[key] = changed(value, dice)
    path.write_text(json.dumps(run, indent=2) + "\n")
    return f"run.json {where}: {value} -> {holder[key]}"


def edit_events(folder: Path, dice: random.Random) -> str:
    """Change a number in a line of events.jsonl."""
    path = folder / "events.jsonl"
    lines = path.read_text().splitlines()
    place = dice.randrange(len(lines))
    found = list(NUMBER.finditer(lines[place]))
    match = dice.choice(found)
    text = match.group()
    other = str(changed(text, dice))
    lines[place] = lines[place][: match.start()] + other + lines[place][match.end() :]
    path.write_text("\n".join(lines) + "\n")
    return f"events.jsonl line {place + 1}: {text} -> {other}"


def edit_table(folder: Path, dice: random.Random) -> str | None:
    """Change a number or a time in a row of a table; None where the table has no rows."""
    name = dice.choice(TABLES)
    path = folder / f"{name}.parquet"
    frame = pl.read_parquet(path)
    if frame.is_empty():
        return None
    columns = [name for name, kind in frame.schema.items() if kind.is_numeric() or kind.is_temporal()]
    column, row = dice.choice(columns), dice.randrange(frame.height)
    kind = frame.schema[column]
    digits = kind.scale if isinstance(kind, pl.Decimal) else 0
    step: Any = dice.choice([1, -1, 5])
    before = frame[column].to_physical() if kind.is_temporal() else frame[column]
    if before[row] is None or before[row] != before[row]:  # NaN
        return None
    if digits:
        step = Decimal(step).scaleb(-digits)
    after = before.to_list()
    after[row] += step
    edited = pl.Series(column, after, dtype=before.dtype).cast(kind)
    frame.with_columns(edited).write_parquet(path)
    return f"{name}.parquet row {row}, {column}: {before[row]} -> {after[row]}"


def names_a_place(finding: Finding) -> bool:
    """Tell whether a finding says where to look."""
    return finding.row is not None or finding.field is not None or finding.symbol is not None


@quick
@given(worlds())
def test_what_a_run_leaves_adds_up(world: World) -> None:
    """Every saved run is verified."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = save(world, Path(scratch, "run"))
        assert verify_run(folder).faults() == []


@quick
@given(worlds(), st.integers(0, 2**32))
def test_one_edited_number_is_found(world: World, seed: int) -> None:
    """Whatever number is edited, the audit finds it and names a row or a field."""
    dice = random.Random(seed)
    edit = dice.choice([edit_run, edit_events, edit_table, edit_table, edit_table])
    with tempfile.TemporaryDirectory() as scratch:
        folder = save(world, Path(scratch, "run"))
        told = edit(folder, dice)
        assume(told is not None)
        seal_again(folder)
        findings = verify_run(folder).findings
        assert findings, told
        assert names_a_place(findings[0]), (told, findings)
