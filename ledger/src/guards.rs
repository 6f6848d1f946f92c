//! What guards the log in its database: triggers, functions, policies and rights, one line each, as they stand and as this
//! program installs them (`sql/guards.txt`, which a test holds to a fresh installation).

use std::collections::BTreeSet;

use tokio_postgres::{Client, Config, NoTls};

use crate::read::ReadFault;

const INSTALLED: &str = include_str!("../sql/guards.txt");

/// Rights of owners are left out: newer servers have more of them.
const STANDING: &str = "\
    SELECT format('trigger %s.%s %s %s %s', c.relname, t.tgname, t.tgenabled, t.tgtype, p.proname) \
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
    SELECT format('policy %s.%s %s %s %s %s', p.tablename, p.policyname, p.roles, p.cmd, p.qual, p.with_check) \
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
    SELECT format('role %s%s%s', r.rolname, CASE WHEN r.rolsuper THEN ' superuser' ELSE '' END, \
        CASE WHEN r.rolbypassrls THEN ' sees all rows' ELSE '' END) \
    FROM pg_roles r WHERE r.rolname LIKE 'caseledger\\_%' \
    UNION ALL \
    SELECT format('role %s may act as %s', m.rolname, g.rolname) \
    FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid \
    WHERE g.rolname LIKE 'caseledger\\_%' AND m.rolname LIKE 'caseledger\\_%'";

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
            database.admin().await.batch_execute(statement).await.unwrap();
            let found = compare_guards(&database.appender()).await.unwrap();
            let told = found.missing.iter().chain(&found.extra).any(|told| told.starts_with(line));
            assert!(told, "{statement}: {found:?}");
        }
    }
}
