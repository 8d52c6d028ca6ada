"""Answers about spec parts that are kept: the same parts are asked about again and again while specs are read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

Asked = TypeVar("Asked")
Rest = ParamSpec("Rest")
Answer = TypeVar("Answer")


def kept(
    most: int,
) -> Callable[[Callable[Concatenate[Asked, Rest], Answer]], Callable[Concatenate[Asked, Rest], Answer]]:
    """Keep the answers that a function gave about parts; parts never change, nor may the answers.

    A part is the same as nothing but itself, since comparing two in full costs more than reading one. When there are
    ``most`` answers, all are forgotten.
    """

    def decorate(answer: Callable[Concatenate[Asked, Rest], Answer]) -> Callable[Concatenate[Asked, Rest], Answer]:
        # The part is kept with its answer, so that no other gets its number.
        known: dict[Hashable, tuple[Asked, Answer]] = {}

        @wraps(answer)
        def asked(part: Asked, /, *rest: Rest.args, **named: Rest.kwargs) -> Answer:
            question = id(part), rest, *named.items()
            found = known.get(question)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[question] = part, answer(part, *rest, **named)
            return found[1]

        return asked

    return decorate


__all__ = ["kept"]
