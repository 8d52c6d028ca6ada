"""Code systems are one system however data spell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony.value_sets import parse_code, shipped_systems
from measureharmony.value_sets.systems import check_digit_holds, read_systems

HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


@pytest.mark.parametrize(
    "spelling", ["HCPCS", "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "urn:oid:2.16.840.1.113883.6.285"]
)
def test_every_spelling_leads_to_one_uri(spelling: str) -> None:
    assert shipped_systems().canonical(spelling) == HCPCS


def test_an_unknown_uri_is_kept() -> None:
    assert shipped_systems().canonical("http://example.org/codes") == "http://example.org/codes"
    assert shipped_systems().short_name("http://example.org/codes") == "http://example.org/codes"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("LOINC|97506-0", ("http://loinc.org", "97506-0")),
        ("RxNorm|6809", ("http://www.nlm.nih.gov/research/umls/rxnorm", "6809")),
        ("*|EMER", (None, "EMER")),
        ("http://example.org/codes|x", ("http://example.org/codes", "x")),
    ],
)
def test_a_code_is_a_system_and_a_code(text: str, code: tuple[str | None, str]) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize("text", ["97506-0", "|97506-0", "LOINC|", "LOINC| 97506-0", ""])
def test_half_a_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a code; write SYSTEM\|code"):
        parse_code(text)


def test_an_unknown_system_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'LONIC' is not a known code system; known: CDCREC"):
        parse_code("LONIC|97506-0")


def test_the_check_digit_finds_swapped_digits() -> None:
    assert check_digit_holds("17856-6")
    assert check_digit_holds("LA6751-7")
    assert not check_digit_holds("17865-6")


def test_two_systems_cannot_share_a_spelling(tmp_path: Path) -> None:
    path = tmp_path / "systems.yaml"
    path.write_text("systems:\n  A: {uri: urn:a}\n  B: {uri: urn:b, aliases: [urn:A]}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"several code systems share urn:a"):
        read_systems(path)
