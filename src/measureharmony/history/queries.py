"""The SQL of a history. ``now_standing``, ``now_definition`` and ``now_rate`` are the run that is being recorded."""

from __future__ import annotations

TABLES = """
    CREATE TABLE history_file (layout INTEGER);
    INSERT INTO history_file VALUES ({layout});
    CREATE TABLE run (run INTEGER PRIMARY KEY, as_of DATE, people BIGINT, dataset VARCHAR, manifest VARCHAR);
    CREATE TABLE rate (
        run INTEGER, program VARCHAR, measure VARCHAR, edition INTEGER, rate VARCHAR, stratum VARCHAR,
        direction VARCHAR, below BIGINT, above BIGINT, value DOUBLE, final BOOLEAN, period_start DATE);
    CREATE TABLE standing (
        program VARCHAR, measure VARCHAR, rate VARCHAR, person_id VARCHAR, subject_id VARCHAR, standing VARCHAR);
    CREATE TABLE definition (
        program VARCHAR, measure VARCHAR, period_start DATE, period_end DATE, definition VARCHAR);
    CREATE TABLE change (
        run INTEGER, program VARCHAR, measure VARCHAR, rate VARCHAR, person_id VARCHAR, subject_id VARCHAR,
        change VARCHAR, cause VARCHAR, definition_changed BOOLEAN, evidence_id VARCHAR, evidence_date DATE,
        evidence_value DOUBLE, evidence_unit VARCHAR, evidence_values VARCHAR)
"""

ADD_RUN = "INSERT INTO run VALUES (?, ?, ?, ?, ?)"

ADD_RATES = """
    INSERT INTO rate
    SELECT ?, program, measure, edition, rate, stratum, direction, below, above, value, final, period_start
    FROM now_rate
"""

# What only one of the two runs asks about is no change of anybody's: a measure or program that came or went.
ADD_CHANGES = """
    INSERT INTO change
    WITH both_ask AS (
        SELECT program, measure, b.period_start <> n.period_start AS new_period,
               b.definition <> n.definition AS definition_changed
        FROM definition b JOIN now_definition n USING (program, measure)
    ),
    beside AS (
        SELECT program, measure, rate, person_id, subject_id, new_period, definition_changed,
               CASE WHEN new_period THEN NULL ELSE b.standing END AS before, n.standing AS now,
               n.evidence_id, n.evidence_date, n.evidence_value, n.evidence_unit, n.evidence_values
        FROM standing b
        FULL JOIN now_standing n USING (program, measure, rate, person_id, subject_id)
        JOIN both_ask USING (program, measure)
    )
    SELECT $run, program, measure, rate, person_id, subject_id,
           CASE WHEN now = 'gap' THEN 'opened' ELSE 'closed' END,
           CASE
               WHEN now = 'gap' AND new_period THEN 'new_period'
               WHEN now = 'gap' AND before = 'met' THEN 'regression'
               WHEN now = 'gap' AND before IS NOT NULL THEN 'exclusion_ended'
               WHEN now = 'gap' THEN 'new'
               WHEN now IS NULL THEN 'left'
               WHEN now <> 'met' THEN now
               WHEN evidence_date <= $before THEN 'late_evidence'
               ELSE 'care'
           END,
           definition_changed AND NOT new_period,
           evidence_id, evidence_date, evidence_value, evidence_unit, evidence_values
    FROM beside WHERE (coalesce(before, '') = 'gap') <> (coalesce(now, '') = 'gap')
"""

REPLACE_STANDING = """
    DELETE FROM standing;
    INSERT INTO standing SELECT program, measure, rate, person_id, subject_id, standing FROM now_standing;
    DELETE FROM definition;
    INSERT INTO definition FROM now_definition
"""

RUNS = """
    SELECT run, as_of, people, dataset,
           count(*) FILTER (change = 'opened') AS opened,
           count(*) FILTER (change = 'closed') AS closed,
           count(*) FILTER (change = 'closed' AND cause IN ('care', 'late_evidence')) AS by_care
    FROM run LEFT JOIN change USING (run) GROUP BY ALL ORDER BY run
"""

RATES = """
    SELECT run, as_of, program, measure, edition, rate, stratum, direction, below, above, value, final,
           value - lag(value) OVER (
               PARTITION BY program, measure, rate, stratum, period_start ORDER BY run
           ) AS change
    FROM rate JOIN run USING (run)
    WHERE ($program IS NULL OR program = $program) AND ($measure IS NULL OR measure = $measure)
    ORDER BY program, measure, rate, stratum, run
"""

CHANGES = """
    SELECT run, as_of, change.* EXCLUDE (run) FROM change JOIN run USING (run)
    WHERE ($run IS NULL OR run = $run) AND ($program IS NULL OR program = $program)
      AND ($measure IS NULL OR measure = $measure)
    ORDER BY run, program, measure, rate, change, person_id, subject_id
"""

__all__ = ["ADD_CHANGES", "ADD_RATES", "ADD_RUN", "CHANGES", "RATES", "REPLACE_STANDING", "RUNS", "TABLES"]
