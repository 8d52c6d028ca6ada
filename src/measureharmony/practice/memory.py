"""Sizes of memory, as people write them."""

from __future__ import annotations

import re

from measureharmony.errors import UsageError

_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}

#: With less, not even a small practice can be read. More, no machine has.
LEAST, MOST = 50 * 10**6, 10**18


def bytes_of(memory: str) -> int:
    """How many bytes are meant; :class:`UsageError` for what is no size, or none that can be kept to.

    >>> bytes_of("4GB"), bytes_of("1.5 GiB")
    (4000000000, 1610612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", memory.lower())
    if found is None or found[2] not in _UNITS:
        raise UsageError(f"{memory!r} is no size of memory. Write a number and a unit, such as 4GB or 500MB.")
    size = int(float(found[1]) * _UNITS[found[2]])
    if not LEAST <= size <= MOST:
        raise UsageError(f"{memory!r} is too {'little' if size < LEAST else 'much'} memory. Give 1GB or more.")
    return size


__all__ = ["bytes_of"]
