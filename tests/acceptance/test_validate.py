"""``measureharmony validate`` of one program's folder, as an analyst, a script and a commit hook meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from measureharmony import specs as reading
from measureharmony.specs import Specs
from tests.acceptance.conftest import Command
from tests.unit.validation.contracts import EVERY_DECISION, write_contract

YOUNG = "set_parameter: {name: age_from, to: 50}"
WRONG = "set_parameter: {name: age_from, to: 500}"


@pytest.fixture(autouse=True)
def shipped_specs_are_read_once(monkeypatch: pytest.MonkeyPatch, specs: Specs) -> None:
    read = reading.read_specs

    def read_specs(*asked: str | Path | None, trust_shipped: bool = False) -> Specs:
        return specs if trust_shipped and not any(asked) else read(*asked, trust_shipped=True)

    monkeypatch.setattr(reading, "read_specs", read_specs)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("changes", "accepted", "options", "code"),
    [
        ([YOUNG], EVERY_DECISION, ["--strict"], 0),
        ([YOUNG], EVERY_DECISION[1:-1], [], 0),
        ([YOUNG], EVERY_DECISION[1:-1], ["--strict"], 1),
        ([WRONG], EVERY_DECISION, [], 1),
    ],
)
def test_the_exit_code_says_whether_something_is_wrong(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: list[str],
    accepted: tuple[str, ...],
    options: list[str],
    code: int,
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)  # nothing is to be proved here
    result = command("validate", write_contract(tmp_path, {"bcs": changes}, accepted), *options)
    assert result.exit_code == code, result.output
    assert "the solver is not installed. Install it: pip install 'measureharmony[proofs]'" in one_line(result.stdout)


def test_files_stand_for_their_folder(command: Command, tmp_path: Path) -> None:
    folder = write_contract(tmp_path, {"bcs": [WRONG]})
    result = command("validate", folder / "bcs.yaml", folder / "program.yaml", "--format", "json")
    (program,) = json.loads(result.stdout)["programs"]
    assert [finding["code"] for finding in program["findings"]] == ["change-out-of-bounds"]


def test_several_programs_are_in_one_report(command: Command, tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        folders.append(write_contract(tmp_path / name, {"bcs": [WRONG]}))
    log = json.loads(command("validate", *folders, "--format", "sarif").stdout)
    assert len(log["runs"][0]["results"]) == len(log["runs"][0]["invocations"]) == 2
    lines = command("validate", *folders, "--format", "github").stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice", "::error", "::notice"]


def test_a_folder_of_specs_has_the_formats_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "payers").mkdir()
    write_contract(tmp_path / "payers", {"bcs": [WRONG]})
    result = command("validate", tmp_path, "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=")
    assert ",title=change-out-of-bounds::age_from = 500 is above its maximum of 75 years%0Afix: " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sample", "demo"], "--against and --sample need a program's folder"),
        (["acme", "elsewhere"], "elsewhere is no program's folder."),
        (["elsewhere", "nowhere"], "Several folders can only be programs' folders"),
        (["acme", "--against", "nobody"], "There is no program nobody."),
        (["acme", "--sample", "elsewhere"], "missing-folder"),
        (["elsewhere"], "There is no folder elsewhere."),
    ],
)
def test_a_mistaken_call_says_what_to_do(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_contract(tmp_path, {"bcs": [YOUNG]})
    result = command("validate", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


# --- the hook --------------------------------------------------------------------------------------------------------


def test_the_hook_checks_the_programs_whose_files_are_committed(tmp_path: Path, repository: Path) -> None:
    """With pre-commit itself, in a repository of contracts; only how the library is installed is left out."""
    (hook,) = yaml.safe_load((repository / ".pre-commit-hooks.yaml").read_text("utf-8"))
    words = hook["entry"].split()
    assert words[0] == "measureharmony"
    local = {key: hook[key] for key in ("id", "name", "files", "require_serial")}
    local |= {"language": "system", "entry": " ".join([sys.executable, "-m", *words])}
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    (tmp_path / "payers" / "other").mkdir(parents=True)
    (tmp_path / "payers" / "other" / "program.yaml").write_text("not: ours\n", "utf-8")
    folder = write_contract(tmp_path / "payers", {"bcs": [WRONG]})
    env = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / ".cache"), "COLUMNS": "80"}

    def run(*call: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=300)

    run("git", "init", "--quiet")
    run("git", "add", str(folder), ".pre-commit-config.yaml")
    done = run(sys.executable, "-m", "pre_commit", "run")
    assert done.returncode == 1, done.stderr
    assert "payers/acme/bcs.yaml:4: error change-out-of-bounds" in done.stdout
    assert "payers/other" not in done.stdout
