-- Read models: what lists and start pages show. Everything here is folded from the ledger and can be dropped and
-- folded again; nothing here is evidence. One row per child and per clock, never one per event.
-- Two programs may make them at the same moment; the second waits and finds them there.
SELECT pg_advisory_xact_lock(hashtextextended('caseledger.projection.install', 0));
CREATE SCHEMA IF NOT EXISTS projection AUTHORIZATION caseledger_projector;
SET LOCAL ROLE caseledger_projector;

CREATE TABLE IF NOT EXISTS projection.checkpoint (
    name        text        PRIMARY KEY,
    ledger      uuid        NOT NULL,
    epoch       integer     NOT NULL,
    position    bigint      NOT NULL,
    updated_at  timestamptz NOT NULL
);
-- The leaf hash of the event at that position, by which a restored older copy is noticed; null on what an earlier program wrote.
ALTER TABLE projection.checkpoint ADD COLUMN IF NOT EXISTS leaf_hash bytea CHECK (octet_length(leaf_hash) = 32);

CREATE TABLE IF NOT EXISTS projection.child (
    stream          uuid    PRIMARY KEY,
    born_on         date,
    team            text,
    last_event_on   date,
    running         text[]  NOT NULL,
    events          integer NOT NULL,
    late_records    integer NOT NULL,
    corrected       integer NOT NULL,
    withdrawn       integer NOT NULL,
    disputed        integer NOT NULL,
    observations    integer NOT NULL,
    last_position   bigint  NOT NULL
);

-- An earlier program had a column for each of six statuses; its rows are folded again under a new checkpoint.
ALTER TABLE projection.child ADD COLUMN IF NOT EXISTS running text[] NOT NULL DEFAULT '{}';
ALTER TABLE projection.child DROP COLUMN IF EXISTS case_open, DROP COLUMN IF EXISTS child_in_need,
    DROP COLUMN IF EXISTS enquiry, DROP COLUMN IF EXISTS on_plan, DROP COLUMN IF EXISTS in_proceedings,
    DROP COLUMN IF EXISTS looked_after;

CREATE TABLE IF NOT EXISTS projection.clock (
    stream      uuid     NOT NULL REFERENCES projection.child ON DELETE CASCADE,
    ordinal     integer  NOT NULL,
    rule        text     NOT NULL,
    version     text     NOT NULL,
    per         text     NOT NULL,
    entity      uuid     NOT NULL,
    occurrence  integer  NOT NULL,
    state       text     NOT NULL,
    why         text,
    is_open     boolean  NOT NULL,
    started_on  date,
    due_on      date,
    ended_on    date,
    start_event uuid     NOT NULL,
    stop_event  uuid,
    used        bigint,
    allowed     bigint,
    unit        text     NOT NULL,
    PRIMARY KEY (stream, ordinal)
);

-- Open clocks by due date: the due list and the start page.
CREATE INDEX IF NOT EXISTS clock_open_by_due ON projection.clock (due_on, stream, ordinal)
    WHERE is_open AND due_on IS NOT NULL AND state IN ('running', 'due_soon', 'overdue');

GRANT USAGE ON SCHEMA projection TO caseledger_reader, caseledger_appender;
GRANT SELECT ON ALL TABLES IN SCHEMA projection TO caseledger_reader, caseledger_appender;
