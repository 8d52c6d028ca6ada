"""What every test may use: the folder of published people beside the repository, and Hypothesis' profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
SHARED_ABSENT = "../shared is not here"

# `ci` gives the same examples on every machine and every run, so a red build is never luck. `nightly` hunts for new
# ones: `make nightly`. The plugin's own --hypothesis-profile is applied after this module, so it wins.
MACHINES_DIFFER = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", max_examples=60, derandomize=True, **MACHINES_DIFFER)
settings.register_profile("nightly", max_examples=3_000, **MACHINES_DIFFER)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``../shared`` with published test patients.

    Where the folder is, tests that use this fixture run and may fail, but never skip. Where it is not, none of them
    runs, and the terminal summary says so in one line.
    """
    return SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs ``shared``, directly or through another fixture, if the folder is absent."""
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason=SHARED_ABSENT)
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once how many tests the absent folder left out (counted from reports, so also right under xdist)."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sum(SHARED_ABSENT in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.write_line(f"{SHARED_ABSENT}: {left_out} tests of published people not run", yellow=True)
