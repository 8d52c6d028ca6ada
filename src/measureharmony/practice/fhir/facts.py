"""What the clinical record says that claims refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from measureharmony.practice.fhir.codings import Coding
from measureharmony.practice.fhir.sheets import Harvest
from measureharmony.practice.fhir.times import Interval


@dataclass(frozen=True)
class ClinicalFacts:
    """Codes and times by event id, and the codes of all visits."""

    codes: dict[str, set[Coding]] = field(default_factory=dict)
    times: dict[str, Interval] = field(default_factory=dict)
    encounter_codes: set[Coding] = field(default_factory=set)


def facts_of_stories(harvest: Harvest, stories: Iterable[int]) -> dict[int, ClinicalFacts]:
    """The facts in the rows of each of ``stories`` (see ``held.Origins``), before claims have written any."""
    found = {story: ClinicalFacts() for story in stories}
    if not found:
        return found
    of_event: dict[str, ClinicalFacts] = {}
    names = ("_story", "event_id", "kind", "start", "end", "code_system", "code")
    for story, row_id, kind, start, end, system, code in harvest.event_cells(*names):
        facts = found.get(story) if isinstance(story, int) else None
        if facts is None:
            continue
        event_id = str(row_id)
        of_event[event_id] = facts
        if code:
            facts.codes[event_id] = {(str(system), str(code))}
        if kind == "encounter":
            facts.times[event_id] = (str(start), str(end))
    for event_id, role, system, code in harvest.code_cells():
        if role == "code" and event_id in of_event:
            of_event[event_id].codes.setdefault(event_id, set()).add((system, code))
    for facts in found.values():
        for visit in facts.times:
            facts.encounter_codes.update(facts.codes.get(visit, ()))
    return found
