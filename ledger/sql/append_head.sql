-- All of a batch but its events, which follow by COPY in the same transaction: for large batches, and for those with
-- identifiers, completed subtrees or the first event of a kind. $1 to $12 as in append.sql; then identifiers, subtrees and
-- kinds as parallel arrays; last the MAC and the moment that $3 means. Another process may have recorded a kind that this one has not seen: then its row stands.
-- If the head is not inserted, nothing else is, and the transaction is rolled back.
WITH head AS (
    INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer, root, mac)
    SELECT $1, $2, $3, $4, $5, $8, $21::bytea
    WHERE $22::timestamptz BETWEEN clock_timestamp() - interval '5 seconds' AND clock_timestamp() + interval '5 seconds'
      AND ($6 OR pg_try_advisory_xact_lock_shared($7))
    ON CONFLICT (base_size) DO NOTHING
    RETURNING base_size
), command AS (
    INSERT INTO caseledger.commands (command_id, first_position, event_count, request_hash)
    SELECT unnest($9::uuid[]), unnest($10::int8[]), unnest($11::int4[]), unnest($12::bytea[])
    FROM head
), identifier AS (
    INSERT INTO caseledger.identifier_index (token, stream, kind)
    SELECT unnest($13::bytea[]), unnest($14::uuid[]), unnest($15::text[])
    FROM head
    ON CONFLICT DO NOTHING
), subtree AS (
    INSERT INTO caseledger.subtrees (height, index, hash)
    SELECT unnest($16::int2[]), unnest($17::int8[]), unnest($18::bytea[])
    FROM head
), kind AS (
    INSERT INTO caseledger.kinds (kind, first_position)
    SELECT unnest($19::text[]), unnest($20::int8[])
    FROM head
    ON CONFLICT DO NOTHING
)
SELECT EXISTS (SELECT FROM head) AS won, clock_timestamp() AS database_clock
