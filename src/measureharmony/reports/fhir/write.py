"""FHIR files: NDJSON (a resource a line) for what there is one of for each person, bundles for what is little."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Variant
from measureharmony.reports.fhir.gaps import GapDocuments, entry
from measureharmony.reports.fhir.measure_report import MeasureReports, individual_id, list_id
from measureharmony.reports.fhir.setting import Json, Setting, resource_id
from measureharmony.reports.fhir.subjects import chosen
from measureharmony.reports.file_names import file_stem
from measureharmony.reports.results import Results


def write_measure_reports(
    results: Results,
    folder: str | Path,
    setting: Setting | None = None,
    programs: Collection[str] | None = None,
    measures: Collection[str] | None = None,
) -> list[Path]:
    """For each program a bundle of summaries, individual reports and subject lists; returns the paths.

    ``measure-reports_<program>_summary.json``, ``…_individual.ndjson`` and ``…_subject-list.ndjson`` (reports and the
    Lists they name), made in ``folder``, which is made if need be.
    """
    target, reports, paths = _made(folder), MeasureReports(results, setting), list[Path]()
    for program in _programs(results, programs, measures):
        stem, variants = f"measure-reports_{file_stem(program)}", chosen(results, [program], measures)
        summaries = [reports.setting.organization(), *map(reports.summary, variants)]
        paths.append(target / f"{stem}_summary.json")
        bundle = collection(reports.setting, program, summaries)
        paths[-1].write_bytes(orjson.dumps(bundle, option=orjson.OPT_INDENT_2))
        lines = map(orjson.dumps, reports.individuals(variants))
        paths.append(_write_lines(target / f"{stem}_individual.ndjson", lines))
        paths.append(_write_lines(target / f"{stem}_subject-list.ndjson", _subject_list_lines(reports, variants)))
    return paths


def write_gaps_in_care(  # noqa: PLR0913 - keywords, each with a default
    results: Results,
    folder: str | Path,
    setting: Setting | None = None,
    programs: Collection[str] | None = None,
    measures: Collection[str] | None = None,
    *,
    gaps: pa.Table | None = None,
    outsiders: bool = False,
) -> list[Path]:
    """For each program ``gaps-in-care_<program>.ndjson``, a document bundle a line; returns the paths."""
    target, reports, paths = _made(folder), MeasureReports(results, setting), list[Path]()
    for program in _programs(results, programs, measures):
        documents = GapDocuments(reports, program, measures, gaps).documents(outsiders)
        lines = map(orjson.dumps, documents)
        paths.append(_write_lines(target / f"gaps-in-care_{file_stem(program)}.ndjson", lines))
    return paths


def collection(setting: Setting, name: str, resources: Iterable[Json]) -> Json:
    """Resources as a bundle."""
    entries = [entry(setting.base, resource) for resource in resources]
    own_id = resource_id("collection", name)
    return {"resourceType": "Bundle", "id": own_id, "type": "collection", "entry": entries}


def _subject_list_lines(reports: MeasureReports, variants: Collection[Variant]) -> Iterator[bytes]:
    """Each variant's report, then the Lists that it names."""
    for variant in variants:
        yield orjson.dumps(reports.subject_list(variant))
        for rate in variant.measure.rates:
            for population in reports.form(variant, rate).codes:
                people = reports.subjects.people_in(variant, rate.id, population)
                yield _list_line(variant, rate, population, people)


def _list_line(variant: Variant, rate: Rate, population: str, people: list[str]) -> bytes:
    """A List of people's reports, as JSON; its entries are never all in Python as dictionaries."""
    entries = (b'{"item":{"reference":"MeasureReport/%b"}}' % individual_id(variant, who).encode() for who in people)
    head = orjson.dumps(
        {
            "resourceType": "List",
            "id": list_id(variant, rate, population),
            "status": "current",
            "mode": "snapshot",
            "title": f"{variant.measure.title}: {rate.title}: {population.replace('_', ' ')}",
        }
    )
    # FHIR knows no empty lists; an empty List says why it has no entries.
    rest = b'"entry":[' + b",".join(entries) + b"]" if people else b'"emptyReason":' + _NOBODY
    return head[:-1] + b"," + rest + b"}"


_NOBODY = orjson.dumps(
    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "nilknown"}]}
)


def _programs(results: Results, programs: Collection[str] | None, measures: Collection[str] | None) -> list[str]:
    """The programs of which there is something to write, in the order of the results."""
    return list(dict.fromkeys(variant.program for variant in chosen(results, programs, measures)))


def _made(folder: str | Path) -> Path:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    return target


def _write_lines(path: Path, lines: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            file.write(b"\n")
    return path


__all__ = ["collection", "write_gaps_in_care", "write_measure_reports"]
