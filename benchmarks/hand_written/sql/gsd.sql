, diabetes AS (
    SELECT person_id FROM diagnosis
    WHERE list = 'diabetes' AND type = 'encounter-diagnosis' AND start <= $period_end AND stop >= $period_start
),
eligible AS (
    SELECT person_id FROM member
    WHERE age BETWEEN $age_from AND $age_to AND person_id IN (FROM diabetes)
      AND (NOT $visit OR person_id IN (SELECT person_id FROM seen))
),
excluded AS (
    FROM hospice_or_palliative
    UNION FROM old_and_frail
),
test AS (
    SELECT * FROM result
    WHERE list = 'assessment' AND type = 'lab' AND list_contains($evidence_from, source)
      AND stop BETWEEN $period_start AND $period_end
    QUALIFY stop = max(stop) OVER (PARTITION BY person_id)
),
latest AS (
    SELECT person_id, min(value) FILTER (unit = '%') AS value,
           bool_or(value IS NULL AND value_type IS NULL) AS without_result
    FROM test GROUP BY person_id
),
judged AS (
    SELECT person_id, latest.person_id IS NULL OR without_result OR coalesce(value > $poor_control_above, false) AS poor,
           coalesce(NOT without_result AND value < $good_control_below, false) AS good,
           person_id IN (FROM excluded) AS excluded
    FROM eligible LEFT JOIN latest USING (person_id)
)
SELECT 'poor_control' AS rate, count(*), count(*) FILTER (excluded), count(*) FILTER (NOT excluded AND poor) FROM judged
UNION ALL
SELECT 'good_control', count(*), count(*) FILTER (excluded), count(*) FILTER (NOT excluded AND good) FROM judged
