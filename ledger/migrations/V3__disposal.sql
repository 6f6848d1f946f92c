-- Disposal: the one way in which a stored row may lose something. docs/ledger-format.md, "Disposal", says what is promised.
-- PostgreSQL cannot check an Ed25519 signature: the program checks the request of two officers before it records
-- `disposal_authorised`, and `verify` checks it again afterwards. What stands here makes sure that nothing is emptied
-- without such an event, beyond what it names, or while a legal hold stands, whatever a session has set.

-- Whether an event of the system stream authorises the disposal of a stream up to a position, and no hold stands on it.
CREATE FUNCTION caseledger.may_dispose(of_stream uuid, of_position bigint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH system_event AS (
        SELECT e.event_id, e.kind, e.facts -> 'details' AS details
        FROM caseledger.events e
        WHERE e.stream = (SELECT f.stream FROM caseledger.events f WHERE f.position = 1)
          AND e.kind IN ('disposal_authorised', 'legal_hold_placed', 'legal_hold_lifted')
    )
    SELECT EXISTS (
        SELECT FROM system_event a
        WHERE a.kind = 'disposal_authorised'
          AND (a.details ->> 'stream')::uuid = of_stream
          AND (a.details ->> 'up_to')::bigint >= of_position
    ) AND NOT EXISTS (
        SELECT FROM system_event h
        WHERE h.kind = 'legal_hold_placed' AND (h.details ->> 'stream')::uuid = of_stream
          AND NOT EXISTS (
              SELECT FROM system_event l
              WHERE l.kind = 'legal_hold_lifted' AND (l.details ->> 'hold')::uuid = h.event_id
          )
    )
$$;

-- Statements on events: DELETE never; UPDATE only inside the function below, which alone runs as caseledger_disposer.
-- No session setting is asked.
CREATE FUNCTION caseledger.refuse_change_of_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_user = 'caseledger_disposer' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is insert-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'record a correction or a withdrawal; disposal has a procedure of its own';
END
$$;

-- Rows of events: an update may empty facts, sealed and salt of an authorised row, and nothing else.
CREATE FUNCTION caseledger.only_dispose() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    emptied CONSTANT text[] := ARRAY['facts', 'sealed', 'salt'];
BEGIN
    IF current_user = 'caseledger_disposer'
       AND NEW.facts IS NULL AND NEW.sealed IS NULL AND NEW.salt IS NULL
       AND to_jsonb(NEW) - emptied = to_jsonb(OLD) - emptied
       AND caseledger.may_dispose(OLD.stream, OLD.position) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'position % may not be changed', OLD.position
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'only facts, sealed and salt may go, of an event whose disposal was authorised and that no hold keeps';
END
$$;

DROP TRIGGER refuse_change ON caseledger.events;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON caseledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION caseledger.refuse_change_of_event();
CREATE TRIGGER only_dispose BEFORE UPDATE ON caseledger.events
    FOR EACH ROW EXECUTE FUNCTION caseledger.only_dispose();
ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER only_dispose;

-- Empties what an event authorises and forgets the stream's identifiers; gives the positions that are empty afterwards.
-- Doing it again changes nothing.
CREATE FUNCTION caseledger.dispose(authorisation uuid) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    system_stream uuid;
    details       json;
    of_stream     uuid;
    last_position bigint;
BEGIN
    SELECT e.stream INTO STRICT system_stream FROM caseledger.events e WHERE e.position = 1;
    SELECT e.facts -> 'details' INTO details FROM caseledger.events e
    WHERE e.event_id = authorisation AND e.stream = system_stream AND e.kind = 'disposal_authorised';
    of_stream := (details ->> 'stream')::uuid;
    last_position := (details ->> 'up_to')::bigint;
    IF details IS NULL OR of_stream = system_stream OR NOT caseledger.may_dispose(of_stream, last_position) THEN
        RAISE EXCEPTION 'event % authorises no disposal that may be carried out', authorisation
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'two officers have to ask for it, and no legal hold may stand on the stream';
    END IF;
    UPDATE caseledger.events e SET facts = NULL, sealed = NULL, salt = NULL
    WHERE e.stream = of_stream AND e.position <= last_position AND e.salt IS NOT NULL;
    DELETE FROM caseledger.identifier_index i WHERE i.stream = of_stream;
    RETURN QUERY SELECT e.position FROM caseledger.events e
                 WHERE e.stream = of_stream AND e.position <= last_position AND e.salt IS NULL ORDER BY e.position;
END
$$;

REVOKE ALL ON FUNCTION caseledger.may_dispose(uuid, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION caseledger.refuse_change_of_event() FROM PUBLIC;
REVOKE ALL ON FUNCTION caseledger.only_dispose() FROM PUBLIC;
REVOKE ALL ON FUNCTION caseledger.dispose(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION caseledger.may_dispose(uuid, bigint) TO caseledger_disposer;
GRANT SELECT, UPDATE (facts, sealed, salt) ON caseledger.events TO caseledger_disposer;
GRANT SELECT, DELETE ON caseledger.identifier_index TO caseledger_disposer;
CREATE POLICY disposer_reads ON caseledger.events FOR SELECT TO caseledger_disposer USING (true);
CREATE POLICY disposer_empties ON caseledger.events FOR UPDATE TO caseledger_disposer USING (true) WITH CHECK (true);

-- No role of the server may call it: whoever takes over the server cannot dispose of anything. Only the connection that
-- installs the ledger (a superuser) can. Giving a function away needs that connection's own rights.
RESET ROLE;
ALTER FUNCTION caseledger.dispose(uuid) OWNER TO caseledger_disposer;
REVOKE ALL ON FUNCTION caseledger.dispose(uuid) FROM PUBLIC, caseledger_owner;
SET ROLE caseledger_owner;
