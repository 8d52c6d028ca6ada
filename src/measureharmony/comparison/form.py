"""What a part of a spec means, as a tree in which rephrased-but-equal parts are equal.

A :class:`Form` knows no names (but remembers them, to speak of it), no order where order means nothing, no nesting of
``all`` in ``all``, no combination of one, no double ``not``. Two forms are equal when their ``identity`` is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from measureharmony.measures.references import Part

#: What JSON can hold.
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
#: A value of which equal ones have equal ``repr``: numbers, words, tuples of them, sorted where order means nothing.
Key: TypeAlias = "bool | int | float | str | tuple[Key, ...] | None"

ALL, ANY, NOT = "all", "any", "not"


@dataclass(frozen=True)
class Fact:
    """One typed value of a form: its ``key`` decides, ``shown`` is the value as written, ``words`` say it."""

    key: Key
    shown: Json
    words: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Form:
    """A condition, a set of events, a number … by what it means.

    ``facts`` are its own values, ``roles`` its parts that differ in kind, ``members`` its parts that are alike, in no
    order. ``names`` are those under which the spec knows it, outermost first; ``source`` is the part of the spec it was
    made from, for wording. Neither of the two belongs to its meaning.
    """

    kind: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    roles: Mapping[str, Form] = field(default_factory=dict)
    members: tuple[Form, ...] = ()
    names: tuple[Part, ...] = ()
    source: object = None

    @cached_property
    def identity(self) -> str:
        """Equal for forms that mean the same, in every run."""
        facts = sorted((name, repr(fact.key)) for name, fact in self.facts.items())
        roles = sorted((name, form.identity) for name, form in self.roles.items())
        members = sorted({member.identity for member in self.members})
        return hashlib.blake2b(repr((self.kind, facts, roles, members)).encode(), digest_size=16).hexdigest()

    @cached_property
    def atoms(self) -> frozenset[tuple[str, ...]]:
        """The facts of the form and of all its parts, for asking how much two forms have in common."""
        own: set[tuple[str, ...]] = {(self.kind, name, repr(fact.key)) for name, fact in self.facts.items()}
        return frozenset(own or {(self.kind,)}).union(*(part.atoms for part in self.parts))

    @property
    def parts(self) -> tuple[Form, ...]:
        """Its parts, of either sort."""
        return (*self.roles.values(), *self.members)

    def fact(self, name: str) -> Key:
        """The key of a fact, ``None`` where there is none."""
        return self.facts[name].key if name in self.facts else None

    def named(self, *names: Part) -> Form:
        """The same form, known under further names outside of its own."""
        return replace(self, names=(*names, *self.names)) if names else self

    def walk(self) -> Iterable[Form]:
        """The form and everything in it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def likeness(one: Form, other: Form) -> float:
    """How much two forms have in common, from 0 (nothing) to 1 (the same facts)."""
    return len(one.atoms & other.atoms) / len(one.atoms | other.atoms)


def always(value: bool, source: object = None) -> Form:
    """Everybody, or nobody: a combination of nothing."""
    return Form(ALL if value else ANY, source=source)


def all_of(parts: Iterable[Form], source: object = None) -> Form:
    """All of these; everybody without any."""
    return _combined(ALL, parts, source)


def any_of(parts: Iterable[Form], source: object = None) -> Form:
    """Any of these; nobody without any."""
    return _combined(ANY, parts, source)


def _combined(kind: str, parts: Iterable[Form], source: object) -> Form:
    found: dict[str, Form] = {}
    for part in parts:
        if part.kind in (ALL, ANY) and part.kind != kind and not part.members:
            return replace(part, source=source)  # nobody, among all of these; everybody, among any of these
        inner = [member.named(*part.names) for member in part.members] if part.kind == kind else [part]
        for member in inner:
            found.setdefault(member.identity, member)
    members = tuple(found.values())
    return members[0] if len(members) == 1 else Form(kind, members=members, source=source)


def negated(form: Form, source: object = None) -> Form:
    """Not this; what is not all of some is any of their contraries, also where some are unknown."""
    if form.kind == NOT:
        return form.roles["of"].named(*form.names)
    if form.kind in (ALL, ANY):
        contrary = [negated(member) for member in form.members]
        turned = any_of(contrary, source) if form.kind == ALL else all_of(contrary, source)
        return turned.named(*form.names)
    return Form(NOT, roles={"of": replace(form, names=())}, names=form.names, source=source)


__all__ = [
    "ALL", "ANY", "NOT", "Fact", "Form", "Json", "Key", "all_of", "always", "any_of", "likeness", "negated",
]  # fmt: skip
