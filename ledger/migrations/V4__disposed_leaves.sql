-- The leaves of disposed events, so that whoever follows the log can still be given every entry. A leaf holds the time of
-- recording and three commitments; its salt is gone, so nothing can be guessed from it. docs/ledger-format.md section 9.
CREATE TABLE caseledger.disposed_leaves (
    position bigint NOT NULL PRIMARY KEY,
    leaf     bytea  NOT NULL CHECK (octet_length(leaf) = 106)
);
COMMENT ON TABLE caseledger.disposed_leaves IS 'Leaf bytes of events whose facts, sealed fields and salt were disposed of.';

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.disposed_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON caseledger.disposed_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change();
ALTER TABLE caseledger.disposed_leaves ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE caseledger.disposed_leaves ENABLE ALWAYS TRIGGER refuse_truncate;

GRANT SELECT, INSERT ON caseledger.disposed_leaves TO caseledger_appender;
GRANT SELECT ON caseledger.disposed_leaves TO caseledger_projector, caseledger_reader;
