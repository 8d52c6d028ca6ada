"""How versions of a measure stand to each other: equal, narrower, wider or incomparable, proved or shown by somebody.

Needs the solver Z3 (``pip install 'measureharmony[proofs]'``); importing this without it raises a ``UsageError``.
"""

from measureharmony.alignment.aligning import align, align_all, align_pairs, comparisons
from measureharmony.alignment.claims import Alignment, Claim, Reason, Relation
from measureharmony.alignment.contradictions import Contradiction, empty_populations
from measureharmony.alignment.deadlines import unreachable_by
from measureharmony.alignment.proved import proved
from measureharmony.alignment.seen import Seen
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.telling import Telling

__all__ = [
    "Alignment", "Claim", "Contradiction", "Reason", "Relation", "Seen", "Somebody", "Telling", "align", "align_all",
    "align_pairs", "comparisons", "empty_populations", "proved", "unreachable_by",
]  # fmt: skip
