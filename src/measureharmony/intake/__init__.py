"""A payer's sheet of measures, taken in: measures recognised, parameters made changes, every cell accounted for."""

from __future__ import annotations

from measureharmony.intake.cells import IntakeError
from measureharmony.intake.intake import Intake, take_in

__all__ = ["Intake", "IntakeError", "take_in"]
