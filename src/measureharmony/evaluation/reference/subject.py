"""One person as one population's criterion sees them: which events there are, and what moments mean for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from measureharmony.evaluation.reference import events as event_sets
from measureharmony.evaluation.reference.bound import given
from measureharmony.evaluation.reference.codes import CodeLookup
from measureharmony.evaluation.reference.enrolment import end_of_coverage
from measureharmony.evaluation.reference.record import UNKNOWN, Event, PersonRecord, Time, source_order
from measureharmony.evaluation.reference.times import Bounds, as_date, end_of, moment_of, shifted, start_of
from measureharmony.measures.event_set import EventSet, EventsRef, FilterRef, RowFilter
from measureharmony.measures.measure import Measure
from measureharmony.measures.window import Point, Window, WindowRef
from measureharmony.payers.variant import OwnCoverage, RiskTables
from measureharmony.periods import Period

#: The windows that need no declaration.
BUILT_IN = {
    name: Window.model_validate({"from": f"{name}.start", "to": f"{name}.end"})
    for name in ("period", "index", "this", "other")
}


@dataclass(frozen=True)
class Case:
    """What is the same for everybody: the measure and how it is asked. ``as_of`` is a day number."""

    measure: Measure
    period: Period
    codes: CodeLookup
    own: OwnCoverage | None = None
    as_of: int | None = None
    risk_tables: RiskTables = field(default_factory=dict)


class Subject:
    """A person's data, restricted to what was known by the as-of date and comes from accepted sources.

    ``index`` is the event that an episode measure counts.
    """

    def __init__(
        self, record: PersonRecord, case: Case, sources: tuple[str, ...] | None = None, index: Event | None = None
    ):
        self.record = record
        self.case = case
        self.index = index
        visible = (event for event in record.events if _known(event, case.as_of) and _accepted(event, sources))
        #: In the source's order.
        self.visible: tuple[Event, ...] = tuple(sorted(visible, key=source_order))
        self._by_name: dict[str, tuple[Event, ...]] = {}

    def event_set(self, ref: EventsRef) -> EventSet:
        """The set of events behind a name."""
        return ref if isinstance(ref, EventSet) else self.case.measure.events[ref]

    def events(self, ref: EventsRef) -> tuple[Event, ...]:
        """The person's events in a set, in the source's order. Named sets are worked out once."""
        if isinstance(ref, EventSet):
            return event_sets.select(self, ref)
        if ref == "index":
            return (given(self.index),)
        if ref not in self._by_name:
            self._by_name[ref] = event_sets.select(self, self.event_set(ref))
        return self._by_name[ref]

    def filter(self, ref: FilterRef) -> RowFilter:
        """The row filter behind a name, and behind names of names."""
        while not isinstance(ref, RowFilter):
            ref = self.case.measure.filters[ref]
        return ref

    def anchor(self, name: str) -> Time:
        """A moment of the first event (in the source's order) of the anchor's set, or the end of some coverage.

        Without such an event, or such coverage, it is unknown.
        """
        anchor = self.case.measure.anchors[name]
        if anchor.enrolled is not None:
            return end_of_coverage(self, anchor.enrolled)
        assert anchor.of is not None, "an anchor is of events or of coverage"
        found = self.events(anchor.of)
        return moment_of(found[0], given(anchor.point)) if found else UNKNOWN

    def moment(self, point: Point, this: Event | None = None, other: Event | None = None) -> Time:
        """What a point in time means for this person and this pair of events."""
        time = self._unshifted(point, this, other)
        for shift in point.shifts:
            time = shifted(time, shift)
        return time

    def _unshifted(self, point: Point, this: Event | None, other: Event | None) -> Time:
        if point.anchor == "period":
            return start_of(self.case.period) if point.edge == "start" else end_of(self.case.period)
        if point.anchor == "birth":
            return as_date(self.record.birth)
        if point.anchor == "death":
            return self.record.death
        if point.anchor in ("this", "other", "index"):
            event = {"this": this, "other": other, "index": self.index}[point.anchor]
            if event is None:
                raise ValueError(f"'{point}' has no meaning here: there is no such event")
            return moment_of(event, given(point.edge))
        return self.anchor(point.anchor)

    def window(self, ref: WindowRef) -> Window:
        """The window behind a name; ``period``, ``this`` and ``other`` run from their start to their end."""
        if isinstance(ref, Window):
            return ref
        return BUILT_IN[ref] if ref in BUILT_IN else self.case.measure.windows[ref]

    def bounds(self, ref: WindowRef, this: Event | None = None, other: Event | None = None) -> Bounds:
        """The ends of a window for this person; ``from`` and ``to`` are included, ``after`` and ``before`` not."""
        window = self.window(ref)
        lower, upper = window.from_ or window.after or (), window.to or window.before or ()
        return Bounds(
            lower=tuple(self.moment(point, this, other) for point in lower),
            upper=tuple(self.moment(point, this, other) for point in upper),
            lower_included=window.after is None,
            upper_included=window.before is None,
        )


def _known(event: Event, as_of: int | None) -> bool:
    """The event had been received by the as-of date, or, where that is not recorded, had begun by then."""
    if as_of is None:
        return True
    return (event.start.day_lo if event.received_day is None else event.received_day) <= as_of


def _accepted(event: Event, sources: tuple[str, ...] | None) -> bool:
    """The evidence comes from a source that the population accepts."""
    return sources is None or event.source in sources
