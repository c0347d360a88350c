"""Measure beside the peers: `python -m benchmarks [--only NAME] [--full] [--json]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.works import WORKS


def main() -> int:
    """Measure, print a table, write JSON and a plot; the status is 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=WORKS, action="append", help="this work; may be given several times")
    parser.add_argument("--full", action="store_true", help="all works at the sizes of the goals")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--runs", type=int, default=3, help="runs of each work, of which the median is told")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"), help="folder of JSON and plot")
    parser.add_argument("--page", type=Path, help="put the table into this page, between its marks")
    options = parser.parse_args()
    found = []
    # Who reads JSON from one stream can watch the table on the other.
    table = sys.stderr if options.json else sys.stdout
    print(report.header(), file=table)
    for name, work in WORKS.items():
        if options.only and name not in options.only:
            continue
        for row in work(options.full, options.runs):
            found.append(row)
            print(report.line(row), file=table, flush=True)
    if options.json:
        print(report.as_json(found))
    written = ", ".join(map(str, report.write(found, options.out)))
    print(f"\nWritten: {written}", file=table)
    if options.page is not None:
        report.write_page(found, options.page)
    return int(any(row.holds is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
