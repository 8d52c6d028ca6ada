"""The HTML report in a real browser: filter, sort, keyboard, paper, what everybody can read, and no network."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from measureharmony.harmonize import evaluate
from measureharmony.reporting import also_of
from measureharmony.reports.content import content_of
from measureharmony.reports.html import page as report_page
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs
from tests.acceptance.report_practice import HOSTILE, PEOPLE, report_practice

FLAGS = (
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
GAPS = PEOPLE - PEOPLE // 4
PAGE = 50


@dataclass
class Opened:
    """The report in a tab, what the tab asked for, and what it complained of."""

    tab: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def written(specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything in it that a report can show."""
    programs = ["bluestone_commercial", "mssp_app_plus"]
    results = evaluate(report_practice(), specs, as_of=dt.date(2026, 10, 31), measures=["bcs"], programs=programs)
    key = {"program": "bluestone_commercial", "measure": "bcs", "rate": "screened"}
    given = replace(
        also_of(results, specs),
        rate_statistics=_table(low=0.2, high=0.32, **key),
        targets=_table(target=0.7, met=False, people_to_target=54, **key),
        earlier_rates=_table(as_of=dt.date(2026, 6, 30), value=0.2, **{**key, "program": "canonical"}),
    )
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_page(content_of(results, given)), encoding="utf-8")
    return path


def _table(**row: object) -> ResultTable:
    return ResultTable("given", pa.Table.from_pylist([row]), {})


@pytest.fixture(scope="module")
def opened(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The report in one Chromium for all tests; each leaves the list of gaps as it found it."""
    browser = shutil.which("chromium")
    assert browser, "These tests need Chromium: apt-get install chromium (docs/developing.md)"
    with sync_playwright() as driver:
        home = tmp_path_factory.mktemp("profile")
        context = driver.chromium.launch_persistent_context(
            home, executable_path=browser, headless=True, args=list(FLAGS), viewport={"width": 1280, "height": 800}
        )
        context.set_default_timeout(5_000)
        opened = Opened(context.pages[0])
        opened.tab.on("request", lambda request: opened.requests.append(request.url))
        opened.tab.on("console", lambda message: opened.complaints.append(message.text))
        opened.tab.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.tab.goto(written.as_uri())
        yield opened
        context.close()


@pytest.fixture
def tab(opened: Opened) -> Page:
    opened.tab.get_by_role("button", name="Clear").click()
    return opened.tab


def first_column(tab: Page, column: int = 0) -> list[str]:
    return tab.locator("#gap-table tbody tr").locator(f":nth-child({column + 1})").all_inner_texts()


def test_it_opens_without_a_network_and_without_complaints(opened: Opened, written: Path) -> None:
    assert opened.requests == [written.as_uri()]
    assert opened.complaints == []
    assert opened.tab.title() == "Quality report"  # no script from a name has run


def test_gaps_come_by_the_page(tab: Page) -> None:
    told = tab.locator("#gap-count")
    expect(told).to_have_text(f"1 to {PAGE} of {GAPS} gaps")
    expect(tab.get_by_role("button", name="Previous")).to_be_disabled()
    tab.get_by_role("button", name="Next").click()
    expect(told).to_have_text(f"{PAGE + 1} to {GAPS} of {GAPS} gaps")
    expect(tab.get_by_role("button", name="Next")).to_be_disabled()
    expect(tab.locator("#gap-table tbody tr")).to_have_count(GAPS - PAGE)


def test_words_and_choices_filter_together(tab: Page) -> None:
    told = tab.locator("#gap-count")
    tab.get_by_label("Payer", exact=True).select_option("mssp_app_plus")
    expect(told).to_have_text(f"1 to {PEOPLE // 4} of {PEOPLE // 4} gaps")
    tab.get_by_label("Find").fill("PERSON 005")
    expect(told).to_have_text("1 to 1 of 1 gaps")
    tab.get_by_label("Find").fill("nobody at all")
    expect(told).to_have_text("No gap is like that. Take a filter away.")
    tab.get_by_role("button", name="Clear").click()
    expect(told).to_have_text(f"1 to {PAGE} of {GAPS} gaps")


def test_names_that_are_markup_are_shown_as_they_are(tab: Page) -> None:
    tab.get_by_label("Find").fill("script")
    shown = " ".join(first_column(tab))
    assert all(name in shown for name in list(HOSTILE.values())[:2])
    assert tab.locator("#gap-table script, #gap-table img").count() == 0


def test_headings_sort_by_keyboard_and_say_so(tab: Page) -> None:
    heading = tab.locator("#gap-table thead th").filter(has_text="Person")
    heading.get_by_role("button").focus()
    tab.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    up = first_column(tab)
    tab.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "descending")
    down = first_column(tab)
    assert down[0] > up[0]
    assert up != down


def test_tables_sort_by_number(tab: Page) -> None:
    table = tab.locator("table.populations")
    numbers = table.locator("tbody tr td:nth-child(6)")
    table.locator("thead th:nth-child(6) [role=button]").click()
    shown = [int(text) for text in numbers.all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) > 1


def test_a_payers_link_leads_to_its_gaps(tab: Page) -> None:
    tab.get_by_role("link", name="its 30 care gaps").click()
    expect(tab.locator("#gap-count")).to_have_text(f"1 to {PEOPLE // 4} of {PEOPLE // 4} gaps")


def test_the_keyboard_reaches_the_report_past_the_contents(tab: Page) -> None:
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    tab.reload()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("getComputedStyle(document.activeElement).left") != "-15984px"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.matches(':focus-visible')")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


#: What a reader with a screen reader relies on; each line names what breaks it.
_STRUCTURE = """() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all("[id]").map((one) => one.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id is there twice");
  all("th").forEach((one) => { if (!one.scope) wrong.push(`no scope: ${one.textContent}`); });
  all("table").forEach((one) => { if (!one.caption) wrong.push("a table without a caption"); });
  all("[aria-labelledby]").forEach((one) => {
    if (!document.getElementById(one.getAttribute("aria-labelledby"))) wrong.push("a label that is not there");
  });
  all("a[href^='#']").forEach((one) => {
    if (!document.getElementById(one.getAttribute("href").slice(1))) wrong.push(`a dead link: ${one.href}`);
  });
  all("input, select").forEach((one) => { if (!one.labels.length) wrong.push("a field without a label"); });
  all("figure").forEach((one) => {
    if (one.getAttribute("role") !== "img" || !one.getAttribute("aria-label")) wrong.push("a figure without words");
  });
  all("svg").forEach((one) => { if (one.getAttribute("aria-hidden") !== "true") wrong.push("an svg read aloud"); });
  all("button").forEach((one) => { if (!one.textContent.trim()) wrong.push("a button without a name"); });
  ["main", "h1", "nav[aria-label]"].forEach((one) => { if (all(one).length !== 1) wrong.push(`not one ${one}`); });
  let level = 1;
  all("h1, h2, h3, h4").forEach((one) => {
    if (Number(one.tagName[1]) > level + 1) wrong.push(`a heading skips a level: ${one.textContent}`);
    level = Number(one.tagName[1]);
  });
  if (document.documentElement.lang !== "en") wrong.push("no language");
  return wrong;
}"""
#: Text whose contrast with what is behind it is under 4.5, as WCAG 2 counts (1.4.3, level AA).
_PALE = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const pale = new Set();
  document.querySelectorAll("body *").forEach((one) => {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.getClientRects().length || one.closest("[disabled]")) return;
    const style = getComputedStyle(one);
    const [a, b] = [light(one.closest("svg") ? style.fill : style.color), light(behind(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.add(`${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`);
  });
  return [...pale];
}"""


def test_everybody_can_find_the_way(tab: Page) -> None:
    assert tab.evaluate(_STRUCTURE) == []


def test_all_text_stands_out_from_what_is_behind_it(tab: Page) -> None:
    assert tab.evaluate(_PALE) == []


def test_a_narrow_window_scrolls_tables_but_not_the_page(tab: Page) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    tab.set_viewport_size({"width": 1280, "height": 800})


def test_it_prints(tab: Page) -> None:
    paper = tab.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    tab.emulate_media(media="print")
    expect(tab.locator("nav")).to_be_hidden()
    expect(tab.locator("#gap-filters")).to_be_hidden()
    expect(tab.locator("table.matrix")).to_be_visible()
    tab.emulate_media(media="screen")


def test_nothing_was_loaded_or_complained_of_meanwhile(opened: Opened, written: Path) -> None:
    assert set(opened.requests) == {written.as_uri()}
    assert opened.complaints == []
