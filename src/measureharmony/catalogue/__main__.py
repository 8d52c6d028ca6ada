"""``python -m measureharmony.catalogue docs/catalogue``: write the catalogue's pages."""

from __future__ import annotations

import sys
from pathlib import Path

from measureharmony.catalogue import crosswalk_page, entries, index_page, measure_page
from measureharmony.specs import load_specs


def pages() -> dict[str, str]:
    """Every page of the catalogue by its file's name."""
    every = entries(load_specs())
    overview = {"index.md": index_page(every), "crosswalk.md": crosswalk_page(every)}
    return overview | {f"{entry.key}.md": measure_page(entry) for entry in every}


def write(folder: Path) -> None:
    """Write all pages into ``folder`` and remove those of measures that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for path in folder.glob("*.md"):
        if path.name not in current:
            path.unlink()
    for name, text in current.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/catalogue"))
