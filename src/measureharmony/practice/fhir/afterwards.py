"""What can be said only when everything is read: reasons of visits by reference, spans of insurance from claims."""

from __future__ import annotations

from measureharmony.practice.fhir.claims import PayerMention
from measureharmony.practice.fhir.codings import Coding
from measureharmony.practice.fhir.people import product_line
from measureharmony.practice.fhir.sheets import Harvest, Place
from measureharmony.practice.fhir.times import full_date, month_end


def reasons_of_visits(harvest: Harvest, links: list[tuple[str, str, Place]]) -> None:
    """Write the codes of the conditions that visits name in ``reasonReference`` as ``reason`` codes of the visits.

    ``links``: (visit's event_id, condition's event_id, place of the visit).
    """
    wanted: dict[str, list[Coding]] = {condition: [] for _, condition, _ in links}
    if not wanted:
        return
    for row in harvest.events:
        codings = wanted.get(str(row["event_id"]))
        if codings is not None and row.get("code"):
            codings.append((str(row["code_system"]), str(row["code"])))
    for event_id, role, system, code, _, _ in harvest.codes:
        if role == "code" and event_id in wanted:
            wanted[event_id].append((system, code))
    for visit, condition, place in links:
        harvest.add_codes(visit, "reason", wanted[condition], place)


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
                "product_line": product_line([payer], []),
                "start": min(days)[:7] + "-01",
                "end": month_end(max(days)),
                "_file": told[0].file,
                "_row": told[0].row,
            }
        )
