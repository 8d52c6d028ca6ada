"""The EvaluationPlan: every variant of every measure as one graph in which equal parts are one node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from measureharmony.evaluation.compiled_parts import CompiledParts
from measureharmony.evaluation.nodes import (
    AnyWordIn,
    Arrived,
    ChooseByNumber,
    DailyDoseIs,
    Match,
    Node,
    NodeId,
    NumberIs,
    Related,
    WordIn,
    children,
    operands,
)
from measureharmony.evaluation.number_nodes import SumOf

#: The link column behind each way in which two events can be linked.
LINK_COLUMNS = {
    "encounter": "encounter",
    "panel": "parent",
    "component": "parent",
    "based_on": "based_on",
    "fulfilment": "based_on",
}


@dataclass(frozen=True)
class Step:
    """One condition on the way to the numerator, for "first failing criterion"."""

    name: str
    node: NodeId


@dataclass(frozen=True)
class CompiledRate:
    """Where the answers about one rate of one variant are found in the graph.

    ``variant`` counts in the order in which the variants were given. ``populations`` holds a node for each population
    the rate has. ``steps`` are the conjuncts of initial population, denominator and numerator, in that order;
    ``alternatives`` are the disjuncts of the exclusions, the exception and the numerator, by population. ``values`` are
    the nodes of further rows whose numbers are shown with the evidence; ``observation`` yields the number that is kept.
    ``last_day`` yields until when the numerator can be reached (``None``: until the period ends).
    """

    variant: int
    rate: str
    populations: dict[str, NodeId]
    steps: tuple[Step, ...]
    alternatives: dict[str, tuple[Step, ...]]
    strata: tuple[Step, ...]
    evidence: NodeId
    values: tuple[NodeId, ...]
    inverse: bool
    member: NodeId | None
    observation: NodeId | None = None
    last_day: NodeId | None = None

    def nodes(self) -> Iterator[NodeId]:
        """Every node that the rate is read off, once for each reader."""
        yield from self.populations.values()
        yield from (step.node for step in (*self.steps, *self.strata))
        yield from (step.node for steps in self.alternatives.values() for step in steps)
        yield self.evidence
        yield from self.values
        yield from (node for node in (self.member, self.observation, self.last_day) if node is not None)


@dataclass
class EvaluationPlan:
    """A graph of nodes in an order in which each comes after what it reads, and the rates to be read off it.

    ``episodes`` holds a plan of its own for each set of events (a node of this plan) whose events are subjects; its
    "people" are those events (see :mod:`measureharmony.evaluation.episodes`). ``asked`` are further nodes whose results
    are wanted, without a rate that says so; ``asked_rows`` are such nodes that yield one row for each subject.
    ``children`` are the nodes that each node reads. ``compiled`` says which parts of measures are in the graph already.
    ``shared=False`` switches the merging of equal nodes off, for tests and measurements only.
    """

    shared: bool = True
    nodes: list[Node] = field(default_factory=list)
    rates: list[CompiledRate] = field(default_factory=list)
    episodes: dict[NodeId, EvaluationPlan] = field(default_factory=dict)
    asked: list[NodeId] = field(default_factory=list)
    asked_rows: list[NodeId] = field(default_factory=list)
    children: list[tuple[NodeId, ...]] = field(default_factory=list)
    compiled: CompiledParts = field(default_factory=CompiledParts, repr=False, compare=False)
    _matches: dict[Match, None] = field(default_factory=dict)
    _reads: set[tuple[str, str]] = field(default_factory=set)
    _numbers: dict[Node, NodeId] = field(default_factory=dict)

    def add(self, node: Node) -> NodeId:
        """The number of ``node``, which joins the graph unless an equal one is there."""
        if self.shared and (known := self._numbers.get(node)) is not None:
            return known
        self.nodes.append(node)
        self.children.append(children(node))
        self._reads.update(reads(node))
        if isinstance(node, Match):
            self._matches[node] = None
        self._numbers[node] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def same_nodes(self) -> EvaluationPlan:
        """A plan over these very nodes, also those that are still to come, of which nothing is asked yet."""
        return replace(self, rates=[], episodes={}, asked=[], asked_rows=[])

    def of_episodes(self, rows: NodeId) -> EvaluationPlan:
        """The plan whose subjects are the events of ``rows``."""
        if rows not in self.episodes:
            self.episodes[rows] = EvaluationPlan(self.shared, compiled=CompiledParts(self.compiled.meanings))
        return self.episodes[rows]

    def plans(self) -> tuple[EvaluationPlan, ...]:
        """This plan and those of its episodes."""
        return (self, *self.episodes.values())

    def roots(self) -> Iterator[NodeId]:
        """Every node whose result the outcomes need, once for each reader."""
        yield from self.episodes
        yield from self.asked
        yield from self.asked_rows
        for rate in self.rates:
            yield from rate.nodes()

    def readers(self) -> list[int]:
        """How many readers each node has; at zero left, its result can be freed.

        Nobody reads what only unread nodes ask for, such as the anchor of a window that turned out to be open.
        """
        counts = [0] * len(self.nodes)
        for root in self.roots():
            counts[root] += 1
        for number in range(len(self.nodes) - 1, -1, -1):  # a node comes after what it reads
            for child in self.children[number] if counts[number] else ():
                counts[child] += 1
        return counts

    def matches(self) -> list[Match]:
        """The different sets of coded events to look up in the data, in order of first use."""
        return list(dict.fromkeys(match for plan in self.plans() for match in plan._matches))

    def columns(self) -> Columns:
        """Which columns of the data any node reads."""
        read = {"words": {"kind"}, "times": {"start", "end"}, "numbers": {"value"}, "links": set[str]()}
        for family, name in {one for plan in self.plans() for one in plan._reads}:
            read[family].add(name)
        return Columns(**{family: tuple(sorted(names)) for family, names in read.items()})


def reads(node: Node) -> Iterator[tuple[str, str]]:
    """The columns of events that a node reads, each after its family in :class:`Columns`."""
    for moment in (*(operand.moment for operand in operands(node)), getattr(node, "moment", "")):
        if moment and moment not in ("latest", "earliest"):  # these are of start and end, which always are there
            yield "times", moment
    match node:
        case WordIn(column="value_type"):
            pass
        case WordIn() | AnyWordIn():
            yield "words", node.column
        case Arrived():
            yield from (("words", "source"), ("numbers", "received_day"))
        case NumberIs() | ChooseByNumber():
            yield "numbers", node.column
        case SumOf() if node.column != "days":
            yield "numbers", node.column
        case DailyDoseIs():
            yield from (("words", "quantity_unit"), ("numbers", "quantity"), ("numbers", "days_supply"))
        case Related(link=str(link)):
            yield "links", LINK_COLUMNS[link]


@dataclass(frozen=True)
class Columns:
    """The columns a plan needs: word columns, moments, numbers and links of events."""

    words: tuple[str, ...]
    times: tuple[str, ...]
    numbers: tuple[str, ...]
    links: tuple[str, ...]
