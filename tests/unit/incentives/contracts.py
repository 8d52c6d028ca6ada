"""Small contracts and standings, written briefly."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from measureharmony.incentives.standing import Count, Standing
from measureharmony.payers import Program
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.contract_tables import RateKey
from measureharmony.payers.payments import SetPayment
from measureharmony.payers.targets import Tier

SOURCE = {"document": "Contract", "page": 1}


def key(name: str) -> RateKey:
    measure, _, rate = name.partition(".")
    return measure, rate


def target(
    at_least: str | None = None,
    *,
    at_most: str | None = None,
    tiers: Mapping[str, str] | None = None,
    **other: Any,
) -> Target:
    """A target from decimal texts; ``tiers`` by id, on the same side."""
    side = "at_least" if at_least is not None else "at_most"
    levels = tuple(Tier.model_validate({"id": name, side: float(bound)}) for name, bound in (tiers or {}).items())
    return Target(side, Fraction(at_least or at_most or 0), "fixed", levels, **other)


def contract(
    targets: Mapping[str, Target],
    pays: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    payments: list[dict[str, Any]] | None = None,
    gates: list[dict[str, Any]] | None = None,
    measures: Mapping[str, Mapping[str, Any]] | None = None,
) -> Contract:
    """A contract about the rates of ``targets`` and ``pays``; ``measures`` says more about some of them."""
    names = list(dict.fromkeys((*targets, *(pays or ()))))
    listed = [{"measure": key(name)[0], **(measures or {}).get(key(name)[0], {})} for name in names]
    program = Program.model_validate({
        "program": "contract", "title": "A contract", "payer": "somebody", "fictional": True, "edition": 2026,
        "membership": {"roster": True}, "measures": listed, "sources": [SOURCE],
        "payments": [{"source": SOURCE, **one} for one in payments or ()],
        "gates": [{"source": SOURCE, **one} for one in gates or ()],
    })  # fmt: skip
    paid = {key(name): SetPayment.model_validate({"rate": key(name)[1], **one}) for name, one in (pays or {}).items()}
    return Contract(program, tuple(map(key, names)), {key(name): one for name, one in targets.items()}, paid)


def standing(members: int = 100, /, **counts: tuple[int, int] | Count) -> Standing:
    """Counts by rate (``bcs_screened=(41, 57)`` is 41 of 57, all gaps open)."""
    found = {}
    for name, count in counts.items():
        measure, _, rate = name.partition("_")
        found[measure, rate] = count if isinstance(count, Count) else higher(*count)
    return Standing(found, members)


def higher(above: int, below: int) -> Count:
    return Count(above, below, open_gaps=below - above)


def lower(above: int, below: int) -> Count:
    return Count(above, below, "lower", open_gaps=above)
