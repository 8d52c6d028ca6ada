"""Every example in a docstring of the library is true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY

SOURCES = REPOSITORY / "src"
PROMPT = ">>" + ">"
MODULES = [path for path in sorted(SOURCES.rglob("*.py")) if PROMPT in path.read_text("utf-8")]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_docstring_examples_are_true(path: Path) -> None:
    done = doctest.testmod(import_module(dotted(path)))
    assert done.attempted > 0
    assert done.failed == 0
