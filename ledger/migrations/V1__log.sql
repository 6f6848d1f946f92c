-- The log: events, heads and commands, all insert-only. docs/ledger-format.md says what each column means.
-- Columns stand in the order that packs them best, not in the order in which one reads them.

CREATE TABLE caseledger.heads (
    base_size   bigint      PRIMARY KEY,
    tree_size   bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    epoch       integer     NOT NULL,
    writer      uuid        NOT NULL,
    CHECK (base_size >= 0 AND tree_size > base_size)
);
COMMENT ON TABLE caseledger.heads IS
    'One row a batch. The key is the compare-and-set between processes: two batches on the same size cannot both commit.';

CREATE TABLE caseledger.events (
    position           bigint      NOT NULL,
    recorded_at        timestamptz NOT NULL,
    revision           integer     NOT NULL CHECK (revision > 0),
    import_row         integer,
    import_as_at       date,
    category           smallint    NOT NULL,
    schema_version     smallint    NOT NULL,
    leaf_format        smallint    NOT NULL,
    stream             uuid        NOT NULL,
    event_id           uuid        NOT NULL,
    command_id         uuid        NOT NULL,
    recorded_by        uuid        NOT NULL,
    import_id          uuid,
    causation          uuid,
    correlation        uuid,
    salt               bytea       CHECK (octet_length(salt) = 32),
    leaf_hash          bytea       NOT NULL CHECK (octet_length(leaf_hash) = 32),
    kind               text        NOT NULL,
    occurred           text        NOT NULL,
    source_recorded_at text,
    role               text,
    team               text,
    import_sheet       text,
    confidentiality    text,
    facts              json,
    sealed             bytea,
    PRIMARY KEY (position),
    CONSTRAINT events_stream_revision UNIQUE (stream, revision),
    CONSTRAINT events_event_id UNIQUE (event_id),
    CONSTRAINT events_disposed_whole CHECK ((facts IS NULL) = (salt IS NULL) AND (facts IS NOT NULL OR sealed IS NULL))
);
COMMENT ON TABLE caseledger.events IS
    'The log. Position order is commit order; the unique key on (stream, revision) is also the read path by stream-hash range.';

CREATE TABLE caseledger.commands (
    command_id     uuid    PRIMARY KEY,
    first_position bigint  NOT NULL,
    event_count    integer NOT NULL CHECK (event_count > 0),
    request_hash   bytea   NOT NULL CHECK (octet_length(request_hash) = 32)
);
COMMENT ON TABLE caseledger.commands IS
    'One row a request, so that the same request asked again gets the answer of the first time.';

-- No part of the log: it can be emptied and is filled again from events.
CREATE TABLE caseledger.identifier_index (
    token  bytea NOT NULL,
    stream uuid  NOT NULL,
    kind   text  NOT NULL,
    PRIMARY KEY (token, stream)
);
CREATE INDEX identifier_index_stream ON caseledger.identifier_index (stream);
COMMENT ON TABLE caseledger.identifier_index IS
    'Keyed, one-way lookup from an identifier to streams. Erasable, and rebuilt from events.';

-- Insert-only. ALWAYS triggers fire in every session_replication_role, and statement triggers also when no row is touched.
CREATE FUNCTION caseledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is insert-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'record a correction or a withdrawal; disposal has a procedure of its own';
END
$$;

DO $triggers$
DECLARE
    log_table text;
BEGIN
    FOREACH log_table IN ARRAY ARRAY['heads', 'events', 'commands'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change()', log_table);
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON caseledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change()', log_table);
        EXECUTE format('ALTER TABLE caseledger.%I ENABLE ALWAYS TRIGGER refuse_change', log_table);
        EXECUTE format('ALTER TABLE caseledger.%I ENABLE ALWAYS TRIGGER refuse_truncate', log_table);
    END LOOP;
END
$triggers$;

-- Rights. The appender bypasses row security, because COPY into a table under row security is not possible.
REVOKE ALL ON SCHEMA caseledger FROM PUBLIC;
REVOKE ALL ON FUNCTION caseledger.refuse_change() FROM PUBLIC;
GRANT USAGE ON SCHEMA caseledger TO caseledger_appender, caseledger_projector, caseledger_reader, caseledger_disposer;
GRANT SELECT, INSERT ON caseledger.heads, caseledger.events, caseledger.commands TO caseledger_appender;
GRANT SELECT, INSERT, DELETE ON caseledger.identifier_index TO caseledger_appender;
GRANT SELECT ON caseledger.heads, caseledger.events TO caseledger_projector, caseledger_reader;

-- Second wall behind the access decision of the program: a reading session that has not said for whom it reads sees no event.
ALTER TABLE caseledger.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE caseledger.events FORCE ROW LEVEL SECURITY;
CREATE POLICY projector_reads ON caseledger.events FOR SELECT TO caseledger_projector USING (true);
CREATE POLICY reader_names_subject ON caseledger.events FOR SELECT TO caseledger_reader
    USING (coalesce((SELECT current_setting('caseledger.subject', true)), '') <> '');

-- The size of the log at a moment, for "as known at". Heads' times never fall with their size, so the last head at or
-- before the moment is found by halving the sizes instead of reading or indexing them all.
CREATE FUNCTION caseledger.head_at(known_at timestamptz, OUT log_size bigint, OUT head_recorded_at timestamptz)
    RETURNS SETOF record LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    low    bigint := 0;
    high   bigint;
    middle bigint;
    probe  caseledger.heads;
BEGIN
    SELECT max(base_size) INTO high FROM caseledger.heads;
    WHILE low <= high LOOP
        middle := (low + high) / 2;
        SELECT * INTO probe FROM caseledger.heads h WHERE h.base_size <= middle ORDER BY h.base_size DESC LIMIT 1;
        IF probe.recorded_at <= known_at THEN
            log_size := probe.tree_size;
            head_recorded_at := probe.recorded_at;
            low := probe.tree_size;
        ELSE
            high := probe.base_size - 1;
        END IF;
    END LOOP;
    IF log_size IS NOT NULL THEN
        RETURN NEXT;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION caseledger.head_at(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION caseledger.head_at(timestamptz) TO caseledger_appender, caseledger_projector, caseledger_reader;
