-- Roles belong to the whole server, so they are made once and outlive a database; this script may run again at any time,
-- also from two databases at once.
DO $roles$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('caseledger_owner',     'NOLOGIN NOINHERIT'),
            ('caseledger_disposer',  'NOLOGIN NOINHERIT'),
            ('caseledger_appender',  'LOGIN NOINHERIT BYPASSRLS'),
            ('caseledger_projector', 'LOGIN NOINHERIT'),
            ('caseledger_reader',    'LOGIN NOINHERIT')
        ) AS role (name, properties)
    LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
                EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE %s', wanted.name, wanted.properties);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this server made it at the same moment
        END;
    END LOOP;
END
$roles$;
