-- The tree over the log: a root with each head, the hashes of complete subtrees, and what was signed. No event row changes.
-- docs/ledger-format.md sections 8 and 9 say what each column means.

ALTER TABLE caseledger.heads ADD COLUMN root bytea CHECK (octet_length(root) = 32);
COMMENT ON COLUMN caseledger.heads.root IS
    'Root of the tree at tree_size; null on batches that were written before the tree was kept.';

CREATE TABLE caseledger.subtrees (
    height smallint NOT NULL CHECK (height > 0 AND height % 8 = 0),
    index  bigint   NOT NULL CHECK (index >= 0),
    hash   bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (height, index)
);
COMMENT ON TABLE caseledger.subtrees IS
    'Hash of each complete subtree of 2^height leaves, so that no proof reads more than 256 hashes of a level. Follows from the leaf hashes.';

CREATE TABLE caseledger.checkpoints (
    epoch     integer NOT NULL,
    tree_size bigint  NOT NULL CHECK (tree_size > 0),
    note      text    NOT NULL,
    PRIMARY KEY (epoch, tree_size)
);
COMMENT ON TABLE caseledger.checkpoints IS 'Signed heads, each as the whole note.';

CREATE TABLE caseledger.cosignatures (
    epoch     integer NOT NULL,
    tree_size bigint  NOT NULL,
    line      text    NOT NULL,
    PRIMARY KEY (epoch, tree_size, line),
    FOREIGN KEY (epoch, tree_size) REFERENCES caseledger.checkpoints
);
COMMENT ON TABLE caseledger.cosignatures IS 'Signature lines of witnesses under a signed head.';

DO $triggers$
DECLARE
    log_table text;
BEGIN
    FOREACH log_table IN ARRAY ARRAY['subtrees', 'checkpoints', 'cosignatures'] LOOP
        EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change()', log_table);
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON caseledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change()', log_table);
        EXECUTE format('ALTER TABLE caseledger.%I ENABLE ALWAYS TRIGGER refuse_change', log_table);
        EXECUTE format('ALTER TABLE caseledger.%I ENABLE ALWAYS TRIGGER refuse_truncate', log_table);
    END LOOP;
END
$triggers$;

GRANT SELECT, INSERT ON caseledger.subtrees, caseledger.checkpoints, caseledger.cosignatures TO caseledger_appender;
GRANT SELECT ON caseledger.subtrees, caseledger.checkpoints, caseledger.cosignatures
    TO caseledger_projector, caseledger_reader;
