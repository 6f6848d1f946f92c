-- append.sql for the one event of one command, without arrays: what a caller who is alone waits for.
-- $1 to $8 as there; $9 command id, $10 request hash; then the event's columns; last the MAC and the moment that $3 means.
WITH head AS (
    INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer, root, mac)
    SELECT $1, $2, $3, $4, $5, $8, $34::bytea
    WHERE $35::timestamptz BETWEEN clock_timestamp() - interval '5 seconds' AND clock_timestamp() + interval '5 seconds'
      AND ($6 OR pg_try_advisory_xact_lock_shared($7))
    ON CONFLICT (base_size) DO NOTHING
    RETURNING base_size
), command AS (
    INSERT INTO caseledger.commands (command_id, first_position, event_count, request_hash)
    SELECT $9, $2, 1, $10
    FROM head
), event AS (
    INSERT INTO caseledger.events (position, recorded_at, leaf_format, revision, import_row, import_as_at, category,
        schema_version, stream, event_id, command_id, recorded_by, import_id, causation, correlation, salt, leaf_hash, kind,
        occurred, source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed)
    SELECT $2, $3, 1, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
        $31, $32, $33
    FROM head
)
SELECT EXISTS (SELECT FROM head) AS won, clock_timestamp() AS database_clock
