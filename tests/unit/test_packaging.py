"""What a user installs: the wheel holds the specs, the pins are complete, and importing is light."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

#: Loaded late, only by what needs them (pandas alone takes most of a second; Spark need not be there at all).
HEAVY_MODULES = ("pandas", "pyspark")


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(repository)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel_files(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def wheel_metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode("utf-8"))


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".DS_Store"} & set(path.parts)
    }


def name_of(requirement: str) -> str:
    """The normalised name at the start of a requirement or pin: ``PyYAML>=6`` -> ``pyyaml``."""
    (name,) = re.findall(r"^[A-Za-z0-9._-]+?(?=\s*(?:[<>=!~;\[#]|$))", requirement)
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_wheel_holds_every_spec_file(repository: Path, wheel_files: set[str]) -> None:
    shipped = files_below(repository / "measure_specs")
    inside = {f.removeprefix("measureharmony/measure_specs/") for f in wheel_files if "/measure_specs/" in f}
    assert shipped
    assert inside == shipped


def test_the_wheel_holds_every_module_and_the_typing_marker(repository: Path, wheel_files: set[str]) -> None:
    modules = {f"measureharmony/{f}" for f in files_below(repository / "src" / "measureharmony")}
    assert "measureharmony/py.typed" in modules
    assert modules <= wheel_files


def test_the_wheel_holds_nothing_else(wheel_files: set[str]) -> None:
    tops = {f.split("/", 1)[0] for f in wheel_files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"measureharmony"}


def test_the_wheel_carries_licence_and_command(wheel: Path, wheel_metadata: Message, project: dict[str, Any]) -> None:
    assert wheel_metadata["License-Expression"] == "Apache-2.0"
    assert wheel_metadata["Version"] == project["version"]
    with zipfile.ZipFile(wheel) as archive:
        texts = {name.rsplit("/", 1)[-1]: archive.read(name).decode("utf-8") for name in archive.namelist()}
    assert "Apache License" in texts["LICENSE"]
    assert "measureharmony = measureharmony.__main__:main" in texts["entry_points.txt"]


def test_the_version_is_said_in_one_place(repository: Path, project: dict[str, Any]) -> None:
    assert metadata.version("measureharmony") == project["version"]
    sources = (repository / "src").rglob("*.py")
    assert not [s.name for s in sources if re.search(r"^__version__\s*=\s*[\"']", s.read_text("utf-8"), re.MULTILINE)]


def test_every_dependency_is_pinned_once_and_no_registry_is_named(repository: Path, project: dict[str, Any]) -> None:
    pins = [
        line
        for line in (repository / "constraints.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert [p for p in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", p)] == []
    pinned = [name_of(p) for p in pins]
    extras = [package for packages in project["optional-dependencies"].values() for package in packages]
    wanted = project["dependencies"] + [package for package in extras if not package.startswith("measureharmony[")]
    assert len(pinned) == len(set(pinned))
    assert {name_of(w) for w in wanted} <= set(pinned)


def test_every_runtime_dependency_has_its_reason_written_down(repository: Path, project: dict[str, Any]) -> None:
    decision = (repository / "docs" / "decisions" / "0005-dependencies.md").read_text("utf-8")
    explained = set(re.findall(r"^\| (\S+) \|", decision, re.MULTILINE)) - {"dependency"}
    assert explained == {name_of(d) for d in project["dependencies"]}


def test_importing_the_package_stays_light() -> None:
    code = f"import sys, measureharmony; print(*[m for m in {HEAVY_MODULES!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
