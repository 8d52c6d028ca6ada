"""Groups as rosters: Da Vinci member attribution lists, and plain groups of patients.

Every member is a row of its own, accepted or rejected as ``Group.member``; the group is accepted when it is a list of
people at all. ``docs/fhir.md`` says how each cell is found.
"""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.codings import extension, first_code
from measureharmony.practice.fhir.json_shapes import JsonObject, as_object, as_text, objects
from measureharmony.practice.fhir.record import Person, Scope
from measureharmony.practice.fhir.sheets import Harvest, Place
from measureharmony.practice.fhir.times import first_day, last_day

_ATR = "http://hl7.org/fhir/us/davinci-atr/StructureDefinition/"
#: What lists say of a member, in the contract's words; drafts and their users spell it in several ways.
_CHANGES = {
    "new": "new", "add": "new", "changed": "changed", "change": "changed", "dropped": "dropped", "drop": "dropped",
    "nochange": "nochange",
}  # fmt: skip
MEMBER = "Group.member"


@dataclass(frozen=True)
class Role:
    """What a PractitionerRole says: who it is, for which organization, with which specialty; empty: it does not."""

    practitioner: str
    organization: str
    specialty: str


def read_role(resource: JsonObject, scope: Scope) -> Role:
    """The role that a PractitionerRole describes."""
    reference = as_text(as_object(resource.get("practitioner")).get("reference"))
    organization = as_text(as_object(resource.get("organization")).get("reference"))
    specialties = [as_text(one.get("text")) or first_code(one) for one in objects(resource.get("specialty"))]
    return Role(
        scope.target(reference, "Practitioner")[1],
        scope.target(organization, "Organization")[1],
        next(filter(None, specialties), ""),
    )


def complete_providers(harvest: Harvest, roles: dict[str, Role]) -> None:
    """Write each practitioner's organization as group and, where none is known, the role's specialty."""
    by_practitioner: dict[str, Role] = {}
    for role in roles.values():
        by_practitioner.setdefault(role.practitioner, role)
    for row in harvest.providers:
        found = by_practitioner.get(str(row["provider_id"]))
        if found is not None:
            row["group_id"] = found.organization or None
            row["specialty"] = row.get("specialty") or found.specialty or None


def add_roster(
    harvest: Harvest, people: dict[str, Person], roles: dict[str, Role], listed: tuple[Place, JsonObject, Scope]
) -> None:
    """Write a row for each member of a group, and account for all of them."""
    place, group, scope = listed
    members = objects(group.get("member"))
    if group.get("type") != "person" or group.get("actual") is False or not members:
        harvest.reject(place, "Group", "type" if members else "member", "group-not-a-list", group.get("type"))
        return
    harvest.accept(place, "Group")
    for member in members:
        _add_member(harvest, _Listed(place, group, scope, people, roles), member)


@dataclass(frozen=True)
class _Listed:
    """A group, and what its members refer to."""

    place: Place
    group: JsonObject
    scope: Scope
    people: dict[str, Person]
    roles: dict[str, Role]

    @property
    def program(self) -> str:
        return as_text(self.group.get("name")) or as_text(self.group.get("id"))

    @property
    def start(self) -> str:
        """The first day of the contract, where the group says it."""
        contract = extension(self.group, _ATR + "ext-contractValidityPeriod").get("valuePeriod")
        return as_text(as_object(contract).get("start"))


def _add_member(harvest: Harvest, listed: _Listed, member: JsonObject) -> None:
    reference = as_text(as_object(member.get("entity")).get("reference"))
    person = listed.people.get(listed.scope.target(reference, "Patient")[1]) if reference else None
    span = as_object(member.get("period"))
    start, end = as_text(span.get("start")) or listed.start, as_text(span.get("end"))
    change = _CHANGES.get(as_text(extension(member, _ATR + "ext-changeType").get("valueCode")))
    column, rule = _refused(person, start, end, over=member.get("inactive") is True or change == "dropped")
    if rule or person is None:
        harvest.reject(listed.place, MEMBER, column, rule, reference if column == "entity" else span.get(column))
        return
    harvest.accept(listed.place, MEMBER)
    harvest.roster.append(
        {
            "person_id": person.person_id,
            "program": listed.program,
            "start": first_day(start),
            "end": last_day(end) if end else NO_END,
            "provider_id": _provider(member, listed.scope, listed.roles),
            "change": change,
            "_file": listed.place.file,
            "_row": listed.place.row,
        }
    )


def _refused(person: Person | None, start: str, end: str, *, over: bool) -> tuple[str, str]:
    """The element and the rule that speak against a member; empty texts when nothing does."""
    if person is None:
        return "entity", "unknown-person"
    if not start:
        return "start", "member-without-start"
    if over and not end:
        return "end", "member-without-end"
    return "", ""


def _provider(member: JsonObject, scope: Scope, roles: dict[str, Role]) -> str | None:
    """The attributed provider; of a role, the practitioner in it, or else its organization."""
    given = as_object(extension(member, _ATR + "ext-attributedProvider").get("valueReference"))
    kind, name = scope.target(as_text(given.get("reference")), "Practitioner")
    if kind == "PractitionerRole" and name in roles:
        name = roles[name].practitioner or roles[name].organization
    return name or None
