-- Look-up tables decide answers and are no part of the tree. `verify` and `doctor` hold them against the events; what is
-- wrong in them is put right by the two functions below, which only the connection that installs the ledger may call. The
-- server's own role may add to them and take nothing away.

CREATE FUNCTION caseledger.refuse_change_of_lookup() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') AND current_user = 'caseledger_disposer' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the look-up table %.% is filled from the events: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'run `caseledger reindex`';
END
$$;
REVOKE ALL ON FUNCTION caseledger.refuse_change_of_lookup() FROM PUBLIC;

DROP TRIGGER refuse_change ON caseledger.kinds;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.kinds
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change_of_lookup();
ALTER TABLE caseledger.kinds ENABLE ALWAYS TRIGGER refuse_change;

REVOKE DELETE ON caseledger.identifier_index FROM caseledger_appender;
GRANT SELECT, INSERT, UPDATE, DELETE ON caseledger.kinds TO caseledger_disposer;

-- Fills the table of kinds again; gives the number of rows that were wrong. A batch with a new kind waits meanwhile.
CREATE FUNCTION caseledger.refill_kinds() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found  text[];
    firsts bigint[];
    gone   bigint;
    put    bigint;
BEGIN
    LOCK TABLE caseledger.kinds IN SHARE ROW EXCLUSIVE MODE;
    SELECT array_agg(f.kind), array_agg(f.first_position) INTO found, firsts
    FROM (SELECT e.kind, min(e.position) AS first_position FROM caseledger.events e GROUP BY e.kind) f;
    DELETE FROM caseledger.kinds k WHERE k.kind <> ALL (coalesce(found, '{}'));
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO caseledger.kinds AS k (kind, first_position) SELECT * FROM unnest(found, firsts)
    ON CONFLICT (kind) DO UPDATE SET first_position = excluded.first_position
        WHERE k.first_position <> excluded.first_position;
    GET DIAGNOSTICS put = ROW_COUNT;
    RETURN gone + put;
END
$$;

-- Takes rows out of the index of identifiers; gives how many there were.
CREATE FUNCTION caseledger.forget_identifiers(tokens bytea[], streams uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM caseledger.identifier_index i USING unnest(tokens, streams) AS named (token, stream)
    WHERE i.token = named.token AND i.stream = named.stream;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

RESET ROLE;
ALTER FUNCTION caseledger.refill_kinds() OWNER TO caseledger_disposer;
ALTER FUNCTION caseledger.forget_identifiers(bytea[], uuid[]) OWNER TO caseledger_disposer;
REVOKE ALL ON FUNCTION caseledger.refill_kinds() FROM PUBLIC, caseledger_owner;
REVOKE ALL ON FUNCTION caseledger.forget_identifiers(bytea[], uuid[]) FROM PUBLIC, caseledger_owner;
-- The owner sees no event under row security, so V6 left the table empty in every ledger that had events before it.
SELECT caseledger.refill_kinds();
SET ROLE caseledger_owner;
