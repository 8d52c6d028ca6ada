"""Which column of a table holds what: headings recognised without being told, and mappings that people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import yaml

from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.yaml_nodes import line_of, mapping_of, read_entries, texts_of

#: The file, beside the tables that it is about, that says what their columns hold.
COLUMNS_FILE = "columns.yaml"
KEYS = ("columns", "ignore", "sheets", "systems", "names")

#: What a column can hold, and the headings by which it is known: those of the library's own CSV files, of VSAC
#: spreadsheets (one value set, or one row for each code of many) and of the NCQA value set directory.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "oid": ("oid", "value set oid"),
    "title": ("title", "value set name"),
    "version": ("definition version", "value set version"),
    "expansion": ("expansion version",),
    "code": ("code",),
    "display": ("display", "description", "descriptor", "definition"),
    "system": ("system", "code system", "code system name"),
    "system_oid": ("code system oid",),
    "system_version": ("version", "code system version"),
}
#: Headings of the same files that say nothing about which codes are in a set; so does all that begins "purpose:".
IGNORED = frozenset(
    {"cms id", "nqf number", "cbe number", "program candidate", "qdm category", "expansion id", "tty", "steward"}
)
#: Labels, before a table or on a sheet of their own, by which a file of one value set says which it is.
LABELS: Mapping[str, str] = {
    "name": "title", "value set name": "title", "oid": "oid", "value set oid": "oid", "version": "version",
    "definition version": "version", "value set version": "version", "expansion version": "expansion",
}  # fmt: skip


def normal(heading: str) -> str:
    """A heading or label without regard to capitals, underscores, blanks and a final colon.

    >>> normal(" Value_Set  OID:")
    'value set oid'
    """
    return " ".join(heading.replace("_", " ").casefold().split()).removesuffix(":").strip()


def _known_headings() -> dict[str, str]:
    return {heading: name for name, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class ColumnMapping:
    """What the columns of a folder's tables hold.

    ``headings``: from heading to field, one of the keys of :data:`HEADINGS`. ``ignored``: headings that say nothing
    about membership. ``sheets``: the sheets that hold codes; empty means all that have a table of codes. ``systems``:
    from the file's word for a code system to ours. ``names``: from a set's OID or name in the file to the name that
    specs use, with the line that says so.
    """

    headings: Mapping[str, str] = field(default_factory=_known_headings)
    ignored: frozenset[str] = IGNORED
    sheets: tuple[str, ...] = ()
    systems: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def field_of(self, heading: str) -> str | None:
        """What a column holds, by its heading; None when that is not known."""
        return self.headings.get(normal(heading))

    def ignores(self, heading: str) -> bool:
        """Whether a column says nothing about which codes are in a set."""
        known = normal(heading)
        return known in self.ignored or known.startswith("purpose:")

    def name_of(self, *keys: str) -> str:
        """The name that specs use for the set of this OID or title, where the mapping says it; else nothing."""
        return next((self.names[normal(key)][0] for key in keys if normal(key) in self.names), "")


def read_column_mapping(complaints: Complaints) -> ColumnMapping:
    """The mapping that the complaints' file writes down; what it does not say is as without it."""
    entries = read_entries(complaints, KEYS, "columns:") or {}
    systems = {normal(word): str(node.value) for word, node in mapping_of(entries, "systems", complaints).items()}
    names = {
        normal(key): (str(node.value), line_of(node)) for key, node in mapping_of(entries, "names", complaints).items()
    }
    ignored = IGNORED | {normal(heading) for heading in texts_of(entries, "ignore", complaints)}
    mapping = ColumnMapping(
        _headings(mapping_of(entries, "columns", complaints), complaints),
        ignored,
        texts_of(entries, "sheets", complaints),
        systems,
        names,
    )
    return replace(mapping, headings={h: f for h, f in mapping.headings.items() if h not in ignored or f == "code"})


def _headings(given: Mapping[str, yaml.ScalarNode], complaints: Complaints) -> dict[str, str]:
    """The known headings, those of a field that the mapping names replaced by the one that it gives."""
    headings = {heading: name for heading, name in _known_headings().items() if name not in given}
    for name, node in given.items():
        if name in HEADINGS:
            headings[normal(str(node.value))] = name
        else:
            fix = f"the columns are {', '.join(HEADINGS)}"
            complaints.add(line_of(node), "unknown-key", f"no column of a code table is called '{name}'", fix)
    return headings


__all__ = ["COLUMNS_FILE", "HEADINGS", "LABELS", "ColumnMapping", "normal", "read_column_mapping"]
