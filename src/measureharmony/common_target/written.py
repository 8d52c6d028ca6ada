"""A measure as a spec file: YAML that ``measureharmony validate`` accepts and ``run`` evaluates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel

from measureharmony.common_target.targets import CommonTarget
from measureharmony.measures.link import unlinked
from measureharmony.measures.measure import SECTIONS, Measure
from measureharmony.measures.window import Point

#: Keys under which a list of one may be written as that one.
_ONE_OR_MANY = frozenset(
    {"after", "before", "category", "clinical_status", "from", "intent", "kind", "other_when", "source", "status",
     "take", "to", "type", "verification", "when", "where"}
)  # fmt: skip
_WIDTH = 116


def spec_text(target: CommonTarget) -> str:
    """The spec of a common target as a file; a comment where its programs leave none."""
    programs = ", ".join(target.programs)
    lines = [f"# Common target of {programs} for {target.measure}, made by measureharmony."]
    for goal in target.goals:
        lines += [f"# {goal.goal.id}: {goal.sentence or 'the programs contradict each other'}"]
    if target.variant is None:
        return "\n".join(lines) + "\n"
    return "\n".join(lines) + "\n" + measure_text(target.variant.measure)


def measure_text(measure: Measure) -> str:
    """A measure as YAML, its rates before the parts they need; parts of shared files are referred to, not repeated."""
    data = _plain_model(unlinked(measure))
    parts = [key for key in SECTIONS if data.get(key)]
    head = [key for key in data if key not in (*SECTIONS, "populations", "rates")]
    return "".join(_block(key, data[key]) for key in (*head, "populations", "rates", *parts))


def _block(key: str, value: object) -> str:
    text: str = yaml.dump(
        {key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH,
        default_flow_style=None if isinstance(value, (dict, list)) else False,
    )  # fmt: skip
    return text


class _Dumper(yaml.SafeDumper):
    """Indents lists as the shipped specs do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def write_specs(targets: Sequence[CommonTarget], folder: Path) -> list[Path]:
    """One file for each target that has a spec, into ``folder/canonical``: a folder of specs for ``--specs``."""
    home = folder / "canonical"
    home.mkdir(parents=True, exist_ok=True)
    paths = []
    for target in targets:
        if target.variant is not None:
            paths.append(home / f"{target.variant.measure.measure}.yaml")
            paths[-1].write_text(spec_text(target), encoding="utf-8")
    return paths


def _plain(part: object, key: str = "") -> object:
    """A part of a spec as plain data: what is not said, or said anyway, is left out."""
    match part:
        case Point():
            return str(part)
        case BaseModel():
            return _plain_model(part)
        case str():
            return str(part)
        case Mapping():
            return {str(name): _plain(value) for name, value in part.items()}
        case tuple() if len(part) == 1 and key in _ONE_OR_MANY:
            return _plain(part[0])
        case tuple():
            return [_plain(one) for one in part]
    return part


def _plain_model(model: BaseModel) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), field.alias or name
        if field.is_required() or value != field.get_default(call_default_factory=True):
            found[key] = _plain(value, key)
    return found


__all__ = ["measure_text", "spec_text", "write_specs"]
