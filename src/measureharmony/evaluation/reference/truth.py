"""Three-valued truth: true, false, or unknown (``None``)."""

from __future__ import annotations

from collections.abc import Iterable

#: ``None`` is unknown.
Truth = bool | None


def negation(truth: Truth) -> Truth:
    """Not unknown is unknown."""
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """False and anything is false; nothing to hold is true."""
    given = list(truths)
    if False in given:
        return False
    return None if None in given else True


def disjunction(truths: Iterable[Truth]) -> Truth:
    """True or anything is true; nothing that could hold is false."""
    given = list(truths)
    if True in given:
        return True
    return None if None in given else False


def at_least(n: int, truths: Iterable[Truth]) -> Truth:
    """True when ``n`` are true, false when ``n`` cannot be reached even if every unknown came true."""
    given = list(truths)
    if given.count(True) >= n:
        return True
    return None if given.count(True) + given.count(None) >= n else False
