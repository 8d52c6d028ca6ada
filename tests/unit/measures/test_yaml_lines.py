from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from measureharmony.measures.yaml_lines import Document, read_yaml, read_yaml_text


def read(text: str) -> Document:
    return read_yaml_text(text, Path("a.yaml"))


def codes(document: Document) -> list[tuple[int, str]]:
    return [(issue.line, issue.code) for issue in document.issues]


def test_plain_data_with_the_line_of_every_part() -> None:
    document = read("# a comment\nname: x\nlist:\n  - a\n  - key: 1\n    other: 2.5\nflow: {on_line: [1,\n  2]}\n")
    assert document.issues == ()
    assert document.data == {"name": "x", "list": ["a", {"key": 1, "other": 2.5}], "flow": {"on_line": [1, 2]}}
    assert document.line(("name",)) == 2
    assert document.line(("list", 1)) == 5
    assert document.line(("list", 1, "other")) == 6
    assert document.line(("flow", "on_line", 1)) == 8


def test_a_part_without_a_line_has_the_line_of_the_nearest_part_around_it() -> None:
    assert read("a:\n  b: c\n").line(("a", "b", "c", 0)) == 2


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-01-01", dt.date(2026, 1, 1)),
        ("2026-01-01T10:00:00+02:00", "2026-01-01T10:00:00+02:00"),
        ("2026-01", "2026-01"),
        ('"no"', "no"),
        ("true", True),
        ("~", None),
        ("-3", -3),
        ("=", "="),
        ("$name", "$name"),
        ("LOINC|4548-4", "LOINC|4548-4"),
    ],
)
def test_values(written: str, means: object) -> None:
    document = read(f"a: {written}\n")
    assert document.issues == ()
    assert document.data == {"a": means}


@pytest.mark.parametrize("written", ["no", "on", "Yes", "0123", "12:30", "1_000", "0x1F", ".inf", ".nan"])
def test_words_that_yaml_reads_as_something_else(written: str) -> None:
    document = read(f"a: {written}\n")
    assert codes(document) == [(1, "spec-yaml-word")]
    assert document.data == {"a": written}


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("", (0, "spec-not-a-mapping")),
        ("# only a comment\n", (0, "spec-not-a-mapping")),
        ("just text\n", (1, "spec-not-a-mapping")),
        ("a: 1\na: 2\n", (2, "spec-duplicate-key")),
        ("a:\n\tb: 1\n", (2, "spec-syntax")),
        ("a: [1\nb: 2\n", (2, "spec-syntax")),
        ("a: 1\n---\nb: 2\n", (2, "spec-syntax")),
        ("a: \x07\n", (0, "spec-syntax")),
        ("a: !!python/object:os.system x\n", (1, "spec-syntax")),
        ("a: !mine x\n", (1, "spec-syntax")),
        ("base: {x: 1}\nb:\n  <<: {y: 1}\n", (3, "spec-syntax")),
        ("[a, b]: 1\n", (1, "spec-syntax")),
        ("a: &a [*a]\n", (1, "spec-syntax")),
        ("on: 1\n", (1, "spec-yaml-word")),
        ("a: 2026-02-30\n", (1, "spec-bad-value")),
    ],
)
def test_every_mistake_is_an_issue_with_its_line(text: str, issue: tuple[int, str]) -> None:
    assert codes(read(text)) == [issue]


def test_an_alias_stands_for_a_copy() -> None:
    document = read("a: &one {x: 1}\nb: *one\n")
    assert (document.issues, document.data) == ((), {"a": {"x": 1}, "b": {"x": 1}})


def test_aliases_cannot_make_a_file_endless() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert [code for _, code in codes(read("\n".join(lines)))] == ["spec-syntax"]


def test_deep_nesting_does_not_crash() -> None:
    document = read("a: " + "[" * 3000 + "]" * 3000 + "\n")
    assert {code for _, code in codes(document)} <= {"spec-syntax"}


def test_a_missing_file_is_an_issue(tmp_path: Path) -> None:
    assert codes(read_yaml(tmp_path / "absent.yaml")) == [(0, "spec-unreadable")]


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(tmp_path / "a.yaml").data == {"a": 1}
