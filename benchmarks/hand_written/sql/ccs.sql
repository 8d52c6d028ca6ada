, eligible AS (
    SELECT person_id, birth FROM member
    WHERE sex = 'female' AND age BETWEEN $age_from AND $age_to
      AND (NOT $visit OR person_id IN (SELECT person_id FROM seen))
),
excluded AS (
    FROM hospice_or_palliative
    UNION SELECT person_id FROM done
    WHERE list = 'hysterectomy_with_no_residual_cervix' AND list_contains($exclusions_from, source)
      AND stop < $period_end
    UNION SELECT person_id FROM diagnosis
    WHERE list = 'congenital_or_acquired_absence_of_cervix' AND list_contains($exclusions_from, source)
      AND start < $period_end
),
met AS (
    SELECT person_id FROM result JOIN eligible USING (person_id)
    WHERE type = 'lab' AND (value IS NOT NULL OR value_type IS NOT NULL) AND list_contains($evidence_from, source)
      AND stop <= $period_end
      AND ((list = 'pap_test' AND stop >= $period_start - to_years($cytology_lookback))
           OR (list = 'hpv_test' AND stop >= $period_start - to_years($hpv_lookback)
               AND birth + to_years($hpv_age) <= stop))
)
SELECT 'screened' AS rate, count(*), count(*) FILTER (person_id IN (FROM excluded)),
       count(*) FILTER (person_id NOT IN (FROM excluded) AND person_id IN (FROM met))
FROM eligible
