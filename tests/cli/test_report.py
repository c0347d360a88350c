"""`orchestrate report`: the page of a saved run, with sections of plug-ins that may be broken."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strategy_orchestrator.cli import status_of
from strategy_orchestrator.errors import Fault, RunError
from strategy_orchestrator.store import save_failure, save_run
from strategy_orchestrator.testing import make_result
from tests.unit.hooks.packs import Site

PACK = """
import os
from strategy_orchestrator import ReportSectionSpec, hookimpl

print("imported")
{at_import}

class Section:
    def __call__(self, result):
        print("asked")
        {body}

@hookimpl
def orchestrator_report_sections():
    return [ReportSectionSpec("{name}", Section, description="A section.")]
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a real run; nobody changes it."""
    return save_run(tmp_path_factory.mktemp("runs") / "mine", make_result(), {})


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Make a folder of plug-ins that the processes see that we start, and work beside it."""
    (tmp_path / "site").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path / "site")


def install(site: Site, name: str, body: str, at_import: str = "") -> None:
    """Install a plug-in with one section."""
    site.install(f"pack-{name}", PACK.format(name=name, body=body, at_import=at_import))


def test_a_page_is_written_beside_the_folder(saved: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Again it takes the place of the one before."""
    for _ in range(2):
        assert status_of(["report", str(saved)]) == 0
    page = saved.with_name("mine.html")
    assert capfd.readouterr().out == f"Report: {page}\n" * 2
    assert page.read_text(encoding="utf-8").endswith("</html>\n")
    assert sorted(each.name for each in saved.parent.iterdir()) == ["mine", "mine.html"]


def test_broken_sections_cost_themselves_only(saved: Path, site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    """One ends its process, one cannot be imported: the page has the third, and says why the others are missing."""
    install(site, "ends", "os._exit(0)")
    install(site, "lost", "return ''", at_import="raise ImportError('no <luck>')")
    install(site, "fine", 'return f"<p>{len(result.strategy_results)} strategies</p>"')
    asked = ["--section", "ends", "--section", "lost", "--section", "pack-fine:fine"]
    assert status_of(["report", str(saved), "--out", "out/page.html", *asked, "--json"]) == 3
    told = capfd.readouterr()
    found = json.loads(told.out)
    assert found["report"] == "out/page.html"
    ends, lost, fine = found["sections"]
    assert fine == {"name": "pack-fine:fine", "plugin": "pack-fine 1.0", "problem": ""}
    assert ends["problem"] == (
        "report section 'ends': the process ended with exit status 0 while writing the section. "
        "Report it to the authors of the plug-in, or leave the section out."
    )
    assert "ImportError: no <luck>" in lost["problem"]
    assert all(each["problem"].splitlines()[-1] in told.err.replace("\n", " ") for each in (ends, lost))
    page = Path("out/page.html").read_text(encoding="utf-8")
    assert page.count("This section is missing: ") == 2
    assert "ImportError: no &lt;luck&gt;" in page
    assert "&lt;p&gt;2 strategies&lt;/p&gt;" in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--section", "fin"], "--section: no report section is called 'fin'; known: 'fine'"),
        (["--section", "fine", "--section", "fine"], "--section: 'fine' is named more than once."),
        (["--out", "site"], "site: there is a folder; expected the name of a file."),
        (["--section", "fine", "--locked"], "orchestrate.lock"),
    ],
)
def test_wrong_input_writes_nothing(
    saved: Path, site: Site, capfd: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """A name that nobody has, a section named twice, a switch that leaves its plug-in out."""
    install(site, "fine", 'return ""')
    assert status_of(["report", str(saved), "--out", "page.html", *arguments]) in {2, 3}
    assert words in capfd.readouterr().err
    assert not Path("page.html").exists()


def spoil(folder: Path) -> Path:
    """Change a sealed file."""
    (folder / "events.jsonl").write_text("{}\n")
    return folder


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: place / "nowhere", "there is no saved run; run.json is missing."),
        (lambda place: spoil(save_run(place / "run", make_result(), {})), "events.jsonl: the file has 3 bytes;"),
        (
            lambda place: save_failure(place / "run", RunError(Fault("a", "b")), None, {}),
            "the run failed; only a complete run has a report. Read error-log.md in the folder.",
        ),
    ],
)
def test_only_a_sealed_run_has_a_report(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Callable[[Path], Path], words: str
) -> None:
    """Anything else is bad data."""
    assert status_of(["report", str(make(tmp_path))]) == 4
    assert words in capfd.readouterr().err
    assert list(tmp_path.glob("*.html")) == []


def test_without_plotly_the_line_that_installs_it_is_told(
    saved: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read."""

    def find(name: str) -> Any:
        del name

    monkeypatch.setattr(importlib.util, "find_spec", find)
    assert status_of(["report", str(saved)]) == 2
    assert 'Run: pip install "strategy-orchestrator[report]".' in capfd.readouterr().err
