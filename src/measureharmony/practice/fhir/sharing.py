"""Shares FHIR files out among processes, in shares of about equal bytes; what each finds is taken in the files' order.

Shares are read as if there were no others. Where that would make a difference (a resource is repeated in another share,
or belongs to a patient of an earlier one), everything is read once more, as one share. The shares depend on the files
alone, so that what is found, and in which order, depends on nothing else.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import current_process, get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from measureharmony.errors import UsageError
from measureharmony.practice.fhir.files import Layout, Piece, cut_at_lines
from measureharmony.practice.fhir.sorting import Known, Sorting
from measureharmony.processes import begin_worker, main_not_imported

#: Bytes of a share: about half a second's work.
SHARE = 16_000_000
#: Shares for which it is worth while to start processes, which takes about a second.
WORTH_WHILE = 6

Share = Sequence[Piece]


def read_files(layout: Layout, files: Sequence[Path], workers: int | None) -> Sorting:
    """What is in the files, all but finished; ``workers`` as :func:`reader.read_fhir_resources` tells.

    :class:`UsageError` where a process was ended from outside.
    """
    if layout == "bundles":
        pieces = [Piece(file) for file in files]
    else:
        pieces = [piece for file in files for piece in cut_at_lines(file, SHARE)]
    whole, known = Sorting(), None
    if layout == "ndjson":
        whole.learn_ndjson(files)
        known = whole.known
    shares = list(_shares(pieces))
    if len(shares) > 1:
        for part in _read_shares(shares, known, _processes(len(shares), workers)):
            if whole.would_change(part):
                break
            whole.take(part)
        else:
            return whole
    return _read(pieces, known)


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
    yield share


def _processes(shares: int, workers: int | None) -> int:
    """Among how many processes so many shares are shared out."""
    if shares < WORTH_WHILE or current_process().daemon:  # a daemon may not start any
        return 1
    return min(workers or os.cpu_count() or 1, shares)


def _read_shares(shares: Sequence[Share], known: Known | None, workers: int) -> Iterator[Sorting]:
    """What is in each share, in their order."""
    if workers == 1:
        yield from (_read(share, known) for share in shares)
        return
    with TemporaryDirectory(prefix="measureharmony-") as home:
        # Told by a file, because a process is started only when the one before it has taken what it is told.
        told = Path(home) / "known"
        told.write_bytes(pickle.dumps(known))
        # Forked from here, a worker would inherit the locks of Arrow's threads, but not the threads.
        pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (told,))
        try:
            with main_not_imported():
                found = pool.map(_read_here, shares)
            yield from found
        except BrokenProcessPool:
            what = "A process that read files was ended from outside, most likely because there was not enough memory."
            raise UsageError(f"{what} Read with fewer processes (workers).") from None
        finally:
            pool.shutdown(cancel_futures=True)  # whoever stops does not wait for shares that have not begun


_known: Known | None = None


def _begin(told: Path) -> None:
    """What a process is told once, not with every share."""
    global _known
    begin_worker()
    _known = pickle.loads(told.read_bytes())
    gc.disable()  # see collector


def _read_here(share: Share) -> Sorting:
    found = _read(share, _known)
    if _known is not None:  # the parent knows it already
        found.known, found.people, found.roles = Known(), {}, {}
    return found


def _read(share: Share, known: Known | None) -> Sorting:
    sorting = Sorting(known)
    if known is not None:
        sorting.read_ndjson(share)
    else:
        sorting.read_bundles(piece.path for piece in share)
    return sorting
