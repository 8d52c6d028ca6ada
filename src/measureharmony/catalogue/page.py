"""The catalogue in Markdown: one page per measure, made from its spec, and an index of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from measureharmony.catalogue.entry import Entry
from measureharmony.measures.bind import bind
from measureharmony.measures.measure import POPULATIONS, Episodes, Measure, Rate
from measureharmony.measures.plain_words import amount, plain
from measureharmony.measures.references import references
from measureharmony.measures.words import Wording
from measureharmony.value_sets import ValueSet

_SHIPPED = {"complete": "open, complete", "partial": "open codes only", "none": "licensed, bring your own"}
_AGGREGATION = {
    "none": "each rate stands for itself",
    "simple_average": "the mean of its rates",
    "weighted_average": "all numerators over all denominators",
}


def index_page(entries: Iterable[Entry]) -> str:
    """All measures by domain: key, title, identifiers."""
    lines = ["# The catalogue of measures", "", "[Identifiers by system](crosswalk.md) has who calls what how.", ""]
    by_domain: dict[str, list[Entry]] = {}
    for entry in entries:
        by_domain.setdefault(entry.measure.domain or "other", []).append(entry)
    for domain in sorted(by_domain):
        lines += [f"## {domain.capitalize()}", "", "| measure | title | rates | identifiers |", "|---|---|---|---|"]
        for entry in by_domain[domain]:
            ids = ", ".join(identifier.id for identifier in entry.identifiers)
            rates = len(entry.measure.rates)
            lines.append(f"| [`{entry.key}`]({entry.key}.md) | {entry.measure.title} | {rates} | {ids} |")
        lines.append("")
    return "\n".join(lines)


def crosswalk_page(entries: Iterable[Entry]) -> str:
    """What each measure is called by whom, and in which year: one row a measure, one column a system."""
    every = list(entries)
    systems = list(dict.fromkeys(one.system for entry in every for one in entry.identifiers))
    systems.sort(key=lambda system: -sum(system in _names_by(entry) for entry in every))
    lines = [
        "# Identifiers by system",
        "",
        "Years are those for which the identifier is known to stand. Star identifiers are renumbered every year, and",
        "the version of an electronic measure changes with each edition. Identifiers in one row name kindred measures,",
        "which need not count the same people: the method of collection alone can move a rate by twenty points.",
        "",
        f"| measure | {' | '.join(systems)} |",
        "|---|" + "---|" * len(systems),
    ]
    for entry in sorted(every, key=lambda entry: entry.key):
        names = _names_by(entry)
        cells = " | ".join(", ".join(names.get(system, ())) for system in systems)
        lines.append(f"| [`{entry.key}`]({entry.key}.md) | {cells} |")
    return "\n".join(lines) + "\n"


def _names_by(entry: Entry) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for one in entry.identifiers:
        names.setdefault(one.system, []).append(f"{one.id} ({one.year})" if one.year else one.id)
    return names


def measure_page(entry: Entry) -> str:
    """A measure as readable prose, its parameters, its value sets with counts and licence state."""
    measure = bind(entry.measure)
    words = Wording(measure, name=_shown)
    blocks = [
        [f"# {measure.title}", "", measure.description],
        _facts(entry),
        _identifiers(entry),
        _populations(measure, words),
        _events(measure, words),
        _numbers(measure, words),
        _parameters(entry.measure),
        _value_sets(entry.value_sets),
        _history(entry),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _shown(section: str, name: str) -> str:
    if section in ("events", "numbers"):
        return f"*{plain(name)}*"
    return f"**{plain(name)}**" if section == "criteria" else f"`{name}`"


def _facts(entry: Entry) -> list[str]:
    measure = entry.measure
    episodes = isinstance(measure.subject, Episodes)
    facts = {
        "Key": f"`{measure.measure}`, edition {measure.edition}",
        "Counts": f"events: each {plain(measure.subject.episodes)}" if episodes else "people",  # type: ignore[union-attr]
        "Better": measure.direction,
        "Scoring": ", ".join(filter(None, (measure.scoring.replace("_", " "), measure.aggregate))),
        "One number": _AGGREGATION[measure.aggregation] if len(measure.rates) > 1 else "",
        "Collected as": ", ".join(measure.methods),
        "Steward": measure.steward,
        "Also called": ", ".join(measure.aliases),
        "Programs here": ", ".join(f"`{program}`" for program in entry.programs),
        "Follows": "; ".join(measure.sources),
    }
    return ["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in facts.items() if text)]


def _identifiers(entry: Entry) -> list[str]:
    if not entry.identifiers:
        return []
    rows = [f"| {one.system} | {one.id} | {one.year or ''} |" for one in entry.identifiers]
    note = "Identifiers of different stewards name kindred measures, not the same one."
    return ["## Identifiers", "", "| who | identifier | year |", "|---|---|---|", *rows, "", note]


# --- populations ------------------------------------------------------------------------------------------------------


def _populations(measure: Measure, words: Wording) -> list[str]:
    lines = ["## Who counts"]
    common = [name for name in POPULATIONS if _is_common(measure, name)]
    for name in common:
        lines += ["", *_population(name, measure.population(measure.rates[0], name), words)]
    for rate in measure.rates:
        lines += ["", f"### Rate `{rate.id}`: {rate.title}", *_own(measure, rate, common, words)]
    if measure.strata:
        lines += ["", "### Strata", ""]
        lines += [f"- {stratum.title}: {words.criterion(stratum.criterion)}" for stratum in measure.strata]
    return lines


def _is_common(measure: Measure, name: str) -> bool:
    found = [measure.population(rate, name) for rate in measure.rates]
    return found[0] is not None and all(criterion == found[0] for criterion in found)


def _own(measure: Measure, rate: Rate, common: Iterable[str], words: Wording) -> Iterator[str]:
    if measure.direction_of(rate) != measure.direction:
        yield from ("", f"A {measure.direction_of(rate)} rate is better.")
    for name in POPULATIONS:
        criterion = measure.population(rate, name)
        if name not in common and criterion is not None:
            yield from ("", *_population(name, criterion, words))


def _population(name: str, criterion: object, words: Wording) -> list[str]:
    lines = [f"{'  ' * depth}- {text[0].upper()}{text[1:]}" for depth, text in words.outline(criterion)]  # type: ignore[arg-type]
    return [f"**{plain(name).capitalize()}**", "", *lines]


def _events(measure: Measure, words: Wording) -> list[str]:
    """The sets of events that the populations speak of, each in one line."""
    names = sorted(_used_sets(measure), key=lambda name: ("." in name, name))
    lines = [f"- *{plain(name)}*: {words.event_set(measure.events[name])}" for name in names]
    anchors = [f"- {plain(name)}: {words.anchor(anchor)}" for name, anchor in sorted(measure.anchors.items())]
    return ["## Events", "", *lines, *(["", "Moments:", "", *anchors] if anchors else [])] if lines else []


def _numbers(measure: Measure, words: Wording) -> list[str]:
    """The named numbers, each in one line."""
    named = sorted(measure.numbers.items(), key=lambda item: ("." in item[0], item[0]))
    lines = [f"- *{plain(name)}*: {words.number_text(number)}" for name, number in named]
    return ["## Numbers", "", *lines] if lines else []


def _used_sets(measure: Measure) -> set[str]:
    found: set[str] = set()
    for reference in references(measure):
        if reference.section == "events" and not reference.is_built_in:
            found.add(reference.name)
    return found & set(measure.events)


# --- tables -----------------------------------------------------------------------------------------------------------


def _parameters(measure: Measure) -> list[str]:
    if not measure.parameters:
        return []
    head = ["## Parameters", "", "| parameter | value | bounds | meaning |", "|---|---|---|---|"]
    rows = []
    for name, one in sorted(measure.parameters.items()):
        bounds = f"{'' if one.min is None else one.min} – {'' if one.max is None else one.max}"
        rows.append(f"| `{name}` | {amount(one.value, one.unit)} | {bounds} | {one.text} |")
    return [*head, *rows]


def _value_sets(sets: Iterable[ValueSet]) -> list[str]:
    rows = [
        f"| `{one.name}` | {one.oid or ''} | {len(one.codes) + len(one.patterns)} | {_SHIPPED[one.completeness]} |"
        for one in sets
    ]
    head = ["## Value sets", "", "| name | OID | codes shipped | state |", "|---|---|---|---|"]
    return [*head, *rows] if rows else []


def _history(entry: Entry) -> list[str]:
    """What other editions of the measure say otherwise."""
    lines: list[str] = []
    for one in entry.history:
        names = ", ".join(f"{identifier.system} {identifier.id}" for identifier in one.identifiers)
        lines += ["", f"### {one.year}{f': {names}' if names else ''}", ""]
        lines += [f"- {sentence}" for sentence in one.sentences] or ["The same."]
    return ["## Other editions", *lines] if lines else []


__all__ = ["crosswalk_page", "index_page", "measure_page"]
