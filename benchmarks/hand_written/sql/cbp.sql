, hypertension AS (
    SELECT person_id FROM diagnosis
    WHERE list = 'essential_hypertension' AND stop > $period_start
      AND start < $period_start + to_months($diagnosis_months) - INTERVAL 1 DAY
),
eligible AS (
    SELECT person_id FROM member
    WHERE age BETWEEN $age_from AND $age_to AND person_id IN (FROM hypertension)
      AND (NOT $visit OR person_id IN (SELECT person_id FROM seen))
),
excluded AS (
    FROM hospice_or_palliative
    UNION FROM old_and_frail
    UNION SELECT person_id FROM member WHERE age >= 81 AND person_id IN (SELECT person_id FROM frail)
    UNION SELECT person_id FROM diagnosis
    WHERE list = 'pregnancy_or_kidney_disease' AND list_contains($exclusions_from, source)
      AND start < $period_end AND stop > $period_start
    UNION SELECT person_id FROM done
    WHERE list = 'kidney_replacement' AND list_contains($exclusions_from, source) AND stop < $period_end
    UNION SELECT person_id FROM visited
    WHERE list = 'esrd_monthly_outpatient_services' AND list_contains($exclusions_from, source) AND start < $period_end
),
reading AS (
    SELECT * FROM result
    WHERE list = 'blood_pressure' AND type = 'blood-pressure' AND list_contains($evidence_from, source)
      AND stop BETWEEN $period_start AND $period_end
),
acute_reading AS (
    SELECT reading.event_id FROM reading JOIN visited ON reading.person_id = visited.person_id
    WHERE visited.list = 'acute_visit' AND reading.stop BETWEEN visited.start AND visited.stop
      AND reading.encounter_id IN (
          SELECT event_id FROM event_code
          WHERE role = 'class' AND code IN ('EMER', 'IMP', 'ACUTE', 'NONAC', 'PRENC', 'SS'))
),
last_reading AS (
    SELECT person_id, event_id FROM reading
    WHERE event_id NOT IN (FROM acute_reading)
    QUALIFY stop = max(stop) OVER (PARTITION BY person_id)
),
pressure AS (
    SELECT last_reading.person_id, last_reading.event_id,
           min(value) FILTER (list = 'systolic') AS systolic, min(value) FILTER (list = 'diastolic') AS diastolic
    FROM last_reading LEFT JOIN coded ON coded.parent_id = last_reading.event_id
    GROUP BY last_reading.person_id, last_reading.event_id
),
met AS (
    SELECT person_id FROM pressure
    GROUP BY person_id
    HAVING count(systolic) = count(*) AND count(diastolic) = count(*)
       AND min(systolic) < $systolic_below AND min(diastolic) < $diastolic_below
)
SELECT 'controlled' AS rate, count(*), count(*) FILTER (person_id IN (FROM excluded)),
       count(*) FILTER (person_id NOT IN (FROM excluded) AND person_id IN (FROM met))
FROM eligible
