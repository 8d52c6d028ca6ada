"""The attribution rules of folders of specs, and what is wrong with how programs name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from measureharmony.errors import Issue
from measureharmony.measures.reader import Reading, read_model
from measureharmony.measures.rules.finding import Finding
from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.payers.codes import unknown_codes
from measureharmony.payers.program import Program
from measureharmony.spec_files import spec_folder


@dataclass(frozen=True)
class AttributionRules:
    """What folders ``attribution/`` hold, by name; with ``issues`` only what could be read."""

    rules: Mapping[str, AttributionRule]
    issues: tuple[Issue, ...] = ()


def read_attribution_rules(*folders: Path, value_sets: Collection[str] | None = None) -> AttributionRules:
    """Every ``<rule>.yaml`` of ``folders``; a rule of a later folder takes the place of that of its name.

    ``value_sets`` are the names of value sets that exist; left out, names of value sets are not checked.
    """
    rules: dict[str, AttributionRule] = {}
    issues: list[Issue] = []
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            reading = read_model(path, AttributionRule)
            issues += [*reading.issues, *_rule_issues(reading, value_sets)]
            if reading.model is not None:
                rules[path.stem] = reading.model
    return AttributionRules(rules, tuple(sorted(set(issues))))


@cache
def shipped_attribution_rules() -> Mapping[str, AttributionRule]:
    """The shipped rules by name."""
    return read_attribution_rules(spec_folder() / "attribution").rules


def _rule_issues(reading: Reading[AttributionRule], value_sets: Collection[str] | None) -> Iterator[Issue]:
    document, rule = reading.document, reading.model
    if rule is None:
        return
    if rule.attribution_rule != document.path.stem:
        what = f"the file is called {document.path.name}, but the rule in it '{rule.attribution_rule}'"
        yield document.issue(("attribution_rule",), "attribution-rule-name", what, "rename one of them")
    for found in code_problems(rule, value_sets):
        yield document.issue(found.place, found.code, found.what, found.fix)


def code_problems(part: AttributionRule | Program, value_sets: Collection[str] | None) -> Iterator[Finding]:
    """Where what ``part`` says of attribution names a value set or a code system that does not exist."""
    return unknown_codes(part, value_sets, "attribution-unknown-value-set", "attribution-unknown-code-system")


__all__ = ["AttributionRules", "code_problems", "read_attribution_rules", "shipped_attribution_rules"]
