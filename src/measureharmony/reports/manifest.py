"""The manifest: fingerprints of everything a result depends on. Equal manifests mean equal results."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import orjson
from pydantic import BaseModel

from measureharmony.evaluation.program_gaps import PayersSee
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import SECTIONS, Measure
from measureharmony.measures.value_set_needs import value_sets_named
from measureharmony.payers.contract import Contract
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from measureharmony.value_sets import ValueSets


def manifest(
    variants: Sequence[Variant],
    practice: Practice,
    value_sets: ValueSets,
    as_of: dt.date | None,
    payers: PayersSee | None = None,
    contracts: Mapping[str, Contract] | None = None,
) -> dict[str, object]:
    """What was evaluated over what, with which code sets and which version; nothing in it depends on the clock.

    ``contracts`` are those whose targets and payments are told.
    """
    used = sorted(value_sets_named(*(variant.measure for variant in variants)))
    tables = {name: weights for variant in variants for name, weights in variant.risk_tables.items()}
    return {
        "measureharmony": version("measureharmony"),
        "as_of": as_of.isoformat() if as_of else None,
        "dataset": _dataset(practice),
        "variants": [_variant(variant) for variant in variants],
        "value_sets": [_value_set(name, value_sets) for name in used if name in value_sets],
        "risk_tables": [{"name": name, "fingerprint": _hash(weights)} for name, weights in sorted(tables.items())],
        **({"contracts": [_contract(key, one) for key, one in sorted(contracts.items())]} if contracts else {}),
        **({"payer_view": _payer_view(payers)} if payers else {}),
    }


def _dataset(practice: Practice) -> dict[str, object]:
    return {
        "origin": practice.origin,
        "fingerprint": practice.fingerprint(),
        "people": practice.person_count,
        "accounts": practice.accounts.to_pylist(),
    }


def _variant(variant: Variant) -> dict[str, object]:
    return {
        "program": variant.program,
        "measure": variant.measure.measure,
        "edition": variant.measure.edition,
        "period": str(variant.period),
        "fingerprint": fingerprint(variant),
    }


def _value_set(name: str, value_sets: ValueSets) -> dict[str, object]:
    found = value_sets[name]
    return {
        "name": name,
        "oid": found.oid,
        "version": found.version,
        "source": found.source,
        "state": found.state,
        "fingerprint": value_sets.fingerprint(name),
    }


def _contract(program: str, contract: Contract) -> dict[str, object]:
    """A fingerprint of what decides targets and payments: the program's terms, and every rate's."""
    parts = {
        "program": contract.program.model_dump(mode="json", by_alias=True),
        "targets": sorted(f"{rate}: {target}" for rate, target in contract.targets.items()),
        "payments": sorted(f"{rate}: {payment}" for rate, payment in contract.payments.items()),
    }
    return {"program": program, "fingerprint": _hash(parts)}


def _payer_view(payers: PayersSee) -> dict[str, object]:
    """The day of the payers' view, and a fingerprint of each version's terms on evidence."""
    terms = [(view.known, view.terms) for view in payers.views]
    return {
        "on": payers.on.isoformat(),
        "evidence": [
            {
                "program": variant.program,
                "measure": variant.measure.measure,
                "fingerprint": _hash(
                    {
                        "policy": own.policy.model_dump(mode="json"),
                        "cut_offs": own.cut_offs.model_dump(mode="json") if own.cut_offs else None,
                    }
                ),
            }
            for variant, own in terms
        ],
    }


#: What is told of a measure, and decides nothing.
_ONLY_TOLD: Mapping[str, Any] = {
    "identifiers": True, "sources": True, "updated": True, "action": True, "rates": {"__all__": {"action"}},
}  # fmt: skip


def fingerprint(variant: Variant) -> str:
    """SHA-256, in hexadecimal, of everything that decides the variant's outcomes."""
    parts = {
        "measure": _measure(variant.measure),
        "period": str(variant.period),
        "own": asdict(variant.own) if variant.own else None,
        "sources": {name: list(words) for name, words in variant.sources.items()},
        "membership": asdict(variant.membership) if variant.membership else None,
    }
    if variant.risk_tables:
        parts["risk_tables"] = {name: _hash(weights) for name, weights in variant.risk_tables.items()}
    return _hash(parts)


def _measure(measure: Measure) -> dict[str, object]:
    """What decides a measure's outcomes, as JSON has it."""
    rest = measure.model_dump(mode="json", by_alias=True, exclude={**_ONLY_TOLD, **dict.fromkeys(SECTIONS, True)})
    for section in SECTIONS:
        rest[section] = {name: orjson.Fragment(_json(part)) for name, part in getattr(measure, section).items()}
    return rest


@kept(50_000)  # most parts are the same in every version of a measure
def _json(part: object) -> bytes:
    plain = part.model_dump(mode="json", by_alias=True) if isinstance(part, BaseModel) else part
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _hash(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(dict(parts), option=orjson.OPT_SORT_KEYS)).hexdigest()


__all__ = ["fingerprint", "manifest"]
