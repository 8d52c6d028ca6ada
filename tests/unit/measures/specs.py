"""Small measures and shared files for tests, written as people write them."""

from __future__ import annotations

from pathlib import Path

from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.reader import read_document
from measureharmony.measures.yaml_lines import read_yaml_text

HEAD = "measure: m\ntitle: A measure\nedition: 2026\ndescription: Small.\nrates: [{id: met, title: Met}]\n"


def measure(text: str) -> Measure:
    """A measure with one rate ``met`` and the parts that ``text`` gives; its populations have defaults."""
    if "populations:" not in text:
        text += "\npopulations: {initial_population: {always: true}, numerator: {exists: visit}}\n"
    reading = read_document(read_yaml_text(HEAD + text, Path("m.yaml")), Measure)
    assert reading.model is not None, reading.issues
    return reading.model


def shared(name: str, text: str) -> Shared:
    """A shared file with the parts that ``text`` gives."""
    head = f"shared: {name}\ntitle: Shared\nedition: 2026\n"
    reading = read_document(read_yaml_text(head + text, Path(f"{name}.yaml")), Shared)
    assert reading.model is not None, reading.issues
    return reading.model
