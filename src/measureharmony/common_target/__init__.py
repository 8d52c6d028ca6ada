"""The common target of a measure: what satisfies every program at once, as a spec, as a sentence, and for people.

Needs the solver Z3 (``pip install 'measureharmony[proofs]'``); importing this without it raises a ``UsageError``.
"""

from measureharmony.common_target.people import people_of_targets
from measureharmony.common_target.targets import CommonTarget, GoalTarget, common_targets

__all__ = ["CommonTarget", "GoalTarget", "common_targets", "people_of_targets"]
