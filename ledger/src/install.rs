//! Roles, schema and migrations. Needs a superuser; the server itself never connects as one.
//!
//! Everything here can run again at any time, and from two programs at once.

use thiserror::Error;
use tokio_postgres::{Client, Config, NoTls};

refinery::embed_migrations!("migrations");

/// Serialises two installations into one database.
pub(crate) const INSTALL_LOCK: i64 = 0x6361_7365_6c65_6401;

/// Why the ledger could not be installed.
#[derive(Debug, Error)]
pub enum InstallFault {
    /// The database refused or is away.
    #[error("installing the ledger's roles and tables")]
    Database {
        /// What the database says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// A migration failed, or the database was migrated by a newer program.
    #[error("migrating the ledger's tables")]
    Migration {
        /// What went wrong.
        #[from]
        source: refinery::Error,
    },
}

/// Makes roles, schema and tables, or brings them up to this program's version.
///
/// # Errors
/// [`InstallFault`]; a failed migration leaves the version before it.
pub async fn install(superuser: &Config) -> Result<(), InstallFault> {
    let (mut client, connection) = superuser.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    let outcome = install_with(&mut client).await;
    drop(client);
    driver.abort();
    outcome
}

/// Version of the newest migration that this program knows.
pub(crate) fn newest_migration() -> i32 {
    let runner = migrations::runner();
    runner.get_migrations().iter().map(|migration| migration.version()).max().unwrap_or_default()
}

async fn install_with(client: &mut Client) -> Result<(), InstallFault> {
    client.execute("SELECT pg_advisory_lock($1)", &[&INSTALL_LOCK]).await?;
    client.batch_execute(include_str!("../sql/roles.sql")).await?;
    client.batch_execute(include_str!("../sql/schema.sql")).await?;
    let mut runner = migrations::runner();
    runner.set_migration_table_name("caseledger.schema_history");
    runner.run_async(client).await?;
    Ok(())
}
