"""What the acceptance tests share: specs read once, the demo run once, Synthea's people read once."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from measureharmony import specs as reading
from measureharmony.cli import app
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.fhir import FhirTables, read_fhir_resources
from measureharmony.specs import Specs
from tests.acceptance import small_practice

Command = Callable[..., Result]


@pytest.fixture(scope="session")
def specs() -> Specs:
    """The shipped specs."""
    return reading.load_specs()


@pytest.fixture(scope="session")
def published_specs(shared: Path) -> Specs:
    """The shipped specs with the published value sets."""
    return reading.load_specs(None, shared / "ecqm" / "2026" / "valuesets")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, specs: Specs) -> Command:
    """``command("run", folder, …)`` runs the command line within this process, in 80 columns.

    The shipped specs are read once for all tests; with ``--specs`` or ``--value-sets`` they are read as ever.
    """
    read = reading.load_specs

    def load(*asked: str | Path | None) -> Specs:
        return read(*asked) if any(asked) else specs

    monkeypatch.setattr(reading, "load_specs", load)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small practice as a folder of CSV files."""
    return small_practice.write_csv(tmp_path_factory.mktemp("small") / "practice", small_practice.tables())


@pytest.fixture(scope="session")
def small() -> Practice:
    """The small practice in memory."""
    return from_tables({name: small_practice.arrow(rows) for name, rows in small_practice.tables().items()})


def _unpacked(archive: Path, folder: Path) -> Path:
    """The folder with the archive's JSON files."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return next(folder.rglob("*.json")).parent


@pytest.fixture(scope="session")
def bundles(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> FhirTables:
    """Synthea's 235 bundles of 2010 to 2021, read whole."""
    return read_fhir_resources(_unpacked(shared / "synthea" / "r4_bundles.tar.xz", tmp_path_factory.mktemp("r4")))


@pytest.fixture(scope="session")
def synthea(bundles: FhirTables) -> Practice:
    """The people of the 235 bundles as a practice."""
    return from_tables(bundles.tables, "synthea", bundles.rejects, bundles.accounts)


@pytest.fixture(scope="session")
def named_payers_folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten people with named payers, as bundles."""
    return _unpacked(shared / "synthea" / "named_payers_10.tar.xz", tmp_path_factory.mktemp("payers"))


@pytest.fixture(scope="session")
def named_payers(named_payers_folder: Path) -> FhirTables:
    """The same, read whole."""
    return read_fhir_resources(named_payers_folder)
