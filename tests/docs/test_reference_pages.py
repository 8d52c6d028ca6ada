"""Pages that list things list all of them, as they are."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import typer

import measureharmony
from measureharmony.catalogue.__main__ import pages as catalogue_pages
from measureharmony.cli import app
from tests.docs.pages import REPOSITORY
from tests.docs.results_page import results_page

COMMANDS: Any = typer.main.get_command(app)
CALL = COMMANDS.make_context("measureharmony", [], resilient_parsing=True)
#: Command → the spellings of each of its options.
OPTIONS: dict[str, list[list[str]]] = {
    name: [one.opts for one in COMMANDS.resolve_command(CALL, [name])[1].params if one.param_type_name == "option"]
    for name in COMMANDS.commands
}


def text_of(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text("utf-8")


def without_examples(page: str) -> str:
    """A page without what its examples show, which another test holds."""
    return re.sub(r"^```text\n.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)


def test_the_page_of_results_is_current() -> None:
    current = without_examples(text_of("results.md")) == without_examples(results_page())
    assert current, "run: python -m tests.docs.renew docs/results.md"


@pytest.mark.parametrize("name", measureharmony.__all__)
def test_every_public_name_is_on_the_page_of_the_python_api(name: str) -> None:
    assert re.search(rf"`{name}\b", text_of("python-api.md"))


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_on_the_page_of_the_command_line(name: str) -> None:
    page = text_of("command-line.md")
    section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
    assert section, f"no section {name}"
    for spellings in OPTIONS[name]:
        assert any(spelling in section for spelling in spellings), f"{name} {spellings}"


def test_the_order_of_imports_is_the_one_that_is_held() -> None:
    layers = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    held = [re.findall(r"\w+", layer) for layer in layers["layers"]]
    (told,) = re.findall(r"^```text\n(__main__.*?)^```$", text_of("developing.md"), flags=re.DOTALL | re.MULTILINE)
    assert [re.findall(r"\w+", layer) for layer in told.split("\u203a")] == held


def test_every_folder_of_tests_has_its_job_told() -> None:
    folders = {path.name for path in (REPOSITORY / "tests").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert set(re.findall(r"^\| `tests/(\w+)`", text_of("developing.md"), flags=re.MULTILINE)) == folders


def test_the_catalogue_is_current() -> None:
    written = {path.name: path.read_text("utf-8") for path in (REPOSITORY / "docs" / "catalogue").glob("*.md")}
    assert written == catalogue_pages(), "run: python -m measureharmony.catalogue docs/catalogue"
