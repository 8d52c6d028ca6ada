"""The SQL of a reconciliation.

``theirs`` are the payer's rows, ``ours`` where our people stand, ``canonical`` where they would stand by the canonical
rule; ``accepted_…`` are the practice's tables.
"""

from __future__ import annotations

#: Who each of the payer's rows is about: by our own number, by the payer's, or by name and date of birth if nobody
#: else has the same.
MATCHED = """
    WITH named AS (
        SELECT lower(trim(name)) AS name, birth_lo AS birth, any_value(CAST(person_id AS VARCHAR)) AS person_id
        FROM accepted_person WHERE name IS NOT NULL AND birth_lo = birth_hi
        GROUP BY ALL HAVING count(*) = 1
    ),
    numbered AS (
        SELECT member_id, any_value(CAST(p.person_id AS VARCHAR)) AS person_id
        FROM accepted_coverage JOIN accepted_person p USING (person_key)
        WHERE payer = $payer AND member_id IS NOT NULL
        GROUP BY member_id HAVING count(DISTINCT person_key) = 1
    )
    SELECT t.* EXCLUDE (person_id, member_id),
           coalesce(t.member_id, CASE WHEN coalesce(p.person_id, m.person_id, n.person_id) IS NULL
                                      THEN coalesce(t.person_id, t.name) END) AS member_id,
           coalesce(p.person_id, m.person_id, n.person_id) AS person_id,
           CASE WHEN p.person_id IS NOT NULL THEN 'person_id'
                WHEN m.person_id IS NOT NULL THEN 'member_id'
                WHEN n.person_id IS NOT NULL THEN 'name_and_birth' END AS matched_by
    FROM theirs t
    LEFT JOIN (SELECT CAST(person_id AS VARCHAR) AS person_id FROM accepted_person) p ON t.person_id = p.person_id
    LEFT JOIN numbered m ON t.member_id = m.member_id
    LEFT JOIN named n ON lower(trim(t.name)) = n.name AND date_diff('day', DATE '1970-01-01', t.birth) = n.birth
"""

#: One row per person and rate: somebody with several events has a gap if one of them has.
STANDING = """
    SELECT person_id, measure, rate, bool_or(member) AS member,
           CASE WHEN NOT bool_or(member) THEN 'not_a_member'
                WHEN bool_or(standing = 'gap') THEN 'open'
                WHEN bool_or(standing = 'met') THEN 'closed'
                WHEN bool_or(standing = 'excluded') THEN 'excluded'
                WHEN bool_or(standing = 'excepted') THEN 'excepted'
                ELSE 'not_counted' END AS we_say,
           CASE WHEN bool_or(standing = 'gap') THEN 'open' WHEN bool_or(standing = 'met') THEN 'closed'
                WHEN bool_or(standing IN ('excluded', 'excepted')) THEN 'excluded' ELSE 'not_counted' END AS by_rule,
           max_by(evidence_id, evidence_date) AS evidence_id, max(evidence_date) AS evidence_date,
           max_by(coalesce(evidence_values, CAST(evidence_value AS VARCHAR)), evidence_date) AS evidence_value,
           max_by(evidence_value, evidence_date) AS evidence_number
    FROM standing WHERE program = $program GROUP BY person_id, measure, rate
"""

# What the payer does not list means something in a snapshot only, and only of rates that it lists at all.
BESIDE = """
    WITH covered AS (
        SELECT DISTINCT CAST(p.person_id AS VARCHAR) AS person_id
        FROM accepted_coverage c JOIN accepted_person p USING (person_key)
        WHERE payer = $payer AND date_diff('day', DATE '1970-01-01', $payer_day) BETWEEN start_day AND end_day
    ),
    listed AS (SELECT DISTINCT measure, rate FROM matched),
    absent AS (
        SELECT o.person_id, o.measure, o.rate FROM ours o SEMI JOIN listed USING (measure, rate)
        ANTI JOIN matched USING (person_id, measure, rate)
        WHERE $snapshot AND o.member AND (o.we_say = 'open' OR ($results AND o.we_say <> 'not_counted'))
    ),
    both_sides AS (
        SELECT row, member_id, person_id, measure, rate, status AS payer_says, date AS payer_date, value, value_text,
               matched_by FROM matched
        UNION ALL BY NAME SELECT person_id, measure, rate, 'not_listed' AS payer_says FROM absent
    )
    SELECT b.*, coalesce(o.we_say, 'not_counted') AS we_say, coalesce(c.by_rule, 'not_counted') AS canonical_says,
           b.person_id IN (FROM covered) AS covered, o.evidence_id, o.evidence_date, o.evidence_value,
           o.evidence_number, e.source AS evidence_source,
           coalesce(DATE '1970-01-01' + e.received_day, o.evidence_date) AS known_on
    FROM both_sides b LEFT JOIN ours o USING (person_id, measure, rate)
    LEFT JOIN canonical c USING (person_id, measure, rate)
    LEFT JOIN accepted_event e ON CAST(e.event_id AS VARCHAR) = o.evidence_id
"""

# The causes are looked for in this order: the first that holds is told.
CAUSE = """
    WITH recognised AS (SELECT DISTINCT person_id FROM matched WHERE person_id IS NOT NULL)
    SELECT *, CASE
        WHEN person_id IS NULL THEN 'identity'
        WHEN payer_says = we_say THEN 'agree'
        WHEN payer_says = 'excluded' AND we_say = 'excepted' THEN 'agree'
        WHEN payer_says = 'not_applicable' AND we_say IN ('not_counted', 'not_a_member', 'excluded', 'excepted')
            THEN 'agree'
        WHEN NOT $results AND payer_says IN ('closed', 'excluded') AND we_say IN ('closed', 'excluded', 'excepted')
            THEN 'agree'
        WHEN we_say = 'not_a_member' AND covered THEN 'attribution'
        WHEN we_say = 'not_a_member' THEN 'enrolment'
        WHEN $results AND payer_says = 'not_listed' AND person_id NOT IN (FROM recognised)
            THEN CASE WHEN covered THEN 'attribution' ELSE 'enrolment' END
        WHEN we_say <> 'open' AND known_on > $payer_day THEN 'timing'
        WHEN we_say = 'open' AND payer_date > $our_day THEN 'timing'
        WHEN value = evidence_number AND coalesce(payer_date, evidence_date) = evidence_date THEN 'value_boundary'
        WHEN canonical_says = payer_says THEN 'version'
        WHEN payer_says = 'not_applicable' AND canonical_says = 'not_counted' THEN 'version'
        WHEN payer_says IN ('open', 'not_applicable') AND we_say IN ('closed', 'excluded', 'excepted')
            THEN 'evidence_missing_there'
        WHEN we_say IN ('open', 'not_counted') THEN 'evidence_missing_here'
        ELSE 'unexplained' END AS cause
    FROM beside
"""

TOLD = """
    SELECT row, member_id, person_id, measure, rate, payer_says, we_say, cause,
           CASE cause
               WHEN 'identity' THEN 'nobody of the practice is told by what the list says of the person'
               WHEN 'timing' THEN CASE WHEN we_say = 'open'
                   THEN format('the payer''s evidence is of {}, our data end on {}', payer_date, $our_day)
                   ELSE format('our evidence was known on {}, the list is of {}', known_on, $payer_day) END
               WHEN 'value_boundary' THEN format('both have {} of {}', value_text, evidence_date)
               WHEN 'version' THEN format('by the canonical rule the answer is {}', replace(canonical_says, '_', ' '))
               WHEN 'evidence_missing_there' THEN CASE WHEN evidence_date IS NULL
                   THEN format('{} by our data', replace(we_say, '_', ' '))
                   ELSE format('evidence of {} from {}', evidence_date, replace(evidence_source, '_', ' ')) END
               WHEN 'evidence_missing_here' THEN CASE WHEN payer_says = 'not_listed'
                   THEN 'the payer lists no open gap' ELSE format('the payer says {}{}', replace(payer_says, '_', ' '),
                       CASE WHEN payer_date IS NULL THEN '' ELSE format(', of {}', payer_date) END) END
               WHEN 'attribution' THEN 'covered by the payer, but not the practice''s by our data'
               WHEN 'enrolment' THEN format('no coverage by the payer on {}', $payer_day)
           END AS why,
           payer_date, value_text AS payer_value, evidence_id, evidence_date, evidence_value, evidence_source,
           matched_by
    FROM caused ORDER BY cause = 'agree', measure, rate, cause, row, person_id
"""

SUMMARY = """
    FROM (SELECT measure, rate, cause, count(*) AS rows FROM told GROUP BY ALL)
    ORDER BY measure, rate, cause = 'agree' DESC, rows DESC, cause
"""

__all__ = ["BESIDE", "CAUSE", "MATCHED", "STANDING", "SUMMARY", "TOLD"]
