"""Decisions that a contract must make for a measure, and that this one leaves to canonical without saying so.

A decision is open where the program's version of a measure has what is to be decided, no change touches it, and
neither overlay nor program accepts canonical's answer. The decisions are a table; nothing here knows a measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from measureharmony.comparison.axes import Axis, axis_of_part
from measureharmony.comparison.compare import Comparison, compare
from measureharmony.comparison.form import ANY, Form
from measureharmony.comparison.version import MeasureVersion, version_of
from measureharmony.errors import Issue
from measureharmony.measures.criterion import Age, Enrolled, NumberIn
from measureharmony.measures.event_set import NumberTest, Step, ValueTest
from measureharmony.measures.names import walk
from measureharmony.measures.plain_words import listed
from measureharmony.payers import Overlay, Program
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_contract import RequireEnrolment, RestrictSources
from measureharmony.payers.changes_of_measure import EventsPart
from measureharmony.payers.program import Decision
from measureharmony.validation.finding import Finding
from measureharmony.validation.program_folder import ProgramFolder


@dataclass(frozen=True)
class Question:
    """One decision: what is asked, along which axis (``None``: of terms, not of meaning), and what decides it.

    ``default`` says what holds where nobody decides, in words; empty where the question does not arise in a version.
    ``decides`` is asked of every part of a change. ``of_contract``: most contracts decide it once, for every measure.
    """

    key: Decision
    axis: Axis | None
    asks: str
    how: str
    default: Callable[[MeasureVersion], str]
    decides: Callable[[object], bool] = lambda part: False
    populations: tuple[str, ...] = ("numerator",)
    of_contract: bool = False

    @property
    def code(self) -> str:
        """The code of its warning."""
        return f"decision-{self.key.replace('_', '-')}"


def open_decisions(read: ProgramFolder, year: int | None = None) -> Iterator[Finding]:
    """A warning for each decision that is left open: for a measure by itself, or for all whose contract leaves it."""
    if read.program is None or not read.measures:
        return
    compared = compare(read.specs, read.canonical, read.program.program, measures=read.measures, year=year)
    version = version_of(read.specs, read.program.program, year)
    left: dict[Decision, list[tuple[str, str]]] = {}
    for measure in compared.measures:
        settled, own = _settled(read.program, read.overlay(measure)), version.of(measure)
        for question in QUESTIONS:
            default = "" if question.key in settled else question.default(own)
            if default and not _decided(question, own, compared, measure):
                left.setdefault(question.key, []).append((measure, default))
    for question in QUESTIONS:
        found = left.get(question.key, [])
        yield from _of_contract(read, question, found) if question.of_contract else _each(read, question, found)


def _settled(program: Program, overlay: Overlay | None) -> set[Decision]:
    """What is accepted for a measure, and what the program's own file decides for every one."""
    accepted = (*program.accepts, *(overlay.accepts if overlay else ()))
    settled = {decision for acceptance in accepted for decision in acceptance.decisions}
    return settled | ({"minimum_denominator"} if program.minimum_denominator is not None else set())


def _decided(question: Question, version: MeasureVersion, compared: Comparison, measure: str) -> bool:
    """A change says it, or the version differs from canonical along the axis."""
    changes = (change for change in version.changes if isinstance(change, Change))
    if any(question.decides(part) for change in changes for _, part in walk(change.what)):
        return True
    return any(
        one.axis is question.axis and (not one.populations or set(one.populations) & set(question.populations))
        for one in (*compared.of(measure), *compared.of_contract)
    )


# --- warnings --------------------------------------------------------------------------------------------------------


def _each(read: ProgramFolder, question: Question, found: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """A warning at the overlay of each measure, or where the program lists it."""
    for measure, default in found:
        what = f"{measure}: the contract does not say {question.asks}; as it stands: {default}"
        fix = _fix(question, "here" if read.overlay(measure) else f"in an overlay of {measure}")
        yield Finding(Issue(*read.at_measure(measure), question.code, what, fix), (measure,))


def _of_contract(read: ProgramFolder, question: Question, found: list[tuple[str, str]]) -> Iterator[Finding]:
    """One warning for all measures, at the program's list of them."""
    if not found:
        return
    by_default: dict[str, list[str]] = {}
    for measure, default in found:
        by_default.setdefault(default, []).append(measure)
    told = [f"{default} ({', '.join(measures)})" for default, measures in by_default.items()]
    what = f"the contract does not say {question.asks}; as it stands: {'; '.join(told)}"
    issue = Issue(*read.at("measures"), question.code, what, _fix(question, "here"))
    yield Finding(issue, tuple(measure for measure, _ in found))


def _fix(question: Question, where: str) -> str:
    accepted = f"accepts: [{{decisions: [{question.key}], source: {{document: …}}}}]"
    return f"{question.how}; or, if that is meant, say so {where}: {accepted}"


# --- what holds where nobody decides ---------------------------------------------------------------------------------


def _wholes(version: MeasureVersion, populations: Iterable[str]) -> Iterator[Form]:
    """Some populations of all rates."""
    for rate in version.measure.rates:
        refs = (version.measure.population(rate, name) for name in populations)
        yield from (version.forms.criterion(ref) for ref in refs if ref is not None)


def _parts(version: MeasureVersion, populations: Iterable[str]) -> Iterator[Form]:
    """Everything in some populations of all rates."""
    return (part for form in _wholes(version, populations) for part in form.walk())


def _numerator(version: MeasureVersion) -> list[Form]:
    """The parts of numerators that hold a result against a threshold; none where no numerator does."""
    parts = list(_parts(version, ("numerator",)))
    return parts if any(_is_of_result(part) for part in parts) else []


def _is_of_result(part: Form) -> bool:
    return part.kind == "bound" and any(of.kind == "value" for of in part.roles.values())


def _said(parts: Iterable[Form], kind: str, fact: str) -> str:
    """What facts say that are not empty, each once."""
    facts = [part.facts[fact] for part in parts if part.kind == kind and fact in part.facts]
    return listed(dict.fromkeys(one.words() for one in facts if one.key not in ((), "", None)), "and")


def _boundary(version: MeasureVersion) -> str:
    return _said(_parts(version, ("numerator",)), "bound", "inclusive")


def _reading(version: MeasureVersion) -> str:
    parts = _numerator(version)
    return _said(parts, "events", "take") or ("any of the results" if parts else "")


def _missing_result(version: MeasureVersion) -> str:
    """Whether there is a way into a numerator for want of a result."""
    if not _numerator(version):
        return ""
    ways = [way for form in _wholes(version, ("numerator",)) for way in (form.members if form.kind == ANY else (form,))]
    met = any(axis_of_part(None, way, "numerator", of_event=False) is Axis.MISSING_RESULT for way in ways)
    return f"who has no result is {'' if met else 'not '}in the numerator"


def _age_as_of(version: MeasureVersion) -> str:
    words = _said(_parts(version, ("initial_population", "denominator")), "age", "at")
    return f"age on {words}" if words else ""


def _enrolment(version: MeasureVersion) -> str:
    parts = list(_parts(version, ("initial_population", "denominator")))
    if not any(part.kind == "enrolled" for part in parts):
        return "no enrolment is asked for"
    return f"enrolled {_said(parts, 'enrolled', 'gaps')}"


def _source(version: MeasureVersion) -> str:
    return "" if version.sources else "evidence from any source counts"


def _cut_off(version: MeasureVersion) -> str:
    days = version.terms.cut_offs
    open_ = [word for word, day in (("claims", days and days.claims), ("supplemental data", days and days.supplemental))
             if day is None]  # fmt: skip
    return f"no last day for {listed(open_, 'and')}" if open_ else ""


def _minimum_denominator(version: MeasureVersion) -> str:
    targets = version.terms.targets
    without = [
        rate.id
        for rate in version.measure.rates
        if rate.id not in targets or targets[rate.id].minimum_denominator is None
    ]
    return "a rate counts from one person on" if without else ""


def _has_bounds(part: object) -> bool:
    return isinstance(part, ValueTest | NumberTest | NumberIn) and bool(part.bounds)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "missing_result", Axis.MISSING_RESULT, "what becomes of people without a result",
        "say it in a change of the numerator (value: {present: false} is a result that is missing)",
        _missing_result, lambda part: isinstance(part, ValueTest) and part.present is not None,
    ),
    Question(
        "boundary", Axis.BOUNDARY, "whether a result right at the threshold counts",
        "write the threshold in a change (below or at_most, above or at_least)", _boundary, _has_bounds,
    ),
    Question(
        "reading", Axis.READING, "which of several results counts",
        "replace the events that the numerator reads, with 'take'", _reading,
        lambda part: isinstance(part, Step | EventsPart),
    ),
    Question(
        "age_as_of", Axis.AGE_AS_OF, "on which day age is taken", "replace the criterion, with 'at'", _age_as_of,
        lambda part: isinstance(part, Age), ("initial_population", "denominator"), True,
    ),
    Question(
        "enrolment", Axis.ENROLMENT, "how long people must be enrolled, and with what gap", "add require_enrolment",
        _enrolment, lambda part: isinstance(part, Enrolled | RequireEnrolment),
        ("initial_population", "denominator"), True,
    ),
    Question(
        "source", Axis.SOURCE, "from which sources evidence counts", "add restrict_sources", _source,
        lambda part: isinstance(part, RestrictSources),
        ("initial_population", "denominator", "denominator_exclusion", "numerator"), True,
    ),
    Question(
        "cut_off", None, "until when evidence may arrive", "give cut_offs: {claims: …, supplemental: …}",
        _cut_off, of_contract=True,
    ),
    Question(
        "minimum_denominator", None, "from how many people on a rate counts",
        "give minimum_denominator, in program.yaml or in set_target", _minimum_denominator, of_contract=True,
    ),
)  # fmt: skip

__all__ = ["QUESTIONS", "Question", "open_decisions"]
