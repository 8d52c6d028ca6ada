"""Answers about spec parts that are kept: the same parts are asked about again and again while specs are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

Asked = TypeVar("Asked")
Rest = ParamSpec("Rest")
Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class _Same:
    """A part that is equal to nothing but itself, since comparing two in full costs more than reading one."""

    part: object

    def __hash__(self) -> int:
        return id(self.part)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.part is self.part


def kept(
    most: int,
) -> Callable[[Callable[Concatenate[Asked, Rest], Answer]], Callable[Concatenate[Asked, Rest], Answer]]:
    """Keep the answers that a function gave last about so many parts; parts never change, nor may the answers."""

    def decorate(answer: Callable[Concatenate[Asked, Rest], Answer]) -> Callable[Concatenate[Asked, Rest], Answer]:
        @lru_cache(maxsize=most)
        def of(same: _Same, *rest: Rest.args, **named: Rest.kwargs) -> Answer:
            return answer(same.part, *rest, **named)  # type: ignore[arg-type]

        @wraps(answer)
        def asked(part: Asked, /, *rest: Rest.args, **named: Rest.kwargs) -> Answer:
            return of(_Same(part), *rest, **named)  # type: ignore[arg-type]

        return asked

    return decorate


__all__ = ["kept"]
