"""Alignments in words: for the terminal, for tables, and as data for machines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from measureharmony.alignment.claims import TITLES, Alignment, Claim, alignment_table
from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.somebody import Cells, MadeEvent, Somebody
from measureharmony.measures.names import CodeRef, walk
from measureharmony.measures.plain_words import amount, listed, plain
from measureharmony.payers.variant import Variant
from measureharmony.reports.tables import ResultTable
from measureharmony.value_sets import ValueSets

WIDTH = 80


class Telling:
    """Tells alignments; ``value_sets`` give codes their names."""

    def __init__(self, value_sets: ValueSets):
        self._value_sets, self._facts = value_sets, CodeFacts(value_sets)

    # --- text --------------------------------------------------------------------------------------------------------

    def text(self, alignment: Alignment) -> str:
        """One alignment in full, at most 80 columns wide."""
        lines = [f"{version(alignment.variant)} compared with {version(alignment.against)}"]
        rate = ""
        for claim in alignment.claims:
            if claim.rate != rate:
                rate = claim.rate
                lines += ["", f"rate {rate}"]
            lines.append(f"  {TITLES[claim.place]}: {claim.sentence}")
            lines += self._details(alignment, claim)
        if alignment.left_out:
            lines += ["", f"Rates that only one of them has: {', '.join(alignment.left_out)}"]
        return "\n".join(lines)

    def _details(self, alignment: Alignment, claim: Claim) -> Iterator[str]:
        for reason in claim.reasons:
            yield from _wrapped(f"- {reason}", 4)
        if claim.here_only is not None:
            yield from _wrapped(f"in it only here: {self.somebody(alignment, claim.here_only)}", 4)
        if claim.there_only is not None:
            yield from _wrapped(f"in it only there: {self.somebody(alignment, claim.there_only)}", 4)
        if claim.why_unknown:
            yield from _wrapped(f"not decided: {claim.why_unknown}", 4)

    def somebody(self, alignment: Alignment, one: Somebody) -> str:
        """A person made up, in a sentence."""
        refs = _code_refs(alignment.variant, alignment.against)
        parts = [_person(one.person), *map(_span, one.coverage)]
        for event in one.events:
            parts.append(self._event(event, refs) + (" (counted)" if event.event_id == one.counted else ""))
        if one.stand_ins:
            parts.append(f"assuming a code that is in no other set: {listed(map(plain, one.stand_ins), 'and')}")
        return "; ".join(parts)

    def _event(self, event: MadeEvent, refs: tuple[str, ...]) -> str:
        cells = event.cells
        coded = [self._coding(refs, cells.get("code_system", ""), cells["code"])] if "code" in cells else []
        coded += [f"{plain(role)} {self._coding(refs, system, code)}" for role, system, code in event.codes]
        said = [f"{plain(column)} {cell}" for column, cell in cells.items() if column not in _TOLD]
        value = f"value {amount(cells['value'], cells.get('unit', ''))}" if "value" in cells else ""
        dates = " to ".join(dict.fromkeys(filter(None, (cells.get("start"), cells.get("end")))))
        return ", ".join(filter(None, (f"{dates} {plain(cells['kind'])}".strip(), *coded, value, *said)))

    def _coding(self, refs: tuple[str, ...], system: str, code: str) -> str:
        written = self._facts.name_of((system, code))
        named = next((ref for ref in refs if "|" not in ref and self._value_sets[ref].contains(system, code)), "")
        return f"{plain(named)} ({written})" if named else plain(written) if " " not in written else written

    # --- tables and data ---------------------------------------------------------------------------------------------

    def table(self, alignments: Iterable[Alignment]) -> ResultTable:
        """One row for each claim."""
        return alignment_table(row for alignment in alignments for row in self._rows(alignment))

    def _rows(self, alignment: Alignment) -> Iterator[Mapping[str, object]]:
        for claim in alignment.claims:
            shown = (claim.here_only, claim.there_only)
            here, there = (None if one is None else self.somebody(alignment, one) for one in shown)
            yield {
                "measure": alignment.variant.measure.measure,
                "program": alignment.variant.program,
                "edition": alignment.variant.measure.edition,
                "against": alignment.against.program,
                "against_edition": alignment.against.measure.edition,
                "rate": claim.rate,
                "population": claim.place,
                "relation": claim.relation,
                "reasons": "; ".join(map(str, claim.reasons)) or None,
                "here_only": here,
                "there_only": there,
            }

    def json(self, alignments: Iterable[Alignment]) -> str:
        """Every claim with its reasons, and the people shown as rows of the dataset contract."""
        return orjson.dumps([self._data(one) for one in alignments], option=orjson.OPT_INDENT_2).decode()

    def _data(self, alignment: Alignment) -> dict[str, Any]:
        one, other = alignment.variant, alignment.against
        return {
            "measure": one.measure.measure,
            "program": one.program, "edition": one.measure.edition, "period": str(one.period),
            "against": other.program, "against_edition": other.measure.edition, "against_period": str(other.period),
            "left_out": list(alignment.left_out),
            "claims": [self._claim(alignment, claim) for claim in alignment.claims],
        }  # fmt: skip

    def _claim(self, alignment: Alignment, claim: Claim) -> dict[str, Any]:
        return {
            "rate": claim.rate, "population": claim.place, "relation": claim.relation, "sentence": claim.sentence,
            "reasons": [{"text": reason.text, "effect": reason.effect} for reason in claim.reasons],
            "here_only": self._rows_of(alignment, claim.here_only),
            "there_only": self._rows_of(alignment, claim.there_only),
            "why_unknown": claim.why_unknown,
        }  # fmt: skip

    def _rows_of(self, alignment: Alignment, one: Somebody | None) -> dict[str, Any] | None:
        if one is None:
            return None
        columns = ("role", "system", "code")
        events = [
            {**event.cells, "event_code": [dict(zip(columns, code, strict=True)) for code in event.codes]}
            for event in one.events
        ]
        told = {"in_words": self.somebody(alignment, one), "person": dict(one.person), "counted": one.counted}
        return {**told, "coverage": [dict(span) for span in one.coverage], "event": events}


#: Cells that the words of an event tell in their own way.
_TOLD = {"event_id", "kind", "start", "end", "code", "code_system", "value", "unit"}


def version(variant: Variant) -> str:
    """Such as: "ma_stars/bcs of 2026"."""
    return f"{variant.id} of {variant.measure.edition}"


def _code_refs(*variants: Variant) -> tuple[str, ...]:
    refs = (str(ref) for variant in variants for _, ref in walk(variant.measure) if isinstance(ref, CodeRef))
    return tuple(dict.fromkeys(refs))


def _person(person: Cells) -> str:
    words = [word for word in (person.get("sex"), person.get("gender")) if word]
    born = f"born {person['birth']}" if "birth" in person else "of unknown age"
    died = f"died {person['death']}" if "death" in person else ""
    return ", ".join(filter(None, (" ".join(dict.fromkeys(words)), born, died)))


def _span(span: Cells) -> str:
    line = f" {plain(span['product_line'])}" if span.get("product_line") else ""
    benefits = f", benefits: {span['benefits']}" if span.get("benefits") else ""
    until = f"until {span['end']}" if span.get("end") else "on"
    return f"covered by {plain(span['payer'])}{line} from {span['start']} {until}{benefits}"


def _wrapped(text: str, indent: int) -> list[str]:
    lead = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=f"{lead}  ", break_long_words=False)


__all__ = ["Telling", "version"]
