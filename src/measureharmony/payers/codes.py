"""Do the codes and value sets exist that a payer's file names?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from measureharmony.measures.names import CodeRef, walk
from measureharmony.measures.rules.finding import Finding
from measureharmony.measures.shape import suggestion
from measureharmony.measures.yaml_lines import Place
from measureharmony.value_sets.systems import parse_code


def unknown_codes(
    part: object, value_sets: Collection[str] | None, unknown_set: str, unknown_system: str, here: Place = ()
) -> Iterator[Finding]:
    """Where ``part``, which stands at ``here``, names a value set or a code system that does not exist.

    ``value_sets`` are the names there are (``None``: names of value sets are not checked); ``unknown_set`` and
    ``unknown_system`` are what the findings are called.
    """
    for place, code in walk(part, here):
        if not isinstance(code, CodeRef):
            continue
        if code.is_code:
            try:
                parse_code(code)
            except ValueError as error:
                what, _, fix = str(error).partition("; ")
                yield Finding(place, unknown_system, what, fix)
        elif value_sets is not None and code not in value_sets:
            yield Finding(place, unknown_set, f"there is no value set '{code}'", suggestion(code, value_sets))


__all__ = ["unknown_codes"]
