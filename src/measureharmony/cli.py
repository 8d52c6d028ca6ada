"""The command line: the list of the commands, each of which has a module in ``commands``.

Exit codes: 0 done; 1 the answer is no (a spec is not valid, a deck disagrees); 2 the call or its input is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from measureharmony.commands.align import align
from measureharmony.commands.attribution import attribution
from measureharmony.commands.catalog import catalog
from measureharmony.commands.changelog import changelog
from measureharmony.commands.common_target import common_target
from measureharmony.commands.compare import compare
from measureharmony.commands.conformance import conformance
from measureharmony.commands.demo import demo
from measureharmony.commands.divergence import divergence
from measureharmony.commands.explain import explain
from measureharmony.commands.export import export
from measureharmony.commands.history import history
from measureharmony.commands.intake import intake
from measureharmony.commands.payments import payments
from measureharmony.commands.people import people
from measureharmony.commands.reconcile import reconcile
from measureharmony.commands.report import report
from measureharmony.commands.run import run
from measureharmony.commands.statistics import statistics
from measureharmony.commands.validate import validate
from measureharmony.commands.valuesets import VALUE_SETS, value_set_commands
from measureharmony.commands.worklist import worklist

#: What commands are for, as ``--help`` groups them, and each command's example.
_COMMANDS: dict[str, dict[Callable[..., None], str]] = {
    "Evaluate": {
        run: "run my-practice/ --as-of 2026-09-30 --output results/",
        demo: "demo --people 2000 --output demo-output",
        explain: "explain my-practice/ 4711 --measure cbp --program ma_stars",
        divergence: "divergence my-practice/ --program ma_stars --output who-moves/",
    },
    "Work with what was found": {
        worklist: "worklist my-practice/ --as-of 2026-09-30 --by-provider -o lists/",
        payments: "payments my-practice/ --as-of 2026-09-30 --what-if bcs.screened=+10",
        statistics: "statistics my-practice/ --interval clopper_pearson",
        attribution: "attribution my-practice/ --program ma_stars --output attribution/",
        history: "history practice.history --program ma_stars",
        reconcile: "reconcile my-practice/ gaps.csv --profile bluestone.yaml",
    },
    "Write what was found": {
        report: "report my-practice/ --as-of 2026-09-30 --output report/",
        export: "export my-practice/ --format gaps-in-care --program ma_stars",
    },
    "Payers' specs": {
        validate: "validate my-specs/payers/acme --sample demo",
        compare: "compare canonical bluestone_commercial -m bcs",
        align: "align bcs --program bluestone_commercial",
        common_target: "common-target gsd bcs --practice my-practice/",
        changelog: "changelog 2025-12-31 2026-12-31",
        intake: "intake payer.xlsx --program acme --output drafts",
    },
    "Measures and value sets": {
        catalog: "catalog mammogram",
        people: "people --specs my-specs",
        conformance: "conformance deck/2026 --value-sets deck/2026/valuesets -m CMS125",
    },
}


class _Commands(TyperGroup):
    """Commands whose options are looked into when they are called: the list of all commands needs none of them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, outline, rest = super().resolve_command(ctx, args)
        if name not in _FULL or outline is None:
            return name, outline, rest
        full = get_command(_FULL[name])
        full.epilog = outline.epilog
        return name, full, rest


def _typer(**more: Any) -> typer.Typer:
    return typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **more,
    )


app = _typer(
    name="measureharmony",
    cls=_Commands,
    help="One canonical set of quality measures, every payer's version of it, one pass over one practice's data.",
)

#: Each command in full, by its name.
_FULL: dict[str, typer.Typer] = {}


def _outline() -> None:
    """Stands for every command in the list of them; :class:`_Commands` calls the command in full instead."""


def _list(name: str, full: typer.Typer, **told: str | None) -> None:
    """List a command by what is ``told`` of it, and keep it in full for when it is called."""
    app.command(name, **told)(_outline)  # type: ignore[arg-type]
    _FULL[name] = full


def _alone(name: str, command: Callable[..., None]) -> typer.Typer:
    full = _typer(add_completion=False)
    full.command(name)(command)
    return full


for panel, commands in _COMMANDS.items():
    for command, example in commands.items():
        name = command.__name__.replace("_", "-")
        epilog = f"Example: measureharmony {example}"
        _list(name, _alone(name, command), help=command.__doc__, rich_help_panel=panel, epilog=epilog)
_list("valuesets", value_set_commands, help=VALUE_SETS, rich_help_panel="Measures and value sets")


__all__ = ["app"]
