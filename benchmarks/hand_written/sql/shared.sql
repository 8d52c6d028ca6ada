-- What the measures have in common, put before each of them.
covered AS (
    SELECT person_id, greatest(start, $period_start) AS start, least(stop, $period_end) AS stop
    FROM coverage
    WHERE payer = $payer AND product_line = $product_line AND start <= $period_end AND stop >= $period_start
),
gaps AS (
    SELECT person_id, start - 1 - coalesce(
               max(stop) OVER (PARTITION BY person_id ORDER BY start, stop
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               $period_start - 1) AS days
    FROM covered
),
enrolled AS (
    SELECT person_id FROM covered
    GROUP BY person_id HAVING max(stop) = $period_end
    EXCEPT
    SELECT person_id FROM gaps WHERE days > 0
    GROUP BY person_id HAVING count(*) > $gaps OR max(days) > $gap_days
),
member AS (
    SELECT person_id, birth, sex, date_part('year', age($period_end, birth)) AS age
    FROM person
    WHERE person_id IN (SELECT person_id FROM covered)
      AND (NOT $enrolment OR person_id IN (SELECT person_id FROM enrolled))
),
diagnosis AS (
    SELECT * FROM coded
    WHERE kind = 'condition' AND type IN ('problem', 'encounter-diagnosis')
      AND (verification IS NULL OR verification IN ('confirmed', 'unconfirmed', 'provisional', 'differential'))
),
visited AS (
    SELECT * FROM coded WHERE kind = 'encounter' AND status = 'finished'
),
done AS (
    SELECT * FROM coded WHERE kind = 'procedure' AND status = 'completed'
),
result AS (
    SELECT * FROM coded WHERE kind = 'observation' AND status IN ('final', 'amended', 'corrected')
),
valued AS (
    SELECT result.*, event_value.list AS answer FROM result JOIN event_value USING (event_id) WHERE role = 'value'
),
ordered AS (
    SELECT * FROM coded
    WHERE kind IN ('device_request', 'service_request', 'medication_order')
      AND intent IN ('order', 'original-order', 'reflex-order', 'filler-order', 'instance-order')
),
seen AS (
    SELECT person_id FROM visited
    WHERE list = $visit_list AND start >= $period_start AND stop <= $period_end
),
hospice_or_palliative AS (
    SELECT person_id FROM visited
    WHERE list IN ('hospice_encounter', 'palliative_care_encounter') AND list_contains($exclusions_from, source)
      AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM visited JOIN event_value USING (event_id)
    WHERE visited.list = 'encounter_inpatient' AND role = 'discharge' AND event_value.list = 'to_hospice'
      AND list_contains($exclusions_from, source) AND stop BETWEEN $period_start AND $period_end
    UNION
    SELECT person_id FROM valued
    WHERE list = 'hospice_question' AND answer = 'yes' AND type = 'screening'
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM result
    WHERE list = 'palliative_question' AND type = 'screening'
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM done
    WHERE list IN ('hospice_care_ambulatory', 'palliative_care_intervention')
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM diagnosis
    WHERE list IN ('hospice_diagnosis', 'palliative_care_diagnosis')
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM ordered
    WHERE kind = 'service_request' AND list = 'hospice_care_ambulatory' AND status IN ('active', 'completed')
      AND list_contains($exclusions_from, source) AND start BETWEEN $period_start AND $period_end
),
frail AS (
    SELECT person_id FROM ordered
    WHERE kind = 'device_request' AND list = 'frailty_device' AND status IN ('active', 'completed')
      AND list_contains($exclusions_from, source) AND start BETWEEN $period_start AND $period_end
    UNION
    SELECT person_id FROM valued
    WHERE list = 'device_used' AND answer = 'frailty_device' AND type = 'screening'
      AND list_contains($exclusions_from, source) AND stop BETWEEN $period_start AND $period_end
    UNION
    SELECT person_id FROM diagnosis
    WHERE list = 'frailty_diagnosis'
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM visited
    WHERE list = 'frailty_encounter'
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
    UNION
    SELECT person_id FROM coded
    WHERE kind = 'observation' AND list = 'frailty_symptom' AND type = 'simple'
      AND status IN ('preliminary', 'final', 'amended', 'corrected')
      AND list_contains($exclusions_from, source) AND start <= $period_end AND stop >= $period_start
),
advanced_illness AS (
    SELECT person_id FROM diagnosis
    WHERE list = 'advanced_illness' AND list_contains($exclusions_from, source)
      AND start BETWEEN $period_start - INTERVAL 1 YEAR AND $period_end
    UNION
    SELECT person_id FROM ordered
    WHERE kind = 'medication_order' AND list = 'dementia_medications' AND status = 'active'
      AND list_contains($exclusions_from, source)
      AND start <= $period_end AND stop >= $period_start - INTERVAL 1 YEAR
),
nursing_home AS (
    SELECT person_id FROM (
        SELECT person_id, event_id FROM result
        WHERE list = 'housing_status' AND type = 'screening' AND list_contains($exclusions_from, source)
          AND stop <= $period_end
        QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY stop DESC, sequence DESC, event_id DESC) = 1
    )
    WHERE event_id IN (SELECT event_id FROM event_value WHERE role = 'value' AND list = 'nursing_home')
),
old_and_frail AS (
    SELECT person_id FROM member
    WHERE age >= 66
      AND (person_id IN (SELECT person_id FROM nursing_home)
           OR (person_id IN (SELECT person_id FROM frail) AND person_id IN (SELECT person_id FROM advanced_illness)))
)
