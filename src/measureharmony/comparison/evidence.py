"""What differs in how evidence reaches payers, and in what it counts for.

On which days everything known was sent is what the practice did, and no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from measureharmony.comparison.axes import Axis
from measureharmony.comparison.difference import AxisDifference, Citation
from measureharmony.measures.plain_words import listed, plain
from measureharmony.payers.evidence import EVERY_SOURCE, HAS_EVERYTHING, EvidencePolicy, Role, SentEvidence
from measureharmony.payers.evidence_source import EvidenceSource
from measureharmony.payers.evidence_words import FORMS
from measureharmony.payers.program import Program

_ROLES: dict[Role, str] = {
    "denominator": "to be counted", "exclusion": "to be left out", "numerator": "to meet the numerator",
}  # fmt: skip


def evidence_differences(before: Program | None, after: Program | None) -> Iterator[AxisDifference]:
    """What differs between the policies of two programs; who has none, or is no program, has all evidence at once."""
    old, new = ((one.evidence if one else None) or HAS_EVERYTHING for one in (before, after))
    cited = tuple(_citation(one, one.evidence) for one in (before, after) if one and one.evidence)
    alike: dict[tuple[str, str], list[EvidenceSource]] = {}
    for source in EVERY_SOURCE:
        alike.setdefault((_way(old, source), _way(new, source)), []).append(source)
    for words, sources in alike.items():
        yield from _difference(f"How the payer gets {_listed(sources)}", words, cited)
    for role in get_args(Role):
        counted = tuple(_counted(policy, role) for policy in (old, new))
        yield from _difference(f"Sources that count {_ROLES[role]}", (counted[0], counted[1]), cited)


def _difference(what: str, words: tuple[str, str], cited: tuple[Citation, ...]) -> Iterator[AxisDifference]:
    old, new = words
    if old != new:
        yield AxisDifference(
            "", Axis.SOURCE, what, old, new, old, new, f"{what}: {new} instead of {old}", (), (), cited
        )


def _citation(program: Program, policy: EvidencePolicy) -> Citation:
    source, status = policy.source, policy.status or ""
    page, url = "" if source.page is None else str(source.page), source.url or ""
    return Citation(program.program, "evidence", source.document, page, url, status=status)


def _way(policy: EvidencePolicy, source: EvidenceSource) -> str:
    """How evidence from a source reaches the payer."""
    if source in policy.run_out:
        days = policy.run_out[source]
        return f"by itself, within {days} days" if days else "by itself"
    ways = [_sending(way) for way in policy.send if source in way.sources]
    return listed(ways, "or") if ways else "not at all"


def _sending(way: SentEvidence) -> str:
    until = f" by {way.by.day} {way.by:%B %Y}" if way.by else ""
    return f"sent {FORMS[way.form]}{until}" + (f" (for {listed(way.measures, 'and')})" if way.measures else "")


def _counted(policy: EvidencePolicy, role: Role) -> str:
    sources: tuple[EvidenceSource, ...] = getattr(policy.counts, role)
    return "any" if set(sources) == set(EVERY_SOURCE) else _listed(sorted(sources))


def _listed(sources: list[EvidenceSource]) -> str:
    return listed([f"“{plain(one)}”" for one in sources], "and")


__all__ = ["evidence_differences"]
