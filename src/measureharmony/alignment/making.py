"""From what the solver chose to rows of the dataset contract."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.alignment.enrolment import CoverSpan
from measureharmony.alignment.plainness import WRITTEN
from measureharmony.alignment.rows import Row
from measureharmony.alignment.solving import Model, Solving
from measureharmony.alignment.somebody import Cells, FurtherCode, MadeEvent, Somebody, iso
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.time_kernels import FIRST_DAY, LAST_DAY
from measureharmony.practice.contract import DEFAULT_STATUS, NO_END, ORDER_KINDS

_LINK_CELLS = {"encounter": "encounter_id", "parent": "parent_id", "based_on": "based_on_id"}
_STATED = {"sex": ("female", "male"), "gender": ("female", "male", "other", "unknown")}
#: How events are spread over a supply: a dose is said for so many days.
_SUPPLY_DAYS = 30


class Making:
    """Writes the rows of somebody whom the solver found."""

    def __init__(self, solving: Solving, model: Model):
        self._solving, self._model = solving, model
        self._world = solving.world
        there = [row for row in self._world.rows if model.holds(row.present)]
        self._rows = sorted(there, key=lambda row: model.whole(row.rank))
        self._ids = {id(row): str(number) for number, row in enumerate(self._rows, start=1)}

    def somebody(self) -> Somebody | None:
        """The rows; ``None`` where codes are asked for that nobody knows."""
        events = [self._event(row) for row in self._rows]
        if any(event is None for event in events):
            return None
        index = self._world.index
        return Somebody(
            self._person(),
            tuple(self._coverage()),
            tuple(event for event in events if event is not None),
            None if index is None else self._ids[id(index)],
        )

    def _person(self) -> Cells:
        cells = {"birth": iso(self._model.whole(self._world.birth.lo))}
        for column, stated in self._world.stated.items():
            number = self._model.whole(stated)
            if number >= 0:
                cells[column] = _STATED[column][number]
        death = self._model.whole(self._world.death.lo)
        if death != NEVER_ENDS:
            cells["death"] = iso(death)
        return cells

    def _coverage(self) -> Iterator[Cells]:
        wishes = self._solving.wishes
        place = self._model.whole(wishes.pattern)
        for span in wishes.coverage[place] if 0 <= place < len(wishes.coverage) else ():
            yield span_cells(span)

    # --- events ------------------------------------------------------------------------------------------------------

    def _event(self, row: Row) -> MadeEvent | None:
        kind = self._world.words.word("kind", self._model.whole(row.kind)) or "observation"
        cells: dict[str, str] = {"event_id": self._ids[id(row)], "kind": kind}
        codes = self._codes(row)
        if codes is None:
            return None
        first = next((code for code in codes if code[0] == "code"), None)
        if first is not None:
            cells |= {"code_system": first[1], "code": first[2]}
        cells |= self._times(row, kind) | self._words(row, kind) | self._numbers(row) | self._links(row)
        if self._model.holds(row.not_done):
            cells["not_done"] = "true"
        return MadeEvent({name: cell for name, cell in cells.items() if cell}, tuple(c for c in codes if c != first))

    def _codes(self, row: Row) -> tuple[FurtherCode, ...] | None:
        found: list[FurtherCode] = []
        for role in dict.fromkeys(role for role, _ in row.codes):
            asked = {ref: self._model.holds(coded) for (r, ref), coded in row.codes.items() if r == role}
            wanted, refused = ([ref for ref, is_so in asked.items() if is_so is so] for so in (True, False))
            codings = self._world.facts.codings(wanted, refused)
            if codings is None:
                return None
            found += [(role, system, code) for system, code in codings]
        return tuple(found)

    def _times(self, row: Row, kind: str) -> dict[str, str]:
        days = {name: self._model.whole(row.times[name].lo) for name in WRITTEN if name in row.times}
        days.setdefault("start", days.get("end", days.get("authored", days.get("recorded", SINCE_EVER))))
        end = days.get("end")
        if end is not None and (end == NEVER_ENDS if kind == "condition" else end == days["start"]):
            del days["end"]  # that is how such events end where nothing is said
        if days.get("authored") == days["start"] and kind in ORDER_KINDS:
            del days["authored"]
        return {name: _written(day) for name, day in days.items()}

    def _words(self, row: Row, kind: str) -> dict[str, str]:
        cells = {}
        for column, cell in row.columns.items():
            word = self._world.words.word(column, self._model.whole(cell))
            usual = {"status": DEFAULT_STATUS.get(kind) or None, "source": "ehr"}.get(column)
            if word is not None and word != usual:
                cells[column] = word
        for column in {column for column, _ in row.several}:
            if not self._model.holds(row.several[column, ""]):
                there = [w for (c, w), has in row.several.items() if c == column and w and self._model.holds(has)]
                cells[column] = " ".join(sorted(there)) or "none"
        return cells

    def _numbers(self, row: Row) -> dict[str, str]:
        cells: dict[str, str] = {}
        for (column, unit), (known, number) in row.numbers.items():
            if not self._model.holds(known):
                continue
            amount = self._model.number(number)
            if column == "daily_dose":
                cells |= {"days_supply": str(_SUPPLY_DAYS), "quantity": f"{amount * _SUPPLY_DAYS:.9g}"}
                continue
            cells[column] = f"{amount:.9g}"
            if column == "value" and isinstance(unit, str):
                cells["unit"] = unit
        if cells.get("value") and cells.get("value_type") == "quantity":
            del cells["value_type"]
        return cells

    def _links(self, row: Row) -> dict[str, str]:
        cells: dict[str, list[str]] = {}
        for what, holds in row.others.items():
            if isinstance(what, tuple) and what[0] == "link" and what[2] in self._ids and self._model.holds(holds):
                cells.setdefault(_LINK_CELLS[what[1]], []).append(self._ids[what[2]])
        return {column: " ".join(sorted(targets)) for column, targets in cells.items()}


def span_cells(span: CoverSpan) -> Cells:
    """A span of coverage as a row of the contract."""
    cells = {"payer": span.payer, "start": iso(span.start), "end": "" if span.end is None else iso(span.end)}
    return {**cells, "product_line": span.line, "benefits": span.benefits}


def _written(day: int) -> str:
    if day < FIRST_DAY:  # since ever
        return ""
    return NO_END if day >= LAST_DAY else iso(day)


__all__ = ["Making", "span_cells"]
