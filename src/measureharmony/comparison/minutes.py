"""A changelog as Markdown, for a committee to go through: what is open first, then what changed, program by program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from measureharmony.comparison.changelog import Changelog, Entry
from measureharmony.comparison.difference import Citation
from measureharmony.measures.plain_words import listed


def as_markdown(changelog: Changelog) -> str:
    """The whole changelog."""
    lines = [f"# Changes from {changelog.before} to {changelog.after}", "", "## Open points", ""]
    lines += _open(changelog) or ["None: nothing is disputed, proposed or assumed.", ""]
    lines += ["## What changed", ""]
    lines += _programs(changelog, changelog.changes) or ["Nothing.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _open(changelog: Changelog) -> list[str]:
    lines: list[str] = []
    for status, entries in groupby(changelog.open, lambda one: one.citations[0].status):
        lines += [f"### {status.capitalize()}", ""]
        for entry in entries:
            lines += _item(entry, f"**{entry.program}, {entry.measure}**: ")
        lines.append("")
    return lines


def _programs(changelog: Changelog, entries: Iterable[Entry]) -> list[str]:
    lines: list[str] = []
    titles = {"canonical": "The canonical measures", **changelog.titles}
    for program, of_program in groupby(sorted(entries, key=_place), lambda one: one.program):
        lines += [f"### {titles.get(program, program)} (`{program}`)", ""]
        for measure, of_measure in groupby(of_program, lambda one: one.measure):
            heading = f"{titles.get(measure, measure)} (`{measure}`)" if measure else "Every measure"
            lines += [f"**{heading}**", "", *(line for entry in of_measure for line in _item(entry, "")), ""]
    return lines


def _place(entry: Entry) -> tuple[bool, str, str]:
    return entry.program != "canonical", entry.program, entry.measure


def _item(entry: Entry, before: str) -> Iterator[str]:
    yield f"- {before}{entry.sentence}."
    for cited in entry.citations:
        yield f"  {_on_whose_word(cited)}"


def _on_whose_word(cited: Citation) -> str:
    """Such as: "From 2026-01-01. Contract 2026, p. 7: the reason. Agreed by A; to agree: B."."""
    since = f"From {cited.effective}. " if cited.effective else ""
    page = f", p. {cited.page}" if cited.page else ""
    document = f"[{cited.document}]({cited.url})" if cited.url else cited.document
    reason = f": {cited.reason.rstrip('.')}" if cited.reason else ""
    missing = [party for party in cited.agree if party not in cited.agreed_by]
    standing = [f"Status: {cited.status}"] if cited.status else []
    standing += [f"agreed by {listed(cited.agreed_by, 'and')}"] if cited.agreed_by else []
    standing += [f"still to agree: {listed(missing, 'and')}"] if missing else []
    return f"{since}{document}{page}{reason}." + (f" {'; '.join(standing)}." if standing else "")


__all__ = ["as_markdown"]
