-- One batch in one statement: one round trip, one flush of the log, one head.
-- $1 base size, $2 tree size, $3 recorded_at, $4 epoch, $5 writer, $6 whether to pass over the turn of another process,
-- $7 the turn's advisory key, $8 the root at the tree size; then the commands, the events, the identifiers and the completed subtrees as parallel arrays.
-- The head goes first. If it is not inserted (another process took this size, or has its turn, or the clock is ahead),
-- nothing else is. If it is inserted, all that was checked under the size before it still stands.
WITH head AS (
    INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer, root)
    SELECT $1, $2, $3, $4, $5, $8
    WHERE $3 <= clock_timestamp() + interval '5 seconds'
      AND ($6 OR pg_try_advisory_xact_lock_shared($7))
    ON CONFLICT (base_size) DO NOTHING
    RETURNING base_size
), command AS (
    INSERT INTO caseledger.commands (command_id, first_position, event_count, request_hash)
    SELECT c.command_id, c.first_position, c.event_count, c.request_hash
    FROM unnest($9::uuid[], $10::int8[], $11::int4[], $12::bytea[])
        AS c (command_id, first_position, event_count, request_hash)
    WHERE EXISTS (SELECT FROM head)
), event AS (
    INSERT INTO caseledger.events (position, recorded_at, revision, import_row, import_as_at, category, schema_version,
        leaf_format, stream, event_id, command_id, recorded_by, import_id, causation, correlation, salt, leaf_hash, kind,
        occurred, source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed)
    SELECT $1 + e.ordinal, $3, e.revision, e.import_row, e.import_as_at, e.category, e.schema_version,
        1, e.stream, e.event_id, e.command_id, e.recorded_by, e.import_id, e.causation, e.correlation, e.salt, e.leaf_hash,
        e.kind, e.occurred, e.source_recorded_at, e.role, e.team, e.import_sheet, e.confidentiality, e.facts::json, e.sealed
    FROM unnest($13::int4[], $14::int4[], $15::date[], $16::int2[], $17::int2[], $18::uuid[], $19::uuid[], $20::uuid[],
            $21::uuid[], $22::uuid[], $23::uuid[], $24::uuid[], $25::bytea[], $26::bytea[], $27::text[], $28::text[],
            $29::text[], $30::text[], $31::text[], $32::text[], $33::text[], $34::text[], $35::bytea[]) WITH ORDINALITY
        AS e (revision, import_row, import_as_at, category, schema_version, stream, event_id, command_id,
            recorded_by, import_id, causation, correlation, salt, leaf_hash, kind, occurred,
            source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed, ordinal)
    WHERE EXISTS (SELECT FROM head)
), identifier AS (
    INSERT INTO caseledger.identifier_index (token, stream, kind)
    SELECT i.token, i.stream, i.kind
    FROM unnest($36::bytea[], $37::uuid[], $38::text[]) AS i (token, stream, kind)
    WHERE EXISTS (SELECT FROM head)
    ON CONFLICT DO NOTHING
), subtree AS (
    INSERT INTO caseledger.subtrees (height, index, hash)
    SELECT s.height, s.index, s.hash
    FROM unnest($39::int2[], $40::int8[], $41::bytea[]) AS s (height, index, hash)
    WHERE EXISTS (SELECT FROM head)
)
SELECT EXISTS (SELECT FROM head) AS won, clock_timestamp() AS database_clock
