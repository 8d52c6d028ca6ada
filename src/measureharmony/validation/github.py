"""Findings as the workflow commands that GitHub shows beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from measureharmony.validation.finding import Level
from measureharmony.validation.report import FindingShown, Report

_COMMANDS: Mapping[Level, str] = {"error": "error", "warning": "warning", "hint": "notice"}


def workflow_commands(report: Report) -> Iterator[str]:
    """A line for each finding, and one for each thing that was not checked."""
    for program in report.programs:
        yield from map(_annotation, program.findings)
        for text in program.not_checked:
            yield f"::notice title={_property(program.title)}::{_data(text)}"


def _annotation(finding: FindingShown) -> str:
    places = "".join(f"\nsee {one.file}:{one.line}: {one.why}" for one in finding.related)
    text = f"{finding.what}\nfix: {finding.fix}{places}" if finding.fix else f"{finding.what}{places}"
    line = f",line={finding.line}" if finding.line else ""
    where = f"file={_property(finding.file)}{line},title={_property(finding.code)}"
    return f"::{_COMMANDS[finding.level]} {where}::{_data(text)}"


def _data(text: str) -> str:
    """Text after the second ``::``; a line break would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property; a colon would end the properties, a comma the value."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


__all__ = ["workflow_commands"]
