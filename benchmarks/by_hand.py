"""One pass for ten payers, beside what people do today: the same measures in pandas and in SQL, payer by payer.

    python benchmarks/by_hand.py                   200,000 people, 20 million events
    python benchmarks/by_hand.py --people 20000    a smaller practice
    python benchmarks/by_hand.py --smoke           300 people, one contract, once

Five measures, ten contracts (``contracts.py``). All three ways begin with Parquet files and end with rates:
denominator, exclusions and numerator of every measure, rate and payer. They have to be equal, or this ends in an error.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from contracts import CONTRACTS, MEASURES, write_contracts
from hand_written import with_pandas, with_sql
from hand_written.code_lists import write_code_lists
from machine import machine_facts
from measuring import Clock, Run, here, in_turn, measured, parser, peak_gb, seconds
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from reporting import Report, finished, times

import measureharmony as mh

NAME = "by_hand"
SMOKE_CONTRACTS = 1
#: Denominator, exclusions, numerator, by "program, measure, rate".
Rates = Mapping[str, Sequence[int]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, compare what was found, and report."""
    options = parser(__doc__, people=200_000).parse_args(arguments)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    run, count = (here, SMOKE_CONTRACTS) if options.smoke else (measured, len(CONTRACTS))
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        specs, lists = Path(folder), Path(folder) / "code_lists.parquet"
        write_contracts(specs, count)
        write_code_lists(lists, data)
        cases = {
            "scan": partial(run, scan, data=data),
            "ours": partial(run, ours, data=data, specs=specs),
            "sql": partial(run, in_sql, data=data, lists=lists, count=count),
            "pandas": partial(run, in_pandas, data=data, lists=lists, count=count),
        }
        runs = in_turn(cases, 1 if options.smoke else options.repeat)
    require_equal_rates(runs)
    finished(_report(runs, machine), options.results)


# --- the three ways --------------------------------------------------------------------------------------------------


def ours(clock: Clock, data: str, specs: str) -> Mapping[str, Any]:
    """All contracts in one pass."""
    with clock.stage("specs"):
        loaded = loaded_specs(specs)
    with clock.stage("read"):
        practice = mh.read_practice(data)
    with clock.stage("rates"):
        results = mh.evaluate(practice, loaded, year=YEAR, measures=MEASURES)
        rows = results.rates.to_arrow().to_pylist()
    kept = [row for row in rows if row["program"] != "canonical" and not row["stratum"]]
    counts = ("denominator", "denominator_exclusion", "above")
    rates = {_key(row["program"], row["measure"], row["rate"]): [row[name] for name in counts] for row in kept}
    return {"people": practice.person_count, "rates": rates}


def in_pandas(clock: Clock, data: str, lists: str, count: int) -> Mapping[str, Any]:
    """One contract after the other, in pandas."""
    with clock.stage("read"):
        tables = with_pandas.read(Path(data), Path(lists))
    with clock.stage("rates"):
        found = {contract.program: with_pandas.rates(tables, contract) for contract in CONTRACTS[:count]}
    return {"rates": _by_key(found)}


def in_sql(clock: Clock, data: str, lists: str, count: int) -> Mapping[str, Any]:
    """One contract after the other, in SQL."""
    with clock.stage("read"):
        connection = with_sql.read(Path(data), Path(lists))
    with clock.stage("rates"):
        found = {contract.program: with_sql.rates(connection, contract) for contract in CONTRACTS[:count]}
    return {"rates": _by_key(found)}


def _by_key(found: Mapping[str, Mapping[tuple[str, str], Sequence[int]]]) -> Rates:
    return {_key(program, *rate): list(counts) for program, of in found.items() for rate, counts in of.items()}


def _key(program: str, measure: str, rate: str) -> str:
    return f"{program}, {measure}, {rate}"


def require_equal_rates(runs: Mapping[str, Sequence[Run]]) -> None:
    """Whoever counts differently is not faster or slower, but wrong."""
    expected: Rates = runs["ours"][0]["counts"]["rates"]
    for way in ("sql", "pandas"):
        found: Rates = runs[way][0]["counts"]["rates"]
        for key in sorted({*expected, *found}):
            if expected.get(key) != found.get(key):
                raise SystemExit(f"{way} finds {found.get(key)} of {key}; we find {expected.get(key)}.")


# --- the report ------------------------------------------------------------------------------------------------------


def _report(runs: Mapping[str, Sequence[Run]], machine: Mapping[str, Any]) -> Report:
    counts = runs["ours"][0]["counts"]
    programs = {key.partition(",")[0] for key in counts["rates"]}
    whole = {way: seconds(runs[way], "read", "rates") for way in ("ours", "sql", "pandas")}
    rates = {way: seconds(runs[way], "rates") for way in whole}
    scanned = seconds(runs["scan"])
    named = {"ours": "all contracts in one pass", "sql": "SQL, contract by contract", "pandas": "pandas, likewise"}
    rows = [["one DuckDB scan of the events", *_cells(scanned, None, scanned, whole["ours"])]]
    for way, name in named.items():
        rows.append([name, *_cells(whole[way], peak_gb(runs[way], "rates"), scanned, whole["ours"])])
        rows.append([f"{name}, once the tables are read", *_cells(rates[way], None, scanned, rates["ours"])])
    ratios = {
        way: {clock: whole[way][clock] / whole["ours"][clock] for clock in ("wall", "cpu")} for way in ("sql", "pandas")
    }
    specs = seconds(runs["ours"], "specs")["cpu"]
    return Report(
        NAME,
        "One pass for ten payers, and the same by hand",
        machine,
        [
            f"{counts['people']:,} people, {runs['scan'][0]['counts']['events']:,} events, Parquet; "
            f"{len(MEASURES)} measures, {len(programs)} contracts, {len(counts['rates'])} rates, equal all three ways.",
            f"Median of {len(runs['ours'])}; each way in a process of its own, in turn. What the specs take to be read "
            f"and checked ({specs:.1f} s CPU, however many the people) is not in it.",
        ],
        ["from Parquet to rates", "wall s", "CPU s", "peak GB", "CPU ÷ scan", "CPU ÷ one pass"],
        rows,
        [
            f"{name}: {times(ratios[way]['cpu'], 1)} the CPU time of one pass, {times(ratios[way]['wall'], 1)} by the "
            f"wall clock (the aim: {aim})."
            for way, name, aim in (("sql", "SQL by hand", "5 ×"), ("pandas", "pandas by hand", "50 ×"))
        ]
        + [
            f"A fiftieth of what pandas takes would be {times(whole['pandas']['cpu'] / 50 / scanned['cpu'])} a scan of "
            "the events, with nothing asked of them."
        ],
        {"ratios": ratios, "runs": {way: [run["stages"] for run in those] for way, those in runs.items()}},
    )


def _cells(
    took: Mapping[str, float], gigabytes: float | None, scanned: Mapping[str, float], one_pass: Mapping[str, float]
) -> list[str]:
    peak = "" if gigabytes is None else f"{gigabytes:.2f}"
    ratios = [f"{took['cpu'] / other['cpu']:.1f}" for other in (scanned, one_pass)]
    return [f"{took['wall']:.2f}", f"{took['cpu']:.2f}", peak, *ratios]


if __name__ == "__main__":
    main()
