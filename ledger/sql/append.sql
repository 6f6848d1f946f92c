-- A batch in one statement: one round trip, one flush of the log, one head.
-- $1 base size, $2 tree size, $3 recorded_at, $4 epoch, $5 writer, $6 whether to pass over the turn of another process,
-- $7 the turn's advisory key, $8 the root at the tree size; then the commands and the events as parallel arrays; last the MAC,
-- and the moment that $3 means: another one while rows go on from a time that had not come (ledger_time.rs).
-- The head goes first. If it is not inserted (another process took this size, or has its turn, or the time is not the database's),
-- nothing else is. If it is inserted, all that was checked under the size before it still stands.
-- The arrays are unnested side by side in the select list, which keeps no copy of them; in FROM each would be stored first.
WITH head AS (
    INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer, root, mac)
    SELECT $1, $2, $3, $4, $5, $8, $36::bytea
    WHERE $37::timestamptz BETWEEN clock_timestamp() - interval '5 seconds' AND clock_timestamp() + interval '5 seconds'
      AND ($6 OR pg_try_advisory_xact_lock_shared($7))
    ON CONFLICT (base_size) DO NOTHING
    RETURNING base_size
), command AS (
    INSERT INTO caseledger.commands (command_id, first_position, event_count, request_hash)
    SELECT unnest($9::uuid[]), unnest($10::int8[]), unnest($11::int4[]), unnest($12::bytea[])
    FROM head
), event AS (
    INSERT INTO caseledger.events (position, recorded_at, leaf_format, revision, import_row, import_as_at, category,
        schema_version, stream, event_id, command_id, recorded_by, import_id, causation, correlation, salt, leaf_hash, kind,
        occurred, source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed)
    SELECT generate_series($1 + 1, $2), $3, 1, unnest($13::int4[]), unnest($14::int4[]), unnest($15::date[]),
        unnest($16::int2[]), unnest($17::int2[]), unnest($18::uuid[]), unnest($19::uuid[]), unnest($20::uuid[]),
        unnest($21::uuid[]), unnest($22::uuid[]), unnest($23::uuid[]), unnest($24::uuid[]), unnest($25::bytea[]),
        unnest($26::bytea[]), unnest($27::text[]), unnest($28::text[]), unnest($29::text[]), unnest($30::text[]),
        unnest($31::text[]), unnest($32::text[]), unnest($33::text[]), unnest($34::json[]), unnest($35::bytea[])
    FROM head
)
SELECT EXISTS (SELECT FROM head) AS won, clock_timestamp() AS database_clock
