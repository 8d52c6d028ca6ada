, eligible AS (
    SELECT person_id FROM member
    WHERE sex = 'female' AND age BETWEEN $age_from AND $age_to
      AND (NOT $visit OR person_id IN (SELECT person_id FROM seen))
),
no_breast AS (
    SELECT person_id, CASE WHEN list LIKE '%left%' THEN 'left' ELSE 'right' END AS side FROM diagnosis
    WHERE list IN ('status_post_left_mastectomy', 'status_post_right_mastectomy')
      AND list_contains($exclusions_from, source) AND start < $period_end
    UNION
    SELECT person_id, event_value.list FROM diagnosis JOIN event_value USING (event_id)
    WHERE diagnosis.list = 'unilateral_mastectomy_unspecified_laterality' AND role = 'body_site'
      AND event_value.list IN ('left', 'right')
      AND list_contains($exclusions_from, source) AND start < $period_end
    UNION
    SELECT person_id, CASE WHEN list LIKE '%left%' THEN 'left' ELSE 'right' END FROM done
    WHERE list IN ('unilateral_mastectomy_left', 'unilateral_mastectomy_right')
      AND list_contains($exclusions_from, source) AND stop < $period_end
),
excluded AS (
    FROM hospice_or_palliative
    UNION FROM old_and_frail
    UNION SELECT person_id FROM no_breast GROUP BY person_id HAVING count(DISTINCT side) = 2
    UNION SELECT person_id FROM diagnosis
    WHERE list = 'history_of_bilateral_mastectomy' AND list_contains($exclusions_from, source) AND start < $period_end
    UNION SELECT person_id FROM done
    WHERE list = 'bilateral_mastectomy' AND list_contains($exclusions_from, source) AND stop < $period_end
),
met AS (
    SELECT DISTINCT person_id FROM result
    WHERE list = 'mammography' AND type = 'clinical-result' AND coalesce(category, 'imaging') = 'imaging'
      AND list_contains($evidence_from, source)
      AND stop BETWEEN $period_start - to_months($mammogram_lookback) AND $period_end
)
SELECT 'screened' AS rate, count(*), count(*) FILTER (person_id IN (FROM excluded)),
       count(*) FILTER (person_id NOT IN (FROM excluded) AND person_id IN (FROM met))
FROM eligible
