"""What can be said only when everything is read: diagnoses of visits by reference, spans of insurance from claims."""

from __future__ import annotations

from measureharmony.practice.fhir.claims import PayerMention
from measureharmony.practice.fhir.codings import Coding
from measureharmony.practice.fhir.people import product_line
from measureharmony.practice.fhir.sheets import Harvest
from measureharmony.practice.fhir.times import full_date, month_end

#: The conditions that QI-Core logic retrieves; an empty type is that of a source that does not say.
_RETRIEVED = {"", "problem", "encounter-diagnosis"}


def diagnoses_of_visits(harvest: Harvest) -> None:
    """Write the codes of the diagnoses that visits and claims name as codes of the visits, each once per role.

    A condition counts whatever its status; what is no condition, or one of a profile that no logic retrieves, does not.
    """
    if not harvest.citations:
        return
    visits, conditions = _visits_and_conditions(harvest)
    written: set[tuple[str, str, Coding]] = set()
    for citation in harvest.citations:
        if citation.visit not in visits:
            continue
        for coding in [*citation.codings, *conditions.get(citation.condition or "", ())]:
            key = (citation.visit, citation.role, coding)
            if key not in written:
                written.add(key)
                harvest.add_codes(citation.visit, citation.role, [coding], citation.place)


def _visits_and_conditions(harvest: Harvest) -> tuple[set[str], dict[str, list[Coding]]]:
    """The visits there are, and the codings of the cited conditions, by event id."""
    cited = {citation.condition for citation in harvest.citations}
    visits: set[str] = set()
    conditions: dict[str, list[Coding]] = {}
    for row_id, kind, types, system, code in harvest.event_cells("event_id", "kind", "type", "code_system", "code"):
        event_id = str(row_id)
        if kind == "encounter":
            visits.add(event_id)
        elif event_id in cited and kind == "condition" and not _RETRIEVED.isdisjoint(str(types or "").split(" ")):
            conditions[event_id] = [(str(system), str(code))] if code else []
    for event_id, role, system, code in harvest.code_cells():
        if role == "code" and event_id in conditions:
            conditions[event_id].append((system, code))
    return visits, conditions


def coverage_from_claims(harvest: Harvest, mentions: list[PayerMention]) -> None:
    """Write one span per person, payer and calendar year: first to last month with a claim that names the payer.

    Only for people without any Coverage resource; a payer's name alone cannot say when insurance began or ended.
    """
    spans: dict[tuple[str, str, str], list[PayerMention]] = {}
    for mention in mentions:
        if full_date(mention.day) is not None:
            spans.setdefault((mention.person_id, mention.payer, mention.day[:4]), []).append(mention)
    for (person_id, payer, _), told in spans.items():
        days = [mention.day for mention in told]
        harvest.coverage.append(
            {
                "person_id": person_id,
                "payer": payer,
                "product_line": product_line((payer,), ()),
                "start": min(days)[:7] + "-01",
                "end": month_end(max(days)),
                "_file": told[0].file,
                "_row": told[0].row,
            }
        )
