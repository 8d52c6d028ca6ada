"""Findings as SARIF 2.1.0, the format in which tools tell code hosts and editors what they found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from measureharmony.validation.finding import Level
from measureharmony.validation.report import FindingShown, ProgramShown, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Level, str] = {"error": "error", "warning": "warning", "hint": "note"}
#: Where relative paths begin: the folder that the command was called in, for code hosts the repository.
_ROOT = "%SRCROOT%"


def sarif(report: Report) -> str:
    """All findings of a report as one run; what was not checked as notifications of the tool."""
    findings = [finding for program in report.programs for finding in program.findings]
    levels = {finding.code: finding.level for finding in findings}
    codes = sorted(levels)
    run = {
        "tool": {"driver": _driver(levels)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(program) for program in report.programs],
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _driver(levels: Mapping[str, Level]) -> dict[str, Any]:
    rules = [
        {
            "id": code,
            "shortDescription": {"text": code.replace("-", " ").capitalize()},
            "defaultConfiguration": {"level": _LEVELS[levels[code]]},
        }
        for code in sorted(levels)
    ]
    return {"name": "measureharmony", "version": version("measureharmony"), "rules": rules}


def _invocation(program: ProgramShown) -> dict[str, Any]:
    notes = [{"level": "note", "message": {"text": f"{program.title}: {text}"}} for text in program.not_checked]
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _result(finding: FindingShown, rule: int) -> dict[str, Any]:
    text = f"{finding.what}." + (f" Fix: {finding.fix}." if finding.fix else "")
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.level],
        "message": {"text": text},
        "locations": [_location(finding.file, finding.line)],
        "relatedLocations": [
            {"id": number, **_location(one.file, one.line), "message": {"text": one.why}}
            for number, one in enumerate(finding.related, 1)
        ],
    }


def _location(file: str, line: int) -> dict[str, Any]:
    path = PurePath(file)
    artifact = {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if line:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


__all__ = ["sarif"]
