-- The tables, read once. What is known of the data is put right here: defaults, ends, and conditions that are over
-- without an end (nobody knows when those were).
CREATE VIEW event AS
SELECT event_id, person_id, kind, type, category, code_system, code, status, coalesce(intent, 'order') AS intent,
       verification, start,
       CASE WHEN kind = 'condition' THEN coalesce("end", DATE '2200-01-01')
            WHEN kind = 'medication_order' AND days_supply >= 1
            THEN coalesce("end", start + CAST(days_supply AS INTEGER) - 1)
            ELSE coalesce("end", start) END AS stop,
       coalesce(source, 'ehr') AS source, value, unit, value_type, encounter_id, parent_id, sequence
FROM read_parquet('{data}/event/*.parquet')
WHERE NOT coalesce(not_done, false)
  AND NOT (kind = 'condition' AND "end" IS NULL
           AND coalesce(clinical_status, '') IN ('inactive', 'resolved', 'remission'));

CREATE TABLE event_code AS SELECT * FROM read_parquet('{data}/event_code/*.parquet');
CREATE TABLE person AS SELECT person_id, birth, sex FROM read_parquet('{data}/person/*.parquet');
CREATE TABLE coverage AS
SELECT person_id, payer, product_line, start, coalesce("end", DATE '2200-01-01') AS stop
FROM read_parquet('{data}/coverage/*.parquet');
CREATE TABLE code_list AS SELECT * FROM read_parquet('{code_lists}');

-- Events by the lists that they have a code of, whichever of their codings it is.
CREATE TABLE coded AS
WITH listed AS (
    SELECT event_id, list FROM event JOIN code_list ON code_system = system AND event.code = code_list.code
    UNION
    SELECT event_id, list FROM event_code JOIN code_list USING (system, code) WHERE role = 'code'
)
SELECT list, event.* EXCLUDE (code_system, code) FROM listed JOIN event USING (event_id) ORDER BY list, person_id;

CREATE TABLE event_value AS
SELECT event_id, role, list FROM event_code JOIN code_list USING (system, code) WHERE role <> 'code';
