"""One code for each event: in the system that a payer likes best, under the payer's name for it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice import Practice
from measureharmony.reports.supplemental.columns import mapped, text
from measureharmony.reports.supplemental.profile import PayerProfile
from measureharmony.value_sets import shipped_systems


def payers_codes(practice: Practice, profile: PayerProfile, event_ids: pa.ChunkedArray) -> pa.Table:
    """``event_id``, ``system`` and ``code``: one row for each event that has a code the payer takes."""
    codings = _codings(practice, event_ids)
    names, ranks = _systems(profile, [uri for uri in codings["system"].unique().to_pylist() if uri])
    codings = codings.append_column("rank", mapped(codings["system"], ranks))
    codings = codings.set_column(1, "system", mapped(codings["system"], names))
    taken = codings.filter(pc.is_valid(codings["system"])).sort_by("rank")
    first = taken.group_by(["event_id"], use_threads=False).aggregate([("system", "first"), ("code", "first")])
    return first.rename_columns({"system_first": "system", "code_first": "code"})


def _codings(practice: Practice, event_ids: pa.ChunkedArray) -> pa.Table:
    """Every coding of what the events are: ``event_id``, ``system``, ``code``."""
    first = text(practice.table("event", ["event_id", "code_system", "code"]))
    more = text(practice.table("event_code", ["event_id", "system", "code", "role"]))
    more = more.filter(pc.equal(pc.fill_null(more["role"], "code"), "code")).select(["event_id", "system", "code"])
    codings = pa.concat_tables([first.rename_columns(["event_id", "system", "code"]), more])
    return codings.filter(pc.and_(pc.is_in(codings["event_id"], value_set=event_ids), pc.is_valid(codings["code"])))


def _systems(profile: PayerProfile, uris: list[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The payer's name of each system (none: it takes no codes of it), and its rank, as text that sorts."""
    known = shipped_systems()
    if not profile.code_systems:
        return {uri: known.short_name(uri) for uri in uris}, dict.fromkeys(uris, "")
    own = [(system.uri, payers) for name, payers in profile.code_systems.items() if (system := known.find(name))]
    places = {uri: (f"{place:03}", payers) for place, (uri, payers) in enumerate(own)}
    taken = {uri: places[known.canonical(uri)] for uri in uris if known.canonical(uri) in places}
    return {uri: name for uri, (_, name) in taken.items()}, {uri: rank for uri, (rank, _) in taken.items()}


__all__ = ["payers_codes"]
