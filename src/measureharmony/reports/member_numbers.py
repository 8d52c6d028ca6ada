"""A payer's own numbers of people."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice import Practice


def member_numbers(practice: Practice, payer: str) -> pa.Table:
    """The latest number that coverage gives each person with the payer: ``person_id`` and ``member_id``, both text."""
    spans = practice.table("coverage", ["person_id", "payer", "start", "member_id"])
    own = spans.filter(pc.and_(pc.equal(spans["payer"], payer), pc.is_valid(spans["member_id"]))).sort_by("start")
    texts = pa.table({name: own[name].cast(pa.string()) for name in ("person_id", "member_id")})
    last = texts.group_by(["person_id"], use_threads=False).aggregate([("member_id", "last")])
    return last.rename_columns({"member_id_last": "member_id"})


__all__ = ["member_numbers"]
