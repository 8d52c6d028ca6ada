"""The words by which parts of a spec refer to each other, and a walk over any spec model that finds them.

Every reference is a string of its own type, so that one generic walk can link, check and rewrite them without
knowing the shape of the models around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from measureharmony.measures.kept import kept


class Model(BaseModel):
    """Base of everything people write in spec files: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Name(str):
    """A reference to something named elsewhere."""

    __slots__ = ()
    pattern = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(pattern=cls.pattern))


class EventsName(Name):
    """Names an entry of ``events``, or ``index``: the one event that an episode measure counts."""

    __slots__ = ()


class CriterionName(Name):
    """Names an entry of ``criteria``."""

    __slots__ = ()


class NumberName(Name):
    """Names an entry of ``numbers``."""

    __slots__ = ()


class FilterName(Name):
    """Names an entry of ``filters``."""

    __slots__ = ()


class WindowName(Name):
    """Names an entry of ``windows``, or a built-in window: ``period``, ``index``, ``this``, ``other``."""

    __slots__ = ()


class AnchorName(Name):
    """Names an entry of ``anchors``, or a built-in one: ``period``, ``birth``, ``death``, ``index``, ``this``, …"""

    __slots__ = ()


class ParameterName(Name):
    """``$name``: the value of a parameter, put in when a variant is resolved."""

    __slots__ = ()
    pattern = r"^\$[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"

    @property
    def key(self) -> str:
        """The parameter's name without the dollar sign."""
        return self[1:]


class CodeRef(str):
    """A value set's name, or one code written ``SYSTEM|code`` (``*|code``: whatever the system)."""

    __slots__ = ()
    pattern = r"^([a-z][a-z0-9_]*|[A-Za-z0-9*]+\|[^\s|]+)$"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(pattern=cls.pattern))

    @property
    def is_code(self) -> bool:
        """True for ``SYSTEM|code``, false for the name of a value set."""
        return "|" in self


T = TypeVar("T")


@cache
def _keys(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """The fields of a model with their keys in files."""
    return tuple((name, field.alias or name) for name, field in model.model_fields.items())


def walk(part: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every part of a spec model with its path, models before what they hold; keys that are not given are left out.

    The path uses the keys of the file (``from``, not ``from_``), so that it can be turned into a line number.
    """
    waiting = [(path, part)]
    while waiting:
        place, found = waiting.pop()
        yield place, found
        if not isinstance(found, str):  # most parts are words, which hold nothing
            waiting += reversed([((*place, key), inner) for key, inner in _inside(found)])


@kept(50_000)  # versions of a measure share most of their parts, and many ask
def pieces(part: object) -> tuple[tuple[tuple[str | int, ...], object], ...]:
    """The models, names and codes inside a part, each with its path, as :func:`walk` gives them."""
    return tuple((path, found) for path, found in walk(part) if isinstance(found, (Model, Name, CodeRef)))


def _inside(part: object) -> Iterable[tuple[str | int, object]]:
    """What a part holds, each with its key or index."""
    if isinstance(part, BaseModel):
        held = part.__dict__
        return [(key, held[name]) for name, key in _keys(type(part)) if held[name] is not None]
    if isinstance(part, dict):
        return part.items()
    return enumerate(part) if isinstance(part, (list, tuple)) else ()


def rewrite(part: T, change: Callable[[object], object]) -> T:
    """A copy of a spec model in which every part has gone through ``change``, innermost first.

    ``change`` returns its argument itself for parts it leaves alone; untouched models are not copied.
    """
    return change(_rewrite_inside(part, change))  # type: ignore[return-value]


def _rewrite_inside(part: object, change: Callable[[object], object]) -> object:
    if isinstance(part, BaseModel):
        update: dict[str, object] = {}
        for name, _ in _keys(type(part)):
            old = getattr(part, name)
            new = old if old is None else rewrite(old, change)
            if new is not old:
                update[name] = new
        return part.model_copy(update=update) if update else part
    if isinstance(part, dict):
        pairs = {key: rewrite(value, change) for key, value in part.items()}
        return pairs if any(pairs[key] is not part[key] for key in part) else part
    if isinstance(part, tuple):
        items = tuple(rewrite(value, change) for value in part)
        return items if any(new is not old for new, old in zip(items, part, strict=True)) else part
    return part


def one_of(model: Model, *fields: str) -> None:
    """Raise ``ValueError`` unless exactly one of ``fields`` is given."""
    given = [name for name in fields if getattr(model, name) is not None]
    if len(given) != 1:
        keys = ", ".join(type(model).model_fields[name].alias or name for name in fields)
        raise ValueError(f"give exactly one of: {keys}" + (f" (not {len(given)})" if given else ""))


__all__ = [
    "AnchorName", "CodeRef", "CriterionName", "EventsName", "FilterName", "Model", "Name", "NumberName",
    "ParameterName", "Self",
    "WindowName", "one_of", "pieces", "rewrite", "walk",
]  # fmt: skip
