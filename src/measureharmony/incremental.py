"""Evaluating only what changed: people whose rows, and variants whose meaning, an earlier run has not seen so.

What is found is what a run over everything finds, to the bit. Outcomes of a person depend on the person's own rows, on
the variant, and on little that concerns everybody; each has a fingerprint, and what has the same ones is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines import local
from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.joined_outcomes import OutcomeOrder
from measureharmony.evaluation.outcome import part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.measures.value_set_needs import value_sets_named
from measureharmony.moved_by_day import moved_by_day
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from measureharmony.practice.some_people import some_people
from measureharmony.preparing import Prepared
from measureharmony.reports.fingerprints import Earlier, Fingerprints, read_earlier
from measureharmony.reports.manifest import fingerprint
from measureharmony.reports.reevaluation import Reevaluation
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import ValueSets
from measureharmony.value_sets.systems import SYSTEMS_FILE

#: With more of the people changed than this share, finding their rows costs more than it spares.
_MOST_CHANGED = 0.5
#: Libraries whose release may change how a number or a hash comes out.
_LIBRARIES = ("measureharmony", "duckdb", "numpy", "pyarrow")


@dataclass(frozen=True)
class ToEvaluate:
    """What is to be evaluated, over whom; ``everybody`` and ``progress`` as in ``evaluate``."""

    practice: Practice
    prepared: Prepared
    everybody: bool = False
    progress: Callable[[int, int], None] | None = None

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All variants, in the order of the outcomes."""
        return self.prepared.variants

    def outcomes(self, variants: Sequence[Variant], practice: Practice | None = None) -> pa.Table:
        """The outcomes of some of the variants, over the practice or some of its people."""
        as_of, every = self.prepared.as_of, len(variants) == len(self.variants)
        plan = self.prepared.plan if every else compile_plan(variants, as_of)
        finish = partial(part_outcomes, variants, everybody=self.everybody)
        somebody, terminology = practice or self.practice, self.prepared.terminology
        return Outcomes(local.each_part(somebody, plan, terminology, as_of, finish, progress=self.progress)).table()


@dataclass(frozen=True)
class Changes:
    """What of the outcomes of an earlier run does not hold any more.

    Of each person of today, ``place`` is the number that the earlier run gave them (-1: none), and ``unchanged`` says
    whether it saw the very same rows, which another as-of day does not move. ``same`` are the variants that mean what
    they meant, ``anew`` the others; ``told`` says it in numbers.
    """

    place: Ints
    unchanged: Bools
    same: tuple[Variant, ...]
    anew: tuple[Variant, ...]
    told: Reevaluation


def evaluate_changes(asked: ToEvaluate, previous: Path) -> tuple[pa.Table, Fingerprints]:
    """The outcomes of everything asked for, kept from the results in ``previous`` as far as they still hold.

    The answer's second part is what the next run needs to know. Results that cannot be used cost a run over everything,
    nothing else; ``Fingerprints.reevaluation`` says why.
    """
    now = fingerprints_of(asked)
    earlier = read_earlier(previous)
    changes = changes_since(earlier, now, asked)
    if isinstance(earlier, str) or isinstance(changes, str):
        why = replace(now.reevaluation, why=str(changes))
        return asked.outcomes(asked.variants), replace(now, reevaluation=why)
    found = [asked.outcomes(changes.anew)] if changes.anew else []
    found += of_changed_people(asked, changes)
    order = OutcomeOrder(asked.variants, now.people["person_id"].combine_chunks())
    outcomes = order.joined(earlier.outcomes(), changes.same, changes.unchanged, found)
    return outcomes, replace(now, reevaluation=changes.told)


def fingerprints_of(asked: ToEvaluate) -> Fingerprints:
    """The fingerprints of all that the outcomes asked for depend on."""
    people = asked.practice.person_fingerprints
    value_sets = asked.prepared.specs.value_sets
    variants = {variant.id: _variant_fingerprint(variant, value_sets) for variant in asked.variants}
    reevaluation = Reevaluation(len(people), len(variants))
    everything, as_of = _everything(asked), asked.prepared.as_of
    return Fingerprints(people, variants, everything, as_of, reevaluation, asked.practice.file_sums)


def changes_since(earlier: Earlier | str, now: Fingerprints, asked: ToEvaluate) -> Changes | str:
    """What has changed since an earlier run, or why nothing of its outcomes is worth keeping."""
    if isinstance(earlier, str):
        return earlier
    place = _places(earlier, now)
    same_rows = _unchanged(earlier, now, place)
    if why := _why_not(earlier, now, same_rows):
        return why
    moved = moved_by_day(asked.practice, asked.prepared, earlier.as_of)
    unchanged = same_rows & ~moved.people
    if np.count_nonzero(~unchanged) > _MOST_CHANGED * len(now.people):
        return "more than half of the people have changed, or are moved by the other as-of day"
    kept = {key for key, one in now.variants.items() if earlier.variants.get(key) == one} - moved.variants
    same = tuple(v for v in asked.variants if v.id in kept)
    anew = tuple(v for v in asked.variants if v.id not in kept)
    there = int(np.count_nonzero(place >= 0))
    told = replace(
        now.reevaluation,
        new=len(now.people) - there,
        changed=there - int(np.count_nonzero(same_rows)),
        gone=len(earlier.people) - there,
        moved=int(np.count_nonzero(same_rows & moved.people)),
        anew=tuple(variant.id for variant in anew),
    )
    return Changes(place, unchanged, same, anew, told)


def of_changed_people(asked: ToEvaluate, changes: Changes, at_once: int | None = None) -> list[pa.Table]:
    """The outcomes of the changed people under the variants that are the same; ``at_once`` of them at a time."""
    keys = np.flatnonzero(~changes.unchanged).astype(np.int32)
    found = []
    for first in range(0, len(keys), at_once or len(keys) or 1):
        with some_people(asked.practice, pa.array(keys[first : first + (at_once or len(keys))])) as changed:
            found.append(asked.outcomes(changes.same, changed))
    return found


def _why_not(earlier: Earlier, now: Fingerprints, unchanged: Bools) -> str:
    """Why nothing of the earlier outcomes holds; empty where something may."""
    names = [name for name in now.everything if earlier.everything.get(name) != now.everything[name]]
    if names:
        return f"since the earlier run there is another {' and another '.join(names)}"
    if not any(earlier.variants.get(key) == one for key, one in now.variants.items()):
        return "every variant is another than in the earlier run"
    if np.count_nonzero(~unchanged) > _MOST_CHANGED * len(now.people):
        return "more than half of the people have changed since the earlier run"
    return ""


def _places(earlier: Earlier, now: Fingerprints) -> Ints:
    """For each person of today, their number among those of the earlier run; -1 where they were not there."""
    before, today = earlier.people["person_id"], now.people["person_id"]
    if before.equals(today):
        return np.arange(len(today), dtype=np.int32)
    return np.asarray(pc.index_in(today, value_set=before).fill_null(-1).to_numpy())


def _unchanged(earlier: Earlier, now: Fingerprints, place: Ints) -> Bools:
    """For each person of today, whether the earlier run saw the very same rows."""
    before = earlier.people["fingerprint"].take(pa.array(place, mask=place < 0))
    return np.asarray(pc.equal(before, now.people["fingerprint"]).fill_null(False).to_numpy())


# --- what outcomes depend on -----------------------------------------------------------------------------------------


def _variant_fingerprint(variant: Variant, value_sets: ValueSets) -> str:
    """Everything that the variant's outcomes depend on, the codes of its value sets among it."""
    used = sorted(value_sets_named(variant.measure))
    codes = [f"{name}={value_sets.fingerprint(name) if name in value_sets else ''}" for name in used]
    return hashlib.sha256("\n".join([fingerprint(variant), *codes]).encode()).hexdigest()


def _everything(asked: ToEvaluate) -> dict[str, str]:
    """What concerns every person and every variant, by what it is called when it has changed."""
    cursor = asked.practice.connection.cursor()
    listed = sorted(str(program) for (program,) in cursor.execute("FROM listed_program").fetchall())
    kinds = [str(row[1]) for row in cursor.execute("DESCRIBE accepted_event").fetchall() if row[0].endswith("_id")]
    return {
        "version of the library": _library(),
        "answer to whether everybody is listed for every program": str(asked.everybody),
        "set of programs with a roster": orjson.dumps(listed).decode(),
        "type of identifiers": " ".join(kinds),
    }


@cache
def _library() -> str:
    """The releases that compute outcomes, and the library's own source: whoever works on it changes it without one."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update((spec_folder() / "value_sets" / SYSTEMS_FILE).read_bytes())
    return digest.hexdigest()


__all__ = ["Changes", "ToEvaluate", "changes_since", "evaluate_changes", "fingerprints_of", "of_changed_people"]
