"""What a run leaves for the next one: fingerprints of the people and variants whose outcomes lie beside them.

``fingerprints.parquet`` has a row for each person (``person_id``, ``fingerprint``, and what the rows of which files add
up to); its metadata say which variants were evaluated, what else the outcomes depend on, which file it goes with (all
outcomes, or what is known of each part of them), and by which rules rows were accepted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from measureharmony.practice.person_fingerprints import FILE, KEY, RULES, SCHEMA, rules
from measureharmony.reports.reevaluation import Reevaluation

#: The folder, beside the results, of those that are being written.
UNFINISHED = "unfinished"
#: The file that they go with: all outcomes, or, of outcomes in parts, what is known of each part.
WHOLE, PARTS = "outcomes.parquet", "parts.parquet"
_MODES = {
    WHOLE: "the earlier results are in parts (--memory)",
    PARTS: "the earlier results are not in parts (--memory)",
}


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of all that some outcomes depend on.

    ``people`` has the columns ``person_id`` and ``fingerprint``; ``variants`` is by the variants' id; ``everything`` is
    what concerns every person and variant, each under the name that it is called by when it has changed; ``as_of`` is
    the day whose knowledge was used.
    ``reevaluation`` says what of the outcomes was found anew. ``sums``: what the rows of each file add up to, in the
    order of ``people`` (:mod:`measureharmony.practice.file_sums`).
    """

    people: pa.Table
    variants: Mapping[str, str]
    everything: Mapping[str, str]
    as_of: dt.date | None
    reevaluation: Reevaluation = field(compare=False)
    sums: pa.Table | None = field(default=None, compare=False)

    def write(self, folder: Path, beside: str = WHOLE) -> Path:
        """Write the fingerprints into ``folder``; the file that they go with is there already."""
        told = {
            RULES: rules(),
            "beside": {beside: sha256(folder / beside)},
            "variants": dict(self.variants),
            "everything": dict(self.everything),
            "as_of": self.as_of,
        }
        path = folder / FILE
        people, metadata = self.people, {**(self.people.schema.metadata or {}), KEY: orjson.dumps(told)}
        if self.sums is not None:
            metadata |= self.sums.schema.metadata or {}
            people = pa.table({name: table[name] for table in (people, self.sums) for name in table.column_names})
        people = people.replace_schema_metadata(metadata)
        pq.write_table(people, path, write_page_checksum=True)
        return path


@dataclass(frozen=True)
class Earlier:
    """The fingerprints of what the outcomes of an earlier run depend on, whose results are in ``folder``."""

    folder: Path
    people: pa.Table
    variants: Mapping[str, str]
    everything: Mapping[str, str]
    as_of: dt.date | None

    def outcomes(self) -> pa.Table:
        """The outcomes, where they are in one file."""
        with pq.ParquetFile(self.folder / WHOLE) as file:
            return file.read()


def read_earlier(folder: Path, beside: str = WHOLE) -> Earlier | str:
    """What an earlier run left in ``folder``, its results in one of both forms, or why that is of no use."""
    path = folder / FILE
    if not path.is_file():
        return "there are no results of a run that kept fingerprints"
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            people = file.read(SCHEMA.names)
        told = orjson.loads((people.schema.metadata or {})[KEY])
        files, variants, everything = dict(told["beside"]), dict(told["variants"]), dict(told["everything"])
        as_of = dt.date.fromisoformat(told["as_of"]) if told["as_of"] else None
        if people.schema.types != SCHEMA.types or people.column_names != SCHEMA.names:
            return f"{FILE} is damaged"
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return f"{FILE} is damaged"
    if beside not in files:
        return _MODES[beside]
    if not (folder / beside).is_file() or sha256(folder / beside) != files[beside]:
        return f"{beside} is not the one that {FILE} was written for"
    return Earlier(folder, people, variants, everything, as_of)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write files into, which are moved into ``folder`` at the end, the fingerprints last.

    Whatever interrupts the writing, the earlier files are there still. Interrupted in the moment of moving, outcomes
    and fingerprints do not fit each other, which the next run notices.
    """
    half = folder / UNFINISHED
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    try:
        yield half
        move_into(folder, half)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def move_into(folder: Path, half: Path) -> None:
    """Move all files that lie in ``half``, or in folders there, to the same places in ``folder``; fingerprints last."""
    files = (path for path in half.rglob("*") if path.is_file())
    for path in sorted(files, key=lambda path: path.name == FILE):
        target = folder / path.relative_to(half)
        target.parent.mkdir(exist_ok=True)
        path.replace(target)


def sha256(path: Path) -> str:
    """SHA-256 of what a file holds, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["FILE", "PARTS", "WHOLE", "Earlier", "Fingerprints", "move_into", "read_earlier", "replacing", "sha256"]
