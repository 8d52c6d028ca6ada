"""Code systems: short names, the URI that is kept for each, and other spellings of it found in data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from measureharmony.spec_files import spec_folder

SYSTEMS_FILE = "systems.yaml"


@dataclass(frozen=True)
class CodeSystem:
    """One code system.

    ``form`` matches one whole code, or is None where codes are not checked. ``prefix``: value set files may name
    all codes with one beginning, ``E11.*``.
    """

    name: str
    uri: str
    aliases: tuple[str, ...] = ()
    form: re.Pattern[str] | None = None
    prefix: bool = False


class CodeSystems:
    """The known code systems, found by short name, URI or any other spelling."""

    def __init__(self, systems: Iterable[CodeSystem]):
        self.systems = tuple(systems)
        self._by_spelling = {
            spelling.casefold(): system
            for system in self.systems
            for spelling in (system.name, system.uri, *system.aliases)
        }

    def find(self, spelling: str) -> CodeSystem | None:
        """The system of this short name, URI, alias or bare OID, in capitals or not; None when it is not known."""
        found = self._by_spelling.get(spelling.casefold())
        return found or self._by_spelling.get(f"urn:oid:{spelling}")

    def canonical(self, uri: str) -> str:
        """The one URI kept for a system, whichever spelling data use; an unknown one is returned as it is."""
        found = self._by_spelling.get(uri.casefold())
        return found.uri if found else uri

    def short_name(self, uri: str) -> str:
        """``LOINC`` for ``http://loinc.org``; an unknown URI is returned as it is."""
        found = self._by_spelling.get(uri.casefold())
        return found.name if found else uri

    @property
    def names(self) -> tuple[str, ...]:
        """The short names, in alphabetical order."""
        return tuple(sorted(system.name for system in self.systems))


def read_systems(path: Path) -> CodeSystems:
    """Read a ``systems.yaml``; ``ValueError`` when a system lacks its URI or two share a spelling."""
    entries: dict[str, dict[str, object]] = yaml.safe_load(path.read_text(encoding="utf-8"))["systems"]
    systems = CodeSystems(_system(name, entry) for name, entry in entries.items())
    spellings = [s.casefold() for system in systems.systems for s in (system.name, system.uri, *system.aliases)]
    shared = {s for s in spellings if spellings.count(s) > 1}
    if shared:
        raise ValueError(f"{path.name}: several code systems share {', '.join(sorted(shared))}")
    return systems


def _system(name: str, entry: dict[str, object]) -> CodeSystem:
    uri, aliases, form = entry.get("uri"), entry.get("aliases", []), entry.get("form")
    if not isinstance(uri, str) or not isinstance(aliases, list):
        raise ValueError(f"code system {name} needs a 'uri', and 'aliases' as a list")
    return CodeSystem(
        name=name,
        uri=uri,
        aliases=tuple(str(alias) for alias in aliases),
        form=re.compile(str(form)) if form else None,
        prefix=entry.get("prefix") is True,
    )


def shipped_folder() -> Path:
    """The folder of shipped value sets."""
    return spec_folder() / "value_sets"


@lru_cache(maxsize=1)
def shipped_systems() -> CodeSystems:
    """The code systems that the library ships, read once."""
    return read_systems(shipped_folder() / SYSTEMS_FILE)


def parse_code(text: str, systems: CodeSystems | None = None) -> tuple[str | None, str]:
    """Split ``SYSTEM|code`` into (canonical system URI, code); ``*|code`` gives (None, code): whatever the system.

    The system is a short name or a URI. ``ValueError`` says what is wrong with the text.

    >>> parse_code("LOINC|97506-0")
    ('http://loinc.org', '97506-0')
    >>> parse_code("*|EMER")
    (None, 'EMER')
    """
    systems = systems or shipped_systems()
    name, bar, code = text.rpartition("|")
    if not bar or not name or not code or code != code.strip():
        raise ValueError(f"'{text}' is not a code; write SYSTEM|code, for example LOINC|4548-4, or *|code")
    if name == "*":
        return None, code
    system = systems.find(name)
    if system is None and not is_uri(name):
        raise ValueError(f"'{name}' is not a known code system; known: {', '.join(systems.names)}, or give its URI")
    return (system.uri if system else name), code


def is_uri(text: str) -> bool:
    """Whether a system is spelt as a URI, which is kept even when nobody here knows it."""
    return text.startswith("urn:") or "://" in text


def check_digit_holds(loinc: str) -> bool:
    """Whether a LOINC code's last digit is the Luhn check digit of the others: one wrong digit breaks it.

    Answers and parts (``LA…``, ``LP…``) follow no such rule and always hold.
    """
    body, _, check = loinc.partition("-")
    if not body.isdigit():
        return True
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10 == int(check)
