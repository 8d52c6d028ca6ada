"""The list of gaps in a page: its first rows as a table, all of them as data that the page's script shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson
import pyarrow as pa
import pyarrow.compute as pc

#: So many gaps are in the page; a file of a few megabytes opens everywhere.
MOST_KEPT = 20_000
#: So many are there without the script, and on paper.
FIRST = 50


@dataclass(frozen=True)
class Head:
    """A column as it is shown: the first of ``columns`` in ink, the others in grey. ``kind``: its cells' style."""

    label: str
    columns: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True)
class Filter:
    """A choice among the values of a column."""

    label: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class GapSection:
    """What the page shows of the gaps. ``beside`` says where all of them are; ``json`` is fit to stand in a page."""

    count: int
    kept: int
    beside: str
    heads: tuple[Head, ...]
    filters: tuple[Filter, ...]
    rows: tuple[Mapping[str, str], ...]
    json: str


_HEADS = (
    Head("Person", ("name", "person_id")),
    Head("Measure", ("title",)),
    Head("Payers", ("programs",), "key"),
    Head("What is missing", ("missing", "how_to_close")),
    Head("What it takes", ("reason",)),
    Head("Last evidence", ("evidence_date", "evidence"), "evidence"),
    Head("Due", ("due",), "line"),
    Head("Status", ("status",)),
    Head("Clinician", ("clinician",), "line"),
)
_FILTERS = (
    ("Measure", "title"),
    ("Payer", "programs"),
    ("What it takes", "reason"),
    ("Status", "status"),
    ("Clinician", "clinician"),
)


def gap_section(gaps: pa.Table, beside: str) -> GapSection:
    """The section of a gap list; columns that nobody fills are left out."""
    kept = gaps.slice(0, MOST_KEPT)
    encoded = {name: pc.dictionary_encode(kept[name].cast(pa.string())).combine_chunks() for name in _shown(gaps)}
    words = {name: [_word(word) for word in column.dictionary.to_pylist()] for name, column in encoded.items()}
    data = [{"name": name, "words": words[name], "at": column.indices.to_pylist()} for name, column in encoded.items()]
    first = kept.slice(0, FIRST).select(list(encoded)).to_pylist()
    heads = tuple(replace(head, columns=tuple(name for name in head.columns if name in encoded)) for head in _HEADS)
    return GapSection(
        gaps.num_rows,
        kept.num_rows,
        beside,
        tuple(head for head in heads if head.columns),
        tuple(Filter(label, name, _choices(name, words[name])) for label, name in _FILTERS if name in encoded),
        tuple({name: "" if value is None else str(value) for name, value in row.items()} for row in first),
        _in_page(orjson.dumps(data).decode()),
    )


def _shown(gaps: pa.Table) -> list[str]:
    """The columns that hold anything; a person without a name is called by the identifier."""
    return [name for head in _HEADS for name in head.columns if gaps[name].null_count < gaps.num_rows]


def _word(word: object) -> str:
    return "" if word is None else str(word)


def _choices(name: str, words: list[str]) -> tuple[str, ...]:
    """The different words of a column; a cell of ``programs`` may hold several."""
    single = [one for word in words for one in word.split()] if name == "programs" else words
    return tuple(sorted({word for word in single if word}))


def _in_page(json: str) -> str:
    """JSON that cannot end the element it stands in (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements)."""
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028")):
        json = json.replace(character, escaped)
    return json.replace("\u2029", "\\u2029")


__all__ = ["FIRST", "MOST_KEPT", "GapSection", "gap_section"]
