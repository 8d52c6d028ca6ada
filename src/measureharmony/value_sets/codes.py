"""Checks and sorts the codes that people write in value set files."""

from __future__ import annotations

from dataclasses import dataclass, field

from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.systems import CodeSystem, CodeSystems, check_digit_holds, is_uri


@dataclass
class CodeList:
    """Codes gathered for one value set: whole codes and beginnings, as (system URI, text) pairs."""

    codes: set[tuple[str, str]] = field(default_factory=set)
    patterns: set[tuple[str, str]] = field(default_factory=set)

    def add(self, system: CodeSystem, written: str, line: int, complaints: Complaints) -> None:
        """Take one code as written, ``E11.9`` or ``E11.*``; a malformed one becomes a complaint instead."""
        problem, fix = malformed(system, written)
        pair = (system.uri, written.removesuffix("*"))
        target = self.patterns if written.endswith("*") else self.codes
        if problem:
            complaints.add(line, "malformed-code", problem, fix)
        else:
            target.add(pair)


def malformed(system: CodeSystem, written: str) -> tuple[str, str]:
    """What is wrong with a code and how to fix it, or two empty texts."""
    if not written or written != written.strip():
        return f"an empty {system.name} code, or one with blanks around it", "write the bare code"
    if written.endswith("*"):
        if not system.prefix:
            return f"'{written}': codes of {system.name} have no common beginnings", "list every code"
        if len(written) < 4 or "*" in written[:-1]:
            return f"'{written}' would take in too much", "give at least three characters before one final '*'"
        return "", ""
    if system.form and not system.form.fullmatch(written):
        return f"'{written}' does not look like a code of {system.name}", "correct the code, or the system it is under"
    if system.name == "LOINC" and not check_digit_holds(written):
        return f"LOINC '{written}' has a wrong check digit, so some digit is mistyped", "copy the code from its source"
    return "", ""


def known_system(spelling: str, systems: CodeSystems, line: int, complaints: Complaints) -> CodeSystem | None:
    """The code system of a short name, URI or OID. A URI nobody knows makes a system of its own, unchecked."""
    found = systems.find(spelling)
    if found is None and is_uri(spelling):
        found = CodeSystem(spelling, spelling)
    if found is None:
        complaints.add(
            line,
            "unknown-system",
            f"'{spelling}' is not a known code system",
            f"use one of {', '.join(systems.names)}, or the system's URI",
        )
    return found
