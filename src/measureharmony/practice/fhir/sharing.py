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
from contextlib import contextmanager
from functools import cache
from multiprocessing import current_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measureharmony.practice.database import opened
from measureharmony.practice.fhir.alike import Lines, NotAlikeError, ask, find_lines
from measureharmony.practice.fhir.files import Layout, Piece, cut_at_lines
from measureharmony.practice.fhir.sorting import Known, Sorting
from measureharmony.processes import main_not_imported, worker_pool

#: Bytes of a share: about half a second's work.
SHARE = 16_000_000
#: Shares for which it is worth while to start processes, which takes about a second.
WORTH_WHILE = 6

Share = Sequence[Piece]

_FIX = "Read with fewer processes (workers)."


def read_files(layout: Layout, files: Sequence[Path], workers: int | None) -> Sorting:
    """What is in the files, all but finished; ``workers`` as :func:`reader.read_fhir_resources` tells.

    :class:`UsageError` where a process was ended from outside.
    """
    known, whole = None, Sorting()
    with _threads(workers) as run:
        alike = [lines for lines in run(find_lines, files) if lines] if layout == "ndjson" else []
    others = sorted({*files} - {lines.path for lines in alike})
    pieces = [Piece(file) for file in others]
    with _sharing(_processes(layout, pieces, workers)) as read:
        if layout == "ndjson":
            whole.learn_ndjson(others)
            known = whole.known
            others += _not_read(alike, whole, workers) if alike else []
            pieces = [piece for file in sorted(others) for piece in cut_at_lines(file, SHARE)]
        for part in read(list(_shares(pieces)), known):
            if whole.would_change(part):
                break
            whole.take(part)
        else:
            return whole
    return _read([Piece(file) for file in files], known)


@contextmanager
def _threads(workers: int | None) -> Iterator[Callable[..., Iterable[Any]]]:
    """What does with several things, in their order, as ``map`` does, in so many threads."""
    if workers == 1:
        yield map
        return
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        yield pool.map


def _not_read(alike: Sequence[Lines], whole: Sorting, workers: int | None) -> list[Path]:
    """Read files whose lines are alike; those that have to be read line by line after all are given back."""
    left = []
    with _threads(workers) as run, opened(workers) as con:
        for lines in alike:
            try:
                whole.read_alike(ask(lines, con), run)
            except NotAlikeError:
                left.append(lines.path)
    return left


def _shares(pieces: Sequence[Piece]) -> Iterator[Share]:
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
