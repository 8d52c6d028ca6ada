"""Makes the sample sheets of ``docs/examples/intake``: ``python -m tests.unit.intake.samples``.

Three made-up payers, who write their measures down in quite different ways.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from tests.unit.value_sets.workbook import Cell, write_workbook

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "intake"

CLAIMS, CHARTS = dt.date(2027, 3, 31), dt.date(2027, 2, 28)
ENROLLED = "Measurement year; 1 gap ≤45 days; anchor 12/31; medical benefit"

#: One row a measure; what matters stands as text in cells.
LAKESHORE: list[list[Cell]] = [
    ["Lakeshore Health Plan – Commercial Quality Incentive Program 2026"],
    ["Draft for provider groups. Questions: your contract manager."],
    [],
    [
        "Measure ID", "Measure", "Eligible ages", "Look-back", "Compliant value", "Continuous enrollment", "Target",
        "Incentive", "Claims deadline", "Chart deadline", "Exclusions", "Comments", "Owner",
    ],
    [
        "LS-01", "Breast Cancer Screening (BCS-E)", "Women 50–74", "24 months", None, ENROLLED, "72%",
        "$25 per closed gap, quarterly", CLAIMS, CHARTS, "Hospice; bilateral mastectomy; palliative care",
        "Any mammogram, 2D or 3D.", "Prevention",
    ],
    [
        "LS-02", "Colorectal Cancer Screening", "≥ 50 and ≤ 75",
        "Colonoscopy 10 years; FIT 1 year; FIT-DNA 3 years; sigmoidoscopy 5 years", None, ENROLLED, 0.65,
        "$25 per closed gap, quarterly", CLAIMS, CHARTS, "Hospice; colorectal cancer; total colectomy", None,
        "Prevention",
    ],
    [
        "LS-03", "Cervical Cancer Screening", "24-64", "Pap 3 years; HPV 5 years", None, ENROLLED, "≥ 70 %",
        "$20 per closed gap", CLAIMS, CHARTS, "Hospice; no cervix", None, "Prevention",
    ],
    [
        "LS-04", "HbA1c Control (<8.0 %)", "18 to 75 years", None, "< 8.0 %", ENROLLED, "60%",
        "$40 per closed gap, annual", CLAIMS, CHARTS, "Hospice; gestational diabetes", "Last test of the year.",
        "Chronic care",
    ],
    [
        "LS-05", "Controlling High Blood Pressure", "18–85", None, "< 140/90 mmHg", ENROLLED, "75th percentile",
        "$40 per closed gap, annual", CLAIMS, CHARTS, "Hospice; ESRD or dialysis; pregnancy", None, "Chronic care",
    ],
    [
        "LS-06", "Diabetic Eye Exam (EED)", "18–75", "Measurement year or the year prior", None, ENROLLED, "68%",
        "$15 per closed gap, annual", CLAIMS, CHARTS, None, None, "Chronic care",
    ],
    [
        "LS-07", "Follow-Up After Hospitalization for Mental Illness – 7 days", "6+", None, None, None, "45%",
        "$1.50 PMPM", CLAIMS, CHARTS, None, None, "Behavioral health",
    ],
    [
        "LS-08", "Annual Wellness Visit", "65+", "12 months", None, None, "80%", "$50 per visit", CLAIMS, CHARTS, None,
        "G0438 or G0439.", "Prevention",
    ],
]  # fmt: skip
LAKESHORE_CONTACTS: list[list[Cell]] = [["Contacts"], ["Quality line", "555-0100"]]

#: One fact a row, as a table comes out of a PDF: names only where a measure begins, the headings again on each page.
PINECREST: list[list[str]] = [
    ["Measure", "Specification element", "Requirement", "Page"],
    ["Mammogram (C01)", "Age range", "42 through 74", "11"],
    ["", "Lookback", "27 months", "11"],
    ["", "Enrollment", "Continuous enrollment, no more than one gap of up to 45 days, enrolled on Dec 31", "11"],
    ["", "Goal", "at least 74 %", "14"],
    ["", "Reward", "$10.00 per gap closed, paid quarterly", "14"],
    ["Diabetes: HbA1c poor control (> 9 %)", "Age range", "18-75", "12"],
    ["", "Threshold", "> 9.0 %", "12"],
    ["", "Goal", "at most 20 %", "14"],
    ["", "Missing result", "counts as poor control", "12"],
    ["Measure", "Specification element", "Requirement", "Page"],
    ["Diabetes: HbA1c good control (≤ 7.5 %)", "Threshold", "≤ 7.5 %", "13"],
    ["", "Goal", "≥ 50 %", "14"],
    ["Statin therapy for people with diabetes, statin filled (SPD)", "Age range", "40-75", "13"],
    ["", "Enrollment", "Two years, 1 gap of 45 days in each", "13"],
    ["", "Goal", "0.82", "14"],
    ["", "Accepted data", "Claims and pharmacy claims only", "13"],
    ["Kidney health evaluation (DMC22)", "Age range", "18-85 as of the end of the year", "13"],
    ["", "Days between the urine tests", "4", "13"],
    ["", "Measurement period", "7/1/2025 – 6/30/2026", "13"],
    ["", "Submission deadline", "Claims 9/30/2026; supplemental data 08/31/2026", "15"],
    ["Member experience survey", "Goal", "at least 88 points", "14"],
]

#: A grid: merged headings in two rows, units in the headings, groups between the measures, notes below.
SUMMIT: list[list[Cell]] = [
    ["Summit Medicare Advantage: what we pay for in 2026"],
    ["What", "Who counts: age (years)", None, "Window (months)", "2026 goals", None, None, "USD per closed gap",
     "Min. members", "Tips"],
    [None, "From", "To", None, "Bronze goal", "Silver goal", "Gold goal", None, None, None],
    ["Staying healthy"],
    ["Women's mammography", 50, 74, 27, 0.7, 0.75, 0.8, 12.5, 30, "Ask for outside records."],
    ["Bowel cancer check", 45, 75, "see manual", 0.6, 0.68, 0.75, 12.5, 30, None],
    ["Bone density after a fracture (women)", 67, 85, 24, 0.4, 0.5, 0.6, 30, 15, None],
    ["Living with illness"],
    ["Blood pressure under control", 18, 85, None, 0.65, 0.72, 0.8, 20, 30, "Last reading of the year."],
    ["Sugar under control (A1c below 9)", 18, 75, None, 0.7, 0.78, 0.85, 20, 30, None],
    ["Taking statins as prescribed (PDC-STA)", 18, None, None, 0.8, 0.84, 0.88, None, 30, "80 % of days."],
    [],
    ["All measures need continuous enrollment during the measurement year, with no more than one gap of 45 days."],
    ["Claims received by March 31, 2027 and medical records received by February 28, 2027 count."],
    ["Goals may be reviewed in July."],
]  # fmt: skip
SUMMIT_MERGED = ["A1:J1", "A2:A3", "B2:C2", "D2:D3", "E2:G2", "H2:H3", "I2:I3", "J2:J3", "A4:J4", "A8:J8"]


def write_samples(folder: Path) -> None:
    """Write the three files into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {"Quality measures": LAKESHORE, "Contacts": LAKESHORE_CONTACTS}
    write_workbook(folder / "lakeshore.xlsx", sheets)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(PINECREST)
    (folder / "pinecrest.csv").write_text(text.getvalue(), encoding="utf-8")
    write_workbook(folder / "summit.xlsx", {"Grid": SUMMIT}, {"Grid": SUMMIT_MERGED})


if __name__ == "__main__":
    write_samples(EXAMPLES)
