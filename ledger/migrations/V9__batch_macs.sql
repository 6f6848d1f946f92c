-- Each batch is authenticated by a key of the ledger that stands outside the database, so that a row that somebody writes into
-- the database by hand is told before it is signed. docs/ledger-format.md section 8.

ALTER TABLE caseledger.heads ADD COLUMN mac bytea CHECK (octet_length(mac) = 32);
COMMENT ON COLUMN caseledger.heads.mac IS
    'MAC of the batch under a key outside the database; null on batches of programs that made none.';
