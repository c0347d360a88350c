"""What is read from a run file, and what is said about one that is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from strategy_orchestrator.errors import InputError
from strategy_orchestrator.models.signals import ProtectiveExits
from strategy_orchestrator.run_file import PluginSwitches, draft_of, read_run_file

GOOD = """
[run]
initial_capital = "100000"
conflict_resolution_mode = "NET_SIGNAL"
commission_pct = 0.001
lot_size = { AAPL = "0.1", IBM = 2 }

[data]
source = "csv"
path = "prices/*.csv"
adjust = "adj_close"

[[strategy]]
use = "momentum"
weight = "0.4"
params = { fast = 10, slow = 50 }
warmup_bars = 50

[strategy.protective_exits]
stop_loss = 0.05
max_holding_bars = 20

[[strategy]]
use = "orchestrator-starter:rsi"
weight = 0.6
label = "Dips"

[plugins]
block = ["noisy"]
autoload = true
"""


def write(folder: Path, text: str) -> Path:
    """Write a run file into a folder."""
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_in(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is wrong with a run file, one line each."""
    write(folder, text)
    monkeypatch.chdir(folder)
    return [str(fault) for fault in draft_of("run.toml").faults]


def minimal(run: str = "", data: str = "", rest: str = "", strategy: str = 'use = "rsi"\nweight = 1') -> str:
    """Return a run file that is right but for what is put in."""
    return f'[run]\ninitial_capital = 1\n{run}\n[data]\nsource = "demo"\n{data}\n[[strategy]]\n{strategy}\n{rest}\n'


def test_a_good_file_is_understood(tmp_path: Path) -> None:
    """Every section of a complete file arrives in the plan."""
    plan = read_run_file(write(tmp_path, GOOD))
    assert plan.initial_capital == Decimal(100_000)
    assert plan.config.conflict_resolution_mode == "NET_SIGNAL"
    assert plan.config.commission_pct == Decimal("0.001")
    assert plan.config.lot_size == {"AAPL": Decimal("0.1"), "IBM": Decimal(2)}
    assert plan.source is not None
    assert plan.source.name == "csv"
    assert plan.source.params == {"path": str(tmp_path / "prices" / "*.csv"), "adjust": "adj_close"}
    assert plan.plugins == PluginSwitches(block=("noisy",))
    assert plan.folder == tmp_path
    assert len(plan.sha256) == 64


def test_strategies_keep_their_order_and_details(tmp_path: Path) -> None:
    """Use, weight, label, options, exits and warm-up are read as written."""
    first, second = read_run_file(write(tmp_path, GOOD)).strategies
    assert first.use is not None
    assert (first.use.name, first.use.params) == ("momentum", {"fast": 10, "slow": 50})
    assert first.protective_exits == ProtectiveExits(stop_loss=Decimal("0.05"), max_holding_bars=20)
    assert first.warmup_bars == 50
    assert second.use is not None
    assert second.use.name == "orchestrator-starter:rsi"
    assert (second.weight, second.label, second.protective_exits) == (Decimal("0.6"), "Dips", None)


def test_floats_are_exact_decimals(tmp_path: Path) -> None:
    """Weights written as TOML floats add up without float noise."""
    strategies = "".join(f'[[strategy]]\nuse = "rsi"\nweight = {weight}\n' for weight in (0.1, 0.2, 0.7))
    text = f'[run]\ninitial_capital = 100.25\n[data]\nsource = "demo"\n{strategies}'
    plan = read_run_file(write(tmp_path, text))
    assert sum(item.weight for item in plan.strategies if item.weight is not None) == 1
    assert plan.initial_capital == Decimal("100.25")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Files of editors that write a byte-order mark are read."""
    path = tmp_path / "run.toml"
    path.write_text(minimal(), encoding="utf-8-sig")
    assert read_run_file(path).initial_capital == 1


def test_equal_weights_need_no_weights(tmp_path: Path) -> None:
    """With equal_weights no strategy has one."""
    text = minimal("equal_weights = true", strategy='use = "rsi"')
    plan = read_run_file(write(tmp_path, text))
    assert plan.equal_weights
    assert plan.strategies[0].weight is None


def test_only_a_threshold_that_is_written_turns_rebalancing_on(tmp_path: Path) -> None:
    """The default threshold does not rebalance; the same value in the file does."""
    assert not read_run_file(write(tmp_path, minimal())).config.is_rebalancing
    assert read_run_file(write(tmp_path, minimal("rebalance_threshold = 0.10"))).config.is_rebalancing


def test_options_of_what_run_names_are_kept_with_the_name(tmp_path: Path) -> None:
    """The table [sizer] holds the options of the sizer that [run] names."""
    plan = read_run_file(write(tmp_path, minimal('sizer = "half"', rest="[sizer]\nparams = { share = 0.5 }")))
    assert plan.options["sizer"].name == "half"
    assert plan.options["sizer"].params == {"share": Decimal("0.5")}
    assert plan.options["conflict_resolution_mode"].name == "FIRST_WINS"


CASES = {
    "unknown table": (
        minimal(rest="[strategies]\nx = 1"),
        (
            "run.toml: strategies: no table is called 'strategies'; known: 'cost_model', 'data', 'plugins', "
            "'rebalancer', 'resolver', 'run', 'sizer', 'strategy', 'sweep'. Did you mean 'strategy'?"
        ),
    ),
    "unknown key of a strategy": (
        minimal(strategy='use = "rsi"\nweight = 1\nlabl = "x"'),
        (
            "run.toml: strategy[1].labl: no key is called 'labl'; known: 'label', 'lookback_bars', 'params', "
            "'protective_exits', 'use', 'warmup_bars', 'weight'. Did you mean 'label'?"
        ),
    ),
    "negative weight": (
        minimal(strategy='use = "rsi"\nweight = -0.5'),
        "run.toml: strategy[1].weight: -0.5 is not greater than 0.",
    ),
    "weight that is no number": (
        minimal(strategy='use = "rsi"\nweight = "much"'),
        "run.toml: strategy[1].weight: 'much' is not a number; write for instance \"0.25\".",
    ),
    "weight without end": (
        minimal(strategy='use = "rsi"\nweight = inf'),
        "run.toml: strategy[1].weight: Decimal('Infinity') is not finite; write for instance \"0.25\".",
    ),
    "weight missing": (
        minimal(strategy='use = "rsi"'),
        (
            "run.toml: strategy[1].weight: the key is missing. Give it a share of the capital, or write "
            "equal_weights = true in [run]."
        ),
    ),
    "weight beside equal weights": (
        minimal("equal_weights = true"),
        "run.toml: strategy[1].weight: a weight is given although run.equal_weights is true. Leave one of the two out.",
    ),
    "weights above one by the least": (
        minimal(rest='[[strategy]]\nuse = "rsi"\nweight = "0.000000000000000001"'),
        (
            "run.toml: strategy: the sum of the weights, 1 + 0.000000000000000001 = 1.000000000000000001, is more "
            "than 1. Lower them; what is left is the reserve."
        ),
    ),
    "label twice": (
        '[run]\ninitial_capital = 1\n[data]\nsource = "demo"\n'
        + '[[strategy]]\nuse = "rsi"\nweight = 0.5\nlabel = "Dips"\n' * 2,
        "run.toml: strategy[2].label: 'Dips' is the label of strategy[1] too. Give each its own.",
    ),
    "empty label": (
        minimal(strategy='use = "rsi"\nweight = 1\nlabel = ""'),
        "run.toml: strategy[1].label: the text is empty. Write a name, or leave the key out.",
    ),
    "one table in place of a list": (
        '[run]\ninitial_capital = 1\n[data]\nsource = "demo"\n[strategy]\nuse = "rsi"\n',
        "run.toml: strategy: {'use': 'rsi'} was found. Write [[strategy]], in double brackets, once for each strategy.",
    ),
    "no strategy": (
        '[run]\ninitial_capital = 1\n[data]\nsource = "demo"\n',
        "run.toml: strategy: there is no strategy. Write [[strategy]], in double brackets, once for each strategy.",
    ),
    "no data": (
        '[run]\ninitial_capital = 1\n[[strategy]]\nuse = "rsi"\nweight = 1\n',
        "run.toml: data: the table [data] is missing. Write [data].",
    ),
    "no source": (
        '[run]\ninitial_capital = 1\n[data]\n[[strategy]]\nuse = "rsi"\nweight = 1\n',
        "run.toml: data.source: the key is missing. Give it a value.",
    ),
    "value in place of a table": (
        'data = 5\n[run]\ninitial_capital = 1\n[[strategy]]\nuse = "rsi"\nweight = 1\n',
        "run.toml: data: 5 was found; expected a table. Write [data] on a line of its own.",
    ),
    "value in place of the options": (
        'run = "long text"\n[data]\nsource = "demo"\n[[strategy]]\nuse = "rsi"\nweight = 1\n',
        "run.toml: run: 'long text' was found; expected a table. Write [run] on a line of its own.",
    ),
    "capital of nothing": (
        minimal().replace("initial_capital = 1", "initial_capital = 0"),
        "run.toml: run.initial_capital: 0 is not greater than 0.",
    ),
    "capital with seven decimals": (
        minimal().replace("initial_capital = 1", "initial_capital = 1.0000001"),
        "run.toml: run.initial_capital: 1.0000001 has more than 6 decimals. Round it.",
    ),
    "capital beyond a ledger": (
        minimal().replace("initial_capital = 1", 'initial_capital = "9223372036854775"'),
        (
            "run.toml: run.initial_capital: 9223372036854775 is more than a ledger holds; the most is "
            "9223372036854.775807."
        ),
    ),
    "misspelt option": (
        minimal('fill_at = "nextopen"'),
        "run.toml: run.fill_at: no value is called 'nextopen'; known: 'close', 'next_open'. Did you mean 'next_open'?",
    ),
    "option out of bounds": (
        minimal("rebalance_threshold = 1.5"),
        "run.toml: run.rebalance_threshold: 1.5 is not between 0 and 1. Write a fraction: 0.001 is 0.1 %.",
    ),
    "options for nothing": (
        minimal(rest="[sizer]\nparams = { a = 1 }"),
        (
            "run.toml: sizer: there are options, but run.sizer names nothing to give them to. "
            'Write sizer = "..." in [run].'
        ),
    ),
    "stop above one": (
        minimal(strategy='use = "rsi"\nweight = 1\nprotective_exits = { stop_loss = 5 }'),
        "run.toml: strategy[1].protective_exits.stop_loss: 5 is not between 0 and 1; 0.05 is 5 %.",
    ),
    "unknown protective exit": (
        minimal(strategy='use = "rsi"\nweight = 1\nprotective_exits = { stop = 0.1 }'),
        (
            "run.toml: strategy[1].protective_exits.stop: no key is called 'stop'; known: 'max_holding_bars', "
            "'stop_loss', 'take_profit', 'trailing_stop'. Did you mean 'stop_loss'?"
        ),
    ),
    "switch of the wrong type": (
        minimal(rest='[plugins]\nautoload = "yes"'),
        "run.toml: plugins.autoload: 'yes' was found; input should be a valid boolean.",
    ),
    "path out of the folder": (
        minimal('calendar = "XNYS"', 'path = ["a.csv", 3]'),
        "run.toml: data.path[2]: 3 was found; expected text, a path.",
    ),
    "long value in place of a table": (
        f'data = "{"x" * 100}"\n[run]\ninitial_capital = 1\n[[strategy]]\nuse = "rsi"\nweight = 1\n',
        f"run.toml: data: '{'x' * 59}... was found; expected a table. Write [data] on a line of its own.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_one_line_that_names_the_place(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong thing is reported alone, with its place, what was found and what to do."""
    text, expected = CASES[case]
    assert faults_in(tmp_path, text, monkeypatch) == [expected]


def test_an_unknown_option_offers_the_keys_of_the_whole_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt key of [run] is compared with options and with the file's own keys."""
    text = minimal('equal_weight = true\nself = 1\nconflict_resolution_mod = "x"')
    found = faults_in(tmp_path, text, monkeypatch)
    assert [line.rpartition("'. ")[2] for line in found[::2]] == [
        "Did you mean 'equal_weights'?",
        "Did you mean 'conflict_resolution_mode'?",
    ]
    assert found[1].startswith("run.toml: run.self: no key is called 'self'; known: ")


def test_all_faults_are_reported_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults of different sections arrive together."""
    text = """
    [run]
    initial_capital = "-5"
    fill_at = "nextopen"
    seed = -1
    [data]
    source = 3
    path = "../x.csv"
    [[strategy]]
    use = "rsi"
    weight = 0.5
    [[strategy]]
    weight = 0
    warmup_bars = -1
    """
    found = faults_in(tmp_path, text, monkeypatch)
    places = [line.removeprefix("run.toml: ").partition(":")[0] for line in found]
    assert sorted(places) == [
        "data.path",
        "data.source",
        "run.fill_at",
        "run.initial_capital",
        "run.seed",
        "strategy[2].use",
        "strategy[2].warmup_bars",
        "strategy[2].weight",
    ]


def test_what_is_right_is_kept_beside_what_is_wrong(tmp_path: Path) -> None:
    """A draft keeps names from sections with faults, so that they can be looked up too."""
    draft = draft_of(write(tmp_path, minimal('seed = -1\nsizer = "half"', strategy='use = "rsi"\nweight = -1')))
    assert len(draft.faults) == 2
    assert draft.plan.strategies[0].use is not None
    assert draft.plan.strategies[0].use.name == "rsi"
    assert draft.plan.options["sizer"].name == "half"


def test_reading_refuses_a_file_with_faults(tmp_path: Path) -> None:
    """`read_run_file` raises what `draft_of` collects."""
    with pytest.raises(InputError, match="seed"):
        read_run_file(write(tmp_path, minimal("seed = -1")))


SYNTAX = {
    "a = \nb = 1": "run.toml, line 1, column 5: this is not TOML: invalid value.",
    "a = 1\na = 2": "run.toml, end of document: this is not TOML: cannot overwrite a value.",
    f"a = {'1' * 5000}": "run.toml: this is not TOML: exceeds the limit",
    f"a = {'[' * 5000}": "run.toml: the values are nested too deeply.",
}


@pytest.mark.parametrize("text", SYNTAX)
def test_broken_toml_is_reported_with_its_place(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not TOML names the line and column where reading stopped."""
    write(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        draft_of("run.toml")
    assert str(caught.value).startswith(SYNTAX[text])


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    """The line of the first wrong byte is named."""
    path = tmp_path / "run.toml"
    path.write_bytes(b'[run]\na = "\xff"\n')
    with pytest.raises(InputError, match=r"run\.toml, line 2: the text is not UTF-8\. Save the file as UTF-8\."):
        draft_of(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(InputError, match=r"none\.toml: the run file cannot be read: there is no such file"):
        draft_of(tmp_path / "none.toml")


def test_a_folder_is_no_run_file(tmp_path: Path) -> None:
    """A folder in place of a file is an input error."""
    with pytest.raises(InputError, match="the run file cannot be read"):
        draft_of(tmp_path)
