"""What a run leaves for the next one: fingerprints of the people and variants whose outcomes lie beside them.

``fingerprints.parquet`` has a row for each person (``person_id``, ``fingerprint``); its metadata say which variants
were evaluated, what else the outcomes depend on, which file of outcomes it goes with, and by which rules rows were
accepted.
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
_OUTCOMES = "outcomes.parquet"


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of all that some outcomes depend on.

    ``people`` has the columns ``person_id`` and ``fingerprint``; ``variants`` is by the variants' id; ``everything`` is
    what concerns every person and variant, each under the name that it is called by when it has changed; ``as_of`` is
    the day whose knowledge was used. ``reevaluation`` says what of the outcomes was found anew.
    """

    people: pa.Table
    variants: Mapping[str, str]
    everything: Mapping[str, str]
    as_of: dt.date | None
    reevaluation: Reevaluation = field(compare=False)

    def write(self, folder: Path) -> Path:
        """Write the fingerprints beside the outcomes in ``folder``, which are there already."""
        told = {
            RULES: rules(),
            "outcomes": _sha256(folder / _OUTCOMES),
            "variants": dict(self.variants),
            "everything": dict(self.everything),
            "as_of": self.as_of,
        }
        path = folder / FILE
        people = self.people.replace_schema_metadata({**(self.people.schema.metadata or {}), KEY: orjson.dumps(told)})
        pq.write_table(people, path, write_page_checksum=True)
        return path


@dataclass(frozen=True)
class Earlier:
    """The outcomes of an earlier run, with the fingerprints of what they depend on."""

    outcomes: pa.Table
    people: pa.Table
    variants: Mapping[str, str]
    everything: Mapping[str, str]
    as_of: dt.date | None


def read_earlier(folder: Path) -> Earlier | str:
    """The results that an earlier run left in ``folder``, or why they are of no use."""
    path = folder / FILE
    if not path.is_file():
        return "there are no results of a run that kept fingerprints"
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            people = file.read()
        told = orjson.loads((people.schema.metadata or {})[KEY])
        outcomes, variants, everything = told["outcomes"], dict(told["variants"]), dict(told["everything"])
        as_of = dt.date.fromisoformat(told["as_of"]) if told["as_of"] else None
        if people.schema.types != SCHEMA.types or people.column_names != SCHEMA.names:
            return f"{FILE} is damaged"
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return f"{FILE} is damaged"
    if not (folder / _OUTCOMES).is_file() or _sha256(folder / _OUTCOMES) != outcomes:
        return f"{_OUTCOMES} is not the one that {FILE} was written for"
    with pq.ParquetFile(folder / _OUTCOMES) as file:
        return Earlier(file.read(), people, variants, everything, as_of)


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
        for path in sorted(half.iterdir(), key=lambda path: path.name == FILE):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["FILE", "Earlier", "Fingerprints", "read_earlier", "replacing"]
