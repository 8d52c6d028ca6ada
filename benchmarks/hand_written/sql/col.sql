, eligible AS (
    SELECT person_id FROM member
    WHERE age BETWEEN $age_from AND $age_to AND (NOT $visit OR person_id IN (SELECT person_id FROM seen))
),
excluded AS (
    FROM hospice_or_palliative
    UNION FROM old_and_frail
    UNION SELECT person_id FROM diagnosis
    WHERE list = 'malignant_neoplasm_of_colon' AND list_contains($exclusions_from, source) AND start <= $period_end
    UNION SELECT person_id FROM done
    WHERE list = 'total_colectomy' AND list_contains($exclusions_from, source) AND stop <= $period_end
),
met AS (
    SELECT person_id FROM result
    WHERE type = 'lab' AND (value IS NOT NULL OR value_type IS NOT NULL) AND list_contains($evidence_from, source)
      AND stop <= $period_end
      AND ((list = 'fecal_occult_blood_test_fobt' AND stop >= $period_start - to_years($stool_blood_test_lookback))
           OR (list = 'sdna_fit_test' AND stop >= $period_start - to_years($stool_dna_test_lookback)))
    UNION
    SELECT person_id FROM done
    WHERE list_contains($evidence_from, source) AND stop <= $period_end
      AND ((list = 'flexible_sigmoidoscopy' AND stop >= $period_start - to_years($sigmoidoscopy_lookback))
           OR (list = 'colonoscopy' AND stop >= $period_start - to_years($colonoscopy_lookback)))
    UNION
    SELECT person_id FROM result
    WHERE list = 'ct_colonography' AND type = 'clinical-result' AND coalesce(category, 'imaging') = 'imaging'
      AND list_contains($evidence_from, source)
      AND stop BETWEEN $period_start - to_years($ct_colonography_lookback) AND $period_end
)
SELECT 'screened' AS rate, count(*), count(*) FILTER (person_id IN (FROM excluded)),
       count(*) FILTER (person_id NOT IN (FROM excluded) AND person_id IN (FROM met))
FROM eligible
