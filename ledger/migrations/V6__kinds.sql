-- Where the first event of each kind stands. A question of what an authority records at all, as known at a position, is then
-- a few hundred rows instead of the whole log. No part of the log: it says nothing that the events do not say.
CREATE TABLE caseledger.kinds (
    kind           text   NOT NULL PRIMARY KEY,
    first_position bigint NOT NULL
);
COMMENT ON TABLE caseledger.kinds IS 'Position of the first event of each kind, written in the batch that holds it.';

INSERT INTO caseledger.kinds (kind, first_position) SELECT kind, min(position) FROM caseledger.events GROUP BY kind;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.kinds
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON caseledger.kinds
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change();
ALTER TABLE caseledger.kinds ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE caseledger.kinds ENABLE ALWAYS TRIGGER refuse_truncate;

GRANT SELECT, INSERT ON caseledger.kinds TO caseledger_appender;
GRANT SELECT ON caseledger.kinds TO caseledger_projector, caseledger_reader;
