"""Where two forms differ: the values that are others, the parts that are there on one side only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from measureharmony.comparison.form import ALL, ANY, NOT, Fact, Form, likeness
from measureharmony.measures.references import Part

#: From here on two parts are two versions of one thing, below they are two things.
ALIKE = 0.3
#: A part that has kept its name is one thing as long as it has anything in common.
ALIKE_BY_NAME = 0.15


@dataclass(frozen=True)
class Way:
    """How one comes to a difference.

    ``before`` and ``after`` are the names passed on either side. ``of_event``: one is among conditions on events.
    ``within`` is how what differs is joined to what stands beside it (``all`` or ``any``), and ``depth`` how often
    something of one part became part of something else on the way.
    """

    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()
    of_event: bool = False
    within: str = ""
    depth: int = 0

    def into(self, old: Form | None, new: Form | None) -> Way:
        """Further in."""
        names = (old.names if old else (), new.names if new else ())
        return replace(self, before=(*self.before, *names[0]), after=(*self.after, *names[1]))


@dataclass(frozen=True)
class Differing:
    """One difference: of the ``fact`` of a form, or (without one) of the form itself, ``None`` where there is none."""

    way: Way
    before: Form | None
    after: Form | None
    fact: str = ""

    @property
    def form(self) -> Form:
        """What differs as it is after, or was before where it is no longer."""
        form = self.after or self.before
        assert form is not None  # one of the two is there
        return form

    @property
    def values(self) -> tuple[Fact | None, Fact | None]:
        """The fact on either side."""
        sides = (self.before, self.after)
        return tuple(side.facts.get(self.fact) if side else None for side in sides)  # type: ignore[return-value]


def differing(old: Form, new: Form, way: Way = Way()) -> Iterator[Differing]:
    """Every difference between two forms; none between equal ones."""
    if old.identity == new.identity:
        return
    way = way.into(old, new)
    if old.kind == new.kind and old.kind in (ALL, ANY):
        yield from _members(old, new, way)
    elif old.kind in (ALL, ANY) and _among(new, old):
        yield from _members(old, Form(old.kind, members=(replace(new, names=()),)), way)
    elif new.kind in (ALL, ANY) and _among(old, new):
        yield from _members(Form(new.kind, members=(replace(old, names=()),)), new, way)
    elif old.kind == new.kind and alike(old, new):
        yield from _inside(old, new, way)
    else:
        yield Differing(way, old, new)


def alike(old: Form, new: Form) -> bool:
    """Whether two forms are versions of one thing, so that what differs is something in them."""
    if old.kind != new.kind:
        return False
    if old.kind == NOT:
        return alike(old.roles["of"], new.roles["of"])
    if not (old.parts or new.parts) or old.kind in ("bound", "when"):
        return _slot(old) == _slot(new)
    common = likeness(old, new)
    return common >= ALIKE or (common >= ALIKE_BY_NAME and old.names[-1:] == new.names[-1:] != ())


def _slot(form: Form) -> tuple[object, ...]:
    """What a small form is about: two of one slot are two values of one thing."""
    of = form.roles.get("of")
    return (form.kind, form.fact("column"), form.fact("side"), form.fact("role"), of.kind if of else "")


def _among(one: Form, combination: Form) -> bool:
    """Whether a form is one of those combined, or a version of one."""
    return any(one.identity == member.identity or alike(one, member) for member in combination.members)


def _inside(old: Form, new: Form, way: Way) -> Iterator[Differing]:
    for name in dict.fromkeys((*old.facts, *new.facts)):
        before, after = old.facts.get(name), new.facts.get(name)
        if (before and before.key) != (after and after.key):
            yield Differing(way, old, new, name)
    for name in dict.fromkeys((*old.roles, *new.roles)):
        one, other = old.roles.get(name), new.roles.get(name)
        inner = replace(way, of_event=way.of_event or name == "where")
        if one is not None and other is not None:
            yield from differing(one, other, inner)
        else:
            yield Differing(inner.into(one, other), one, other)
    if old.members or new.members:
        yield from _members(old, new, way)


def _members(old: Form, new: Form, way: Way) -> Iterator[Differing]:
    """Parts of which there are several: paired with what each has become, then what is left on either side."""
    way = replace(way, within=new.kind, depth=way.depth + 1)
    same = {form.identity for form in old.members} & {form.identity for form in new.members}
    before = [form for form in old.members if form.identity not in same]
    after = [form for form in new.members if form.identity not in same]
    for one, other in _pairs(before, after):
        before.remove(one)
        after.remove(other)
        yield from differing(one, other, way)
    for form in before if way.of_event else _by_name(before, old):
        yield Differing(way.into(form, None), form, None)
    for form in after if way.of_event else _by_name(after, new):
        yield Differing(way.into(None, form), None, form)


def _pairs(before: list[Form], after: list[Form]) -> list[tuple[Form, Form]]:
    """Each with the one that it is most like, the best pairs first; what keeps its name comes before all others."""
    own, its = _own_names(before), _own_names(after)
    ranked = [
        (bool(own[one.identity] & its[other.identity]), likeness(one, other), one, other)
        for one in before
        for other in after
        if own[one.identity] & its[other.identity] or _related(one, other)
    ]
    ranked.sort(key=lambda pair: (not pair[0], -pair[1], pair[2].identity, pair[3].identity))
    taken: set[int] = set()
    pairs = []
    for _, _, one, other in ranked:
        if id(one) not in taken and id(other) not in taken:
            taken |= {id(one), id(other)}
            pairs.append((one, other))
    return pairs


def _related(one: Form, other: Form) -> bool:
    """Whether one has become the other: a version of it, or a combination in which it is, or which was around it."""
    inside = other.kind in (ALL, ANY) and _among(one, other)
    return alike(one, other) or inside or (one.kind in (ALL, ANY) and _among(other, one))


def _own_names(forms: list[Form]) -> dict[str, set[Part]]:
    """The names of each that no other has: what stood in one named combination shares its name."""
    often = Counter(name for form in forms for name in form.names)
    return {form.identity: {name for name in form.names if often[name] == 1} for form in forms}


def _by_name(left: list[Form], whole: Form) -> Iterator[Form]:
    """What is left, a whole named combination as one, under its name."""
    often = Counter(name for form in whole.members for name in form.names)
    missing = Counter(name for form in left for name in form.names)
    told: set[str] = set()
    for form in left:
        if form.identity in told:
            continue
        names = [name for name in form.names if 1 < often[name] == missing[name]]
        group = [other for other in left if names and names[0] in other.names]
        told |= {other.identity for other in group}
        outer = form.names[: form.names.index(names[0]) + 1] if names else ()
        yield Form(whole.kind, members=tuple(group), names=outer) if group else form


__all__ = ["Differing", "Way", "alike", "differing"]
