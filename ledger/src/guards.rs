//! What guards the log in its database: triggers, functions, policies and rights, one line each, as they stand and as this
//! program installs them (`sql/guards.txt`, which a test holds to a fresh installation).

use std::collections::BTreeSet;

use tokio_postgres::{Client, Config, NoTls};

use crate::read::ReadFault;

const INSTALLED: &str = include_str!("../sql/guards.txt");

/// Rights of owners are left out: newer servers have more of them.
const STANDING: &str = "\
    SELECT format('trigger %s.%s %s %s %s%s', c.relname, t.tgname, t.tgenabled, t.tgtype, p.oid::regprocedure, \
        CASE WHEN t.tgqual IS NOT NULL OR t.tgattr::text <> '' THEN ' only sometimes' ELSE '' END) \
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
    WHERE c.relnamespace = 'caseledger'::regnamespace AND NOT t.tgisinternal \
    UNION ALL \
    SELECT format('function %s(%s) of %s%s %s %s', p.proname, pg_get_function_identity_arguments(p.oid), o.rolname, \
        CASE WHEN p.prosecdef THEN ' with its rights' ELSE '' END, p.proconfig, md5(p.prosrc)) \
    FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner WHERE p.pronamespace = 'caseledger'::regnamespace \
    UNION ALL \
    SELECT format('rows of %s guarded %s, from the owner too %s', c.relname, c.relrowsecurity, c.relforcerowsecurity) \
    FROM pg_class c WHERE c.relnamespace = 'caseledger'::regnamespace AND c.relkind = 'r' AND c.relrowsecurity \
    UNION ALL \
    SELECT format('policy %s.%s %s %s %s %s %s', p.tablename, p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check) \
    FROM pg_policies p WHERE p.schemaname = 'caseledger' \
    UNION ALL \
    SELECT format('right %s on %s to %s', a.privilege_type, c.relname, coalesce(g.rolname, 'everybody')) \
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee \
    WHERE c.relnamespace = 'caseledger'::regnamespace AND c.relkind = 'r' AND a.grantee <> c.relowner \
    UNION ALL \
    SELECT format('right %s on %s to %s', a.privilege_type, p.proname, coalesce(g.rolname, 'everybody')) \
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a \
    LEFT JOIN pg_roles g ON g.oid = a.grantee \
    WHERE p.pronamespace = 'caseledger'::regnamespace AND a.grantee <> p.proowner \
    UNION ALL \
    SELECT format('right %s on %s.%s to %s', a.privilege_type, c.relname, t.attname, coalesce(g.rolname, 'everybody')) \
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) a \
    LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE c.relnamespace = 'caseledger'::regnamespace \
    UNION ALL \
    SELECT format('table %s of %s%s%s', c.relname, o.rolname, CASE c.relpersistence WHEN 'p' THEN '' ELSE ' emptied by a crash' END, \
        CASE WHEN c.relhasrules THEN ' with rules of rewriting' ELSE '' END) \
    FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner \
    WHERE c.relnamespace = 'caseledger'::regnamespace AND c.relkind = 'r' \
    UNION ALL \
    SELECT format('constraint %s.%s %s %s', c.relname, k.conname, k.contype, \
        CASE WHEN k.convalidated AND NOT k.condeferrable THEN 'holds' ELSE 'does not always hold' END) \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
    WHERE c.relnamespace = 'caseledger'::regnamespace AND k.contype IN ('p', 'u', 'c', 'f') \
    UNION ALL \
    SELECT format('right %s on the schema to %s', a.privilege_type, coalesce(g.rolname, 'everybody')) \
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee \
    WHERE n.nspname = 'caseledger' AND a.grantee <> n.nspowner \
    UNION ALL \
    SELECT format('role %s%s%s%s%s', r.rolname, CASE WHEN r.rolsuper THEN ' superuser' ELSE '' END, \
        CASE WHEN r.rolbypassrls THEN ' sees all rows' ELSE '' END, \
        CASE WHEN r.rolcreaterole THEN ' makes roles' ELSE '' END, \
        (SELECT string_agg(' begins with ' || s.setconfig::text, '' ORDER BY s.setconfig::text) FROM pg_db_role_setting s \
         WHERE s.setrole = r.oid AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))) \
    FROM pg_roles r WHERE r.rolname LIKE 'caseledger\\_%' \
    UNION ALL \
    SELECT format('role %s may act as %s', m.rolname, g.rolname) \
    FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid \
    WHERE m.rolname LIKE 'caseledger\\_%'";

/// In what the guards of a ledger differ from those that this program installs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardDifference {
    /// How many stand as they should.
    pub standing: usize,
    /// Lines that should be there and are not.
    pub missing: Vec<String>,
    /// Lines that are there and should not be.
    pub extra: Vec<String>,
}

/// Holds the guards of a ledger's database against those that this program installs. Any role may ask.
///
/// # Errors
/// [`ReadFault`] where the database is away.
pub async fn compare_guards(database: &Config) -> Result<GuardDifference, ReadFault> {
    let (client, connection) = database.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    let standing = standing(&client).await;
    drop(client);
    driver.abort();
    let standing = standing?;
    let installed: BTreeSet<String> = INSTALLED.lines().map(str::to_owned).collect();
    Ok(GuardDifference {
        standing: standing.intersection(&installed).count(),
        missing: installed.difference(&standing).cloned().collect(),
        extra: standing.difference(&installed).cloned().collect(),
    })
}

async fn standing(client: &Client) -> Result<BTreeSet<String>, tokio_postgres::Error> {
    client.query(STANDING, &[]).await?.iter().map(|row| row.try_get(0)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::test_support::{TestDatabase, fresh_ledger};

    #[tokio::test]
    async fn a_fresh_installation_is_guarded_as_the_file_says() {
        let database = TestDatabase::installed().await;
        let lines: Vec<String> = standing(&database.admin().await).await.unwrap().into_iter().collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/guards.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
        let installed: Vec<&str> = INSTALLED.lines().collect();
        assert_eq!(lines, installed, "UPDATE=1 writes {}", path.display());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whatever_is_loosened_is_told() {
        let loosened = [
            ("ALTER TABLE caseledger.events DISABLE TRIGGER only_dispose", "trigger events.only_dispose"),
            (
                "ALTER TABLE caseledger.heads ENABLE REPLICA TRIGGER refuse_change",
                "trigger heads.refuse_change",
            ),
            ("DROP TRIGGER refuse_truncate ON caseledger.commands", "trigger commands.refuse_truncate"),
            (
                "CREATE OR REPLACE FUNCTION caseledger.may_dispose(of_stream uuid, of_position bigint) RETURNS boolean \
                 LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT true'",
                "function may_dispose",
            ),
            (
                "DROP TRIGGER refuse_change ON caseledger.heads; CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE \
                 ON caseledger.heads FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION caseledger.refuse_change(); \
                 ALTER TABLE caseledger.heads ENABLE ALWAYS TRIGGER refuse_change",
                "trigger heads.refuse_change A 26 caseledger.refuse_change() only sometimes",
            ),
            (
                "CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.refuse_change() RETURNS trigger LANGUAGE plpgsql \
                 AS 'BEGIN RETURN NULL; END'; DROP TRIGGER refuse_truncate ON caseledger.subtrees; \
                 CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON caseledger.subtrees FOR EACH STATEMENT EXECUTE FUNCTION \
                 elsewhere.refuse_change(); ALTER TABLE caseledger.subtrees ENABLE ALWAYS TRIGGER refuse_truncate",
                "trigger subtrees.refuse_truncate A 34 elsewhere.refuse_change()",
            ),
            (
                "ALTER TABLE caseledger.commands OWNER TO caseledger_appender",
                "table commands of caseledger_appender",
            ),
            (
                "ALTER TABLE caseledger.disposed_leaves SET UNLOGGED",
                "table disposed_leaves of caseledger_owner emptied by a crash",
            ),
            (
                "ALTER TABLE caseledger.events DROP CONSTRAINT events_event_id",
                "constraint events.events_event_id",
            ),
            (
                "CREATE RULE nothing AS ON INSERT TO caseledger.kinds DO INSTEAD NOTHING",
                "table kinds of caseledger_owner with rules",
            ),
            ("GRANT CREATE ON SCHEMA caseledger TO public", "right CREATE on the schema to everybody"),
            (
                "ALTER ROLE caseledger_appender IN DATABASE DATABASE_NAME SET synchronous_commit = off",
                "role caseledger_appender sees all rows begins with",
            ),
            ("GRANT DELETE ON caseledger.events TO caseledger_appender", "right DELETE on events"),
            (
                "GRANT EXECUTE ON FUNCTION caseledger.dispose TO caseledger_appender",
                "right EXECUTE on dispose",
            ),
            (
                "GRANT UPDATE (facts) ON caseledger.events TO caseledger_reader",
                "right UPDATE on events.facts",
            ),
            ("ALTER TABLE caseledger.events NO FORCE ROW LEVEL SECURITY", "rows of events"),
            (
                "CREATE POLICY open_to_all ON caseledger.events FOR SELECT TO caseledger_reader USING (true)",
                "policy events.open_to_all",
            ),
        ];
        let (database, _ledger) = fresh_ledger().await;
        assert!(compare_guards(&database.appender()).await.unwrap().missing.is_empty());
        for (statement, line) in loosened {
            let admin = database.admin().await;
            let name: String = admin.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);
            admin.batch_execute(&statement.replace("DATABASE_NAME", &name)).await.unwrap();
            let found = compare_guards(&database.appender()).await.unwrap();
            let told = found.missing.iter().chain(&found.extra).any(|told| told.starts_with(line));
            assert!(told, "{statement}: {found:?}");
        }
    }
}
