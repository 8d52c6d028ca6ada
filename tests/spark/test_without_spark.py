"""Everything but Spark's own module works where PySpark is not installed."""

from __future__ import annotations

import subprocess
import sys

#: PySpark cannot be imported, as if it were not there.
BLOCKED = "import sys; sys.modules['pyspark'] = None\n"


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_run_needs_no_pyspark() -> None:
    said = run(
        BLOCKED + "import measureharmony as mh\n"
        "found = mh.evaluate(mh.demo_practice(20), mh.load_specs(), measures=['gsd'])\n"
        "print(len(found.outcomes) > 0)"
    )
    assert said == "True\n"


def test_spark_is_asked_for_by_name() -> None:
    said = run(
        BLOCKED + "from measureharmony.errors import UsageError\n"
        "try:\n    import measureharmony.spark\nexcept UsageError as error:\n    print(error)"
    )
    assert said == "PySpark is not installed. Install it: pip install 'measureharmony[spark]'\n"


def test_the_command_line_says_how_to_install_it() -> None:
    script = BLOCKED + (
        "from typer.testing import CliRunner\nfrom measureharmony.cli import app\n"
        "done = CliRunner().invoke(app, ['run', 'nowhere', '--engine', 'spark'])\n"
        "print(done.exit_code, done.output)"
    )
    assert run(script).startswith("2 PySpark is not installed.")


def test_nothing_imports_pyspark_unasked() -> None:
    said = run("import sys, measureharmony.cli, measureharmony.out_of_core\nprint('pyspark' in sys.modules)")
    assert said == "False\n"
