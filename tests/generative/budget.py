"""How many examples a generative test tries: a share of what the profile in force allows."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

#: A measure with all its named parts is a large example, so that some attempts outgrow Hypothesis' buffer.
LARGE = (HealthCheck.too_slow, HealthCheck.data_too_large)


def examples(share: float) -> settings:
    """Settings with a ``share`` of the profile's number of examples: each reads a practice and runs the engine."""
    return settings(max_examples=max(1, round(settings().max_examples * share)), suppress_health_check=LARGE)
