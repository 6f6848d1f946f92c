-- The schema stands before the first migration, because the migrations' own history is kept in it.
CREATE SCHEMA IF NOT EXISTS caseledger AUTHORIZATION caseledger_owner;
SET ROLE caseledger_owner;
