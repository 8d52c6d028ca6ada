"""All benchmarks, one after the other, and then the documentation's page of them: ``make bench``.

    make bench                                  the sizes that the committed results have; about an hour
    make bench ARGS="--smoke"                   does everything run at all?
    make bench ARGS="--only sharing latency"    only these

Every table has a command of its own, with options (``python benchmarks/sharing.py --help``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLES = (
    "sharing",
    "work",
    "by_hand",
    "scaling",
    "fhir_reading",
    "fhir_people",
    "latency",
    "divergence",
    "incremental",
    "spark_cost",
    "calls",
    "bounds",
    "bounds_answers",
    "bounds_run",
)


def main() -> None:
    """Run them; the first one that fails ends it."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--smoke", action="store_true", help="few people, once each; results are thrown away")
    made.add_argument("--only", nargs="+", choices=TABLES, default=TABLES)
    options = made.parse_args()
    for table in options.only:
        print(f"\n=== {table}", flush=True)
        smoke = ["--smoke", "--results", str(HERE / "data" / "smoke")] if options.smoke else []
        subprocess.run([sys.executable, str(HERE / f"{table}.py"), *smoke], check=True)
    if not options.smoke:
        subprocess.run([sys.executable, str(HERE / "page.py")], check=True)


if __name__ == "__main__":
    main()
