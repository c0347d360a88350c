"""Write what the reference says of the code: `python -m scripts.write_reference`, from the top of the project.

A page of docs/reference holds regions between two comments, `made` and `end`; what stands between them is made here
of docstrings, models and enumerations, and all else is written by hand. A test fails when a region is not what this
script would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scripts import reference_api, reference_parts

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "reference"
PARTS: Final[dict[str, Callable[[], str]]] = {**reference_parts.PARTS, **reference_api.PARTS}
"""What can be made, by the name of the region."""

_REGION: Final = re.compile(r"(?P<begin><!-- made: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """Return a page with its regions as they ought to be."""
    return _REGION.sub(lambda found: f"{found['begin']}\n{PARTS[found['name']]().strip()}\n\n{found['end']}", text)


def regions(text: str) -> list[str]:
    """Return the names of the regions of a page."""
    return [found["name"] for found in _REGION.finditer(text)]


def main() -> int:
    """Write all pages that are not as they ought to be."""
    for page in sorted(FOLDER.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        new = written(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"wrote {page.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
