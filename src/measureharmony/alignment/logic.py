"""Formulas for the solver (Z3): truth and numbers that fold where they are known, and terms of the solver elsewhere.

A :data:`Formula` is a Python ``bool`` where it is decided while it is written down, and a term of the solver elsewhere;
a :data:`Whole` likewise is an ``int`` or a term. Folding keeps what the solver gets to see small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from measureharmony.errors import UsageError

try:
    import z3
except ImportError:
    raise UsageError(
        "Alignment is proved by a solver that is not installed. Install it: pip install 'measureharmony[proofs]'"
    ) from None

#: ``bool``, or a Boolean term of the solver (which comes without types).
Formula: TypeAlias = Any
#: ``int``, or an integer term of the solver.
Whole: TypeAlias = Any


def new_context() -> z3.Context:
    """Where terms live: each measure has one of its own, so that it never depends on others before it."""
    context = z3.Context()
    # Measures may have threads; Python may drop terms of one in another, whenever it collects garbage.
    z3.Z3_enable_concurrent_dec_ref(context.ref())
    return context


class Logic:
    """Makes terms in a context; left out, in one of its own."""

    def __init__(self, context: z3.Context | None = None) -> None:
        self.context = context or new_context()
        self._made = 0

    def truth(self, name: str) -> Formula:
        """A new Boolean unknown."""
        return z3.Bool(self._fresh(name), self.context)

    def whole(self, name: str) -> Whole:
        """A new integer unknown."""
        return z3.Int(self._fresh(name), self.context)

    def real(self, name: str) -> Any:
        """A new unknown number."""
        return z3.Real(self._fresh(name), self.context)

    def number(self, value: float) -> Any:
        """A number as written in decimals: 0.1 is a tenth."""
        return z3.RealVal(repr(value), self.context)

    def _fresh(self, name: str) -> str:
        self._made += 1
        return f"{name}!{self._made}"


def all_of(parts: Iterable[Formula]) -> Formula:
    """All of the parts; true where there is none."""
    kept = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept.append(part)
    if not kept:
        return True
    return kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_and, kept)


def any_of(parts: Iterable[Formula]) -> Formula:
    """Any of the parts; false where there is none."""
    kept = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept.append(part)
    if not kept:
        return False
    return kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_or, kept)


def _joined(make: Callable[..., Any], parts: list[Formula]) -> Formula:
    """What ``z3.And`` and ``z3.Or`` do, several times faster: the parts are known to be Boolean and of one context."""
    context = parts[0].ctx
    return z3.BoolRef(make(context.ref(), len(parts), (z3.Ast * len(parts))(*(p.as_ast() for p in parts))), context)


def negated(part: Formula) -> Formula:
    """Not this."""
    return (not part) if isinstance(part, bool) else z3.BoolRef(z3.Z3_mk_not(part.ctx.ref(), part.as_ast()), part.ctx)


def implies(when: Formula, then: Formula) -> Formula:
    """``then`` holds where ``when`` does."""
    if when is True:
        return then
    if when is False or then is True:
        return True
    if then is False:
        return negated(when)
    return z3.BoolRef(z3.Z3_mk_implies(when.ctx.ref(), when.as_ast(), then.as_ast()), when.ctx)


def same_truth(left: Formula, right: Formula) -> Formula:
    """Both or neither."""
    if isinstance(left, bool):
        return right if left else negated(right)
    if isinstance(right, bool):
        return left if right else negated(left)
    return left == right


def choice(condition: Formula, one: Whole, other: Whole) -> Whole:
    """``one`` where the condition holds, ``other`` elsewhere."""
    if isinstance(condition, bool):
        return one if condition else other
    if one is other or (isinstance(one, int) and isinstance(other, int) and one == other):
        return one
    return z3.If(condition, one, other)


def truth_choice(condition: Formula, one: Formula, other: Formula) -> Formula:
    """Like :func:`choice`, of truths."""
    if isinstance(condition, bool):
        return one if condition else other
    return all_of([implies(condition, one), implies(negated(condition), other)])


def at_least_of(n: int, parts: Iterable[Formula]) -> Formula:
    """At least ``n`` of the parts."""
    kept = list(parts)
    certain = sum(part is True for part in kept)
    open_ = [part for part in kept if not isinstance(part, bool)]
    if certain >= n:
        return True
    if certain + len(open_) < n:
        return False
    return z3.AtLeast(*open_, n - certain)


def total(parts: Iterable[Formula]) -> Whole:
    """How many of the parts hold."""
    kept = list(parts)
    certain = sum(part is True for part in kept)
    open_ = [z3.If(part, 1, 0) for part in kept if not isinstance(part, bool)]
    return certain + z3.Sum(open_) if open_ else certain


__all__ = [
    "Formula", "Logic", "Whole", "all_of", "any_of", "at_least_of", "choice", "implies", "negated", "new_context",
    "same_truth", "total", "truth_choice",
]  # fmt: skip
