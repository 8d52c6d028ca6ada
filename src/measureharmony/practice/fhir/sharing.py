"""Shares FHIR files out among processes, in shares of about equal bytes; what each finds is taken in the files' order.

Shares are read as if there were no others. Where that would make a difference (a resource is repeated in another share,
or belongs to a patient of an earlier one), everything is read once more, as one share. The shares depend on the files
alone, so that what is found, and in which order, depends on nothing else.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import current_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from measureharmony.practice.database import opened
from measureharmony.practice.fhir.alike import Lines, NotAlikeError, ask, find_lines
from measureharmony.practice.fhir.alike_events import Converted, converted
from measureharmony.practice.fhir.files import Layout, Piece, cut_at_lines
from measureharmony.practice.fhir.sorting import Known, Sorting
from measureharmony.processes import main_not_imported, worker_pool

#: Bytes of a share: about half a second's work.
SHARE = 16_000_000
#: Shares for which it is worth while to start processes, which takes about a second.
WORTH_WHILE = 6

Share = Sequence[Piece]
T = TypeVar("T")
_Run = Callable[..., Iterator[Any]]

_FIX = "Read with fewer processes (workers)."


def read_files(layout: Layout, files: Sequence[Path], workers: int | None) -> Sorting:
    """What is in the files, all but finished; ``workers`` as :func:`reader.read_fhir_resources` tells.

    :class:`UsageError` where a process was ended from outside.
    """
    known, whole = None, Sorting()
    with _threads(workers) as run:
        found = (find_lines(file, run) for file in files) if layout == "ndjson" else ()
        alike = [lines for lines in found if lines]
        others = sorted({*files} - {lines.path for lines in alike})
        with _sharing(_processes(layout, [Piece(file) for file in others], workers)) as read:
            if layout == "ndjson":
                whole.learn_ndjson(others)
                known = whole.known
            parts = read(_shares(layout, others), known)
            if alike:
                read_beside = run(list, [parts])
                not_read = _not_read(alike, whole, workers, run)
                parts = read(_shares(layout, sorted([*others, *not_read])), known) if not_read else next(read_beside)
            for part in parts:
                if whole.would_change(part):
                    break
                whole.take(part)
            else:
                return whole
    return _read([Piece(file) for file in files], known)


@contextmanager
def _threads(workers: int | None) -> Iterator[_Run]:
    """What does with several things, in their order, as ``map`` does, in so many threads."""
    if workers == 1:
        yield map
        return
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        yield pool.map


def _not_read(alike: Sequence[Lines], whole: Sorting, workers: int | None, run: _Run) -> list[Path]:
    """Read files whose lines are alike; those that have to be read line by line after all are given back.

    DuckDB takes half the time: with as many threads it reads on, while others make rows of what it has read.
    """
    to_rows = partial(converted, owner=cache(whole.owner), scope=whole.known.scope)
    with opened(max(1, (workers or os.cpu_count() or 1) // 2)) as con:

        def begun(lines: Lines) -> Iterable[Converted] | None:
            with suppress(NotAlikeError):
                return run(to_rows, ask(lines, con))
            return None

        parts_of_each = _one_ahead(map(begun, alike))
        return [lines.path for lines, parts in zip(alike, parts_of_each, strict=True) if not whole.take_alike(parts)]


def _one_ahead(things: Iterable[T]) -> Iterator[T]:
    """The same things, each when the next one is already there."""
    waiting: list[T] = []
    for thing in things:
        yield from waiting
        waiting = [thing]
    yield from waiting


def _shares(layout: Layout, files: Sequence[Path]) -> list[Share]:
    """The files in their order, or pieces of them; together as long as they are no larger than a share."""
    if layout == "ndjson":
        return list(_together(piece for file in files for piece in cut_at_lines(file, SHARE)))
    return list(_together(map(Piece, files)))


def _together(pieces: Iterable[Piece]) -> Iterator[Share]:
    """The pieces in their order, together as long as they are no larger than a share."""
    share: list[Piece] = []
    size = 0
    for piece in pieces:
        size += piece.size()
        if share and size > SHARE:
            yield share
            share, size = [], piece.size()
        share.append(piece)
    if share:
        yield share


def _processes(layout: Layout, files: Sequence[Piece], workers: int | None) -> int:
    """Among how many processes files are shared out."""
    sizes = [file.size() for file in files]
    if sum(sizes) < WORTH_WHILE * SHARE or current_process().daemon:  # a daemon may not start any
        return 1
    cut = (layout == "ndjson" and not file.packed for file in files)
    shares = sum(-(-size // SHARE) if is_cut else 1 for size, is_cut in zip(sizes, cut, strict=True))
    return min(workers or os.cpu_count() or 1, shares)


@contextmanager
def _sharing(workers: int) -> Iterator[Callable[[Sequence[Share], Known | None], Iterable[Sorting]]]:
    """What reads shares, in their order, in so many processes; they start at once."""
    if workers == 1:
        yield lambda shares, known: (_read(share, known) for share in shares)
        return
    with (
        TemporaryDirectory(prefix="measureharmony-") as home,
        worker_pool(workers, _FIX, _begin, Path(home) / "known", pandas=False) as pool,
        main_not_imported(),
    ):
        for _ in range(workers):
            pool.submit(int)  # whatever there is to do starts a process

        def read(shares: Sequence[Share], known: Known | None) -> Iterable[Sorting]:
            # Told by a file, because with each share it would be told again.
            (Path(home) / "known").write_bytes(pickle.dumps(known))
            return pool.map(_read_here, shares)

        yield read


_told: Path


def _begin(told: Path) -> None:
    """What a process does before it reads; ``told`` will be where to find what is known."""
    global _told
    _told = told
    gc.disable()  # see collector


@cache
def _known() -> Known | None:
    found: Known | None = pickle.loads(_told.read_bytes())
    return found


def _read_here(share: Share) -> Sorting:
    known = _known()
    found = _read(share, known)
    if known is not None:  # the parent knows it already
        found.known, found.people, found.roles = Known(), {}, {}
    return found


def _read(share: Share, known: Known | None) -> Sorting:
    sorting = Sorting(known)
    if known is not None:
        sorting.read_ndjson(share)
    else:
        sorting.read_bundles(piece.path for piece in share)
    return sorting
