"""Answers about parts are kept by part, not by what parts hold, and not for ever."""

from __future__ import annotations

from measureharmony.measures.kept import kept


def test_each_part_is_asked_about_once_and_equal_parts_are_not_the_same() -> None:
    asked: list[tuple[list[int], int]] = []

    @kept(10)
    def answer(part: list[int], more: int = 0) -> int:
        asked.append((part, more))
        return len(part) + more

    one, other = [1, 2], [1, 2]
    assert [answer(one), answer(one), answer(other), answer(one, 3), answer(one, more=3)] == [2, 2, 2, 5, 5]
    assert [part is one for part, _ in asked] == [True, False, True, True]


def test_an_answer_may_be_none() -> None:
    asked = []
    answer = kept(10)(lambda part: asked.append(part))
    part = object()
    assert answer(part) is answer(part) is None
    assert asked == [part]


def test_when_there_are_too_many_all_are_forgotten() -> None:
    asked = []
    answer = kept(2)(lambda part: asked.append(part))
    parts = [object(), object(), object()]
    for part in (*parts, *parts):
        answer(part)
    assert asked == [*parts, *parts]
