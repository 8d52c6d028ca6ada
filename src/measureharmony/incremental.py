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
from measureharmony.evaluation.columns import Bools
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.joined_outcomes import OutcomeOrder
from measureharmony.evaluation.outcome import part_outcomes
from measureharmony.evaluation.outcomes_by_part import together
from measureharmony.measures.value_set_needs import value_sets_named
from measureharmony.moved_by_day import Moved, moved_by_day
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
        return together(local.each_part(somebody, plan, terminology, as_of, finish, progress=self.progress))


def evaluate_changes(asked: ToEvaluate, previous: Path) -> tuple[pa.Table, Fingerprints]:
    """The outcomes of everything asked for, kept from the results in ``previous`` as far as they still hold.

    The answer's second part is what the next run needs to know. Results that cannot be used cost a run over everything,
    nothing else; ``Fingerprints.reevaluation`` says why.
    """
    people = asked.practice.person_fingerprints
    variants = {
        variant.id: _variant_fingerprint(variant, asked.prepared.specs.value_sets) for variant in asked.variants
    }
    reevaluation = Reevaluation(len(people), len(variants))
    kept = Fingerprints(people, variants, _everything(asked), asked.prepared.as_of, reevaluation)
    earlier = read_earlier(previous)
    why = earlier if isinstance(earlier, str) else _why_not(earlier, kept)
    if isinstance(earlier, Earlier) and not why:
        moved = moved_by_day(asked.practice, asked.prepared, earlier.as_of)
        if np.count_nonzero(~_unchanged(earlier, kept) | moved.people) <= _MOST_CHANGED * len(people):
            return _changes(asked, kept, earlier, moved)
        why = "more than half of the people have changed, or are moved by the other as-of day"
    return asked.outcomes(asked.variants), replace(kept, reevaluation=replace(kept.reevaluation, why=why))


def _why_not(earlier: Earlier, now: Fingerprints) -> str:
    """Why nothing of the earlier outcomes holds; empty where something may."""
    names = [name for name in now.everything if earlier.everything.get(name) != now.everything[name]]
    if names:
        return f"since the earlier run there is another {' and another '.join(names)}"
    if not any(earlier.variants.get(key) == one for key, one in now.variants.items()):
        return "every variant is another than in the earlier run"
    if np.count_nonzero(~_unchanged(earlier, now)) > _MOST_CHANGED * len(now.people):
        return "more than half of the people have changed since the earlier run"
    return ""


def _changes(asked: ToEvaluate, now: Fingerprints, earlier: Earlier, moved: Moved) -> tuple[pa.Table, Fingerprints]:
    """The outcomes where some of ``earlier`` hold; ``moved`` tells of the other as-of day."""
    same_rows = _unchanged(earlier, now)
    unchanged = same_rows & ~moved.people
    kept = {v.id for v in asked.variants if earlier.variants.get(v.id) == now.variants[v.id]} - moved.variants
    same = [v for v in asked.variants if v.id in kept]
    anew = [v for v in asked.variants if v not in same]
    order = OutcomeOrder(asked.variants, now.people["person_id"].combine_chunks())
    found = [asked.outcomes(anew)] if anew else []
    if not unchanged.all():
        with some_people(asked.practice, pa.array(np.flatnonzero(~unchanged).astype(np.int32))) as changed:
            found.append(asked.outcomes(same, changed))
    known = pc.is_in(now.people["person_id"], value_set=earlier.people["person_id"])
    there = pc.sum(known).as_py() or 0
    told = replace(
        now.reevaluation,
        new=len(now.people) - there,
        changed=there - int(np.count_nonzero(same_rows)),
        gone=len(earlier.people) - there,
        moved=int(np.count_nonzero(same_rows & moved.people)),
        anew=tuple(variant.id for variant in anew),
    )
    outcomes = order.joined(earlier.outcomes, same, unchanged, found)
    return outcomes, replace(now, reevaluation=told)


def _unchanged(earlier: Earlier, now: Fingerprints) -> Bools:
    """For each person of today, whether the earlier run saw the very same rows."""
    place = pc.index_in(now.people["person_id"], value_set=earlier.people["person_id"])
    before = earlier.people["fingerprint"].take(place)
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


__all__ = ["ToEvaluate", "evaluate_changes"]
