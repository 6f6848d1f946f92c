//! Rewriting what still holds a former version of an emptied row: the tables' files and the write-ahead log.
//!
//! It goes as far as PostgreSQL can: not into backups, archived log files, replicas, or blocks that the file system
//! has freed and not yet written over.

use std::time::Duration;

use tokio_postgres::{Client, Config};

use super::{DisposalFault, connect};

/// How often open transactions are looked at, and how long they are waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: usize = if cfg!(test) { 5 } else { 100 };

/// Rounds of switching and checkpointing until no old log file is left.
const ROUNDS: usize = 6;

/// Most log files that are used up in one round; a larger reserve is reported instead.
const MOST_AHEAD: i64 = 4_096;

/// What the ledger itself keeps a disposed record's values in. Statistics are sampled values of columns.
const TABLES: [&str; 3] = ["caseledger.events", "caseledger.identifier_index", "pg_catalog.pg_statistic"];

/// What a rewrite has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Of the write-ahead log.
    pub log: LogFiles,
}

/// What is left of the write-ahead log from before the rewrite, in the database's own folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFiles {
    /// Nothing.
    Gone,
    /// So many files: a replication slot, `wal_keep_size` or an archive that is behind keeps them.
    Kept {
        /// How many.
        files: i64,
    },
    /// It cannot be told, because this database server does not let its settings be changed.
    CannotTell,
}

/// Rewrites the ledger's tables and `further` ones (qualified names that were checked by the caller), and clears the
/// write-ahead log. Each table is locked while it is rewritten; for the log of events that takes as long as copying it.
/// `admin` is the connection that installs the ledger.
///
/// # Errors
/// [`DisposalFault::HeldBack`] where a transaction can still see the rows, else what the database says.
pub async fn rewrite(admin: &Config, further: &[&str]) -> Result<Rewritten, DisposalFault> {
    let client = connect(admin).await?;
    wait_for_older(&client).await?;
    for table in TABLES.iter().chain(further) {
        client.batch_execute(&format!("VACUUM (FULL, ANALYZE) {table}")).await?;
    }
    Ok(Rewritten { log: clear_log(&client).await? })
}

/// A row that a transaction can still see is copied by a rewrite, not left out. So they have to end first.
async fn wait_for_older(client: &Client) -> Result<(), DisposalFault> {
    // An id after that of every transaction that has emptied rows.
    let own: String = client.query_one("SELECT pg_current_xact_id()::text", &[]).await?.try_get(0)?;
    for _ in 0..LOOKS {
        let pids = older(client, &own).await?;
        if pids.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(DisposalFault::HeldBack { pids: older(client, &own).await? })
}

async fn older(client: &Client, own: &str) -> Result<Vec<i32>, DisposalFault> {
    let sql = "WITH own AS (SELECT age(($1::text)::xid8::xid) AS age) \
        SELECT pid FROM own, pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
            AND greatest(age(backend_xmin), age(backend_xid)) > own.age \
        UNION ALL SELECT 0 FROM own, pg_prepared_xacts \
            WHERE database = current_database() AND age(transaction) > own.age \
        UNION ALL SELECT 0 FROM own, pg_replication_slots WHERE greatest(age(xmin), age(catalog_xmin)) > own.age";
    let rows = client.query(sql, &[&own]).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Log files are usually renamed and used again, old content and all. So reuse is switched off for the moment, those
/// that wait to be used again are used up, and a checkpoint removes the rest.
async fn clear_log(client: &Client) -> Result<LogFiles, DisposalFault> {
    let reuses: bool =
        client.query_one("SELECT current_setting('wal_recycle')::bool", &[]).await?.try_get(0)?;
    if reuses && set(client, "ALTER SYSTEM SET wal_recycle = off").await.is_err() {
        return Ok(LogFiles::CannotTell);
    }
    let cleared = clear_rounds(client).await;
    if reuses {
        set(client, "ALTER SYSTEM RESET wal_recycle").await?;
    }
    cleared
}

async fn set(client: &Client, statement: &str) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(statement).await?;
    client.batch_execute("SELECT pg_reload_conf()").await
}

async fn clear_rounds(client: &Client) -> Result<LogFiles, DisposalFault> {
    let last: String =
        client.query_one("SELECT pg_walfile_name(pg_current_wal_lsn())", &[]).await?.try_get(0)?;
    let mut kept = 0;
    for _ in 0..ROUNDS {
        use_up(client).await?;
        client.batch_execute("CHECKPOINT").await?;
        kept = files(client, "name <= $1", &last).await?;
        if kept == 0 && ahead(client).await? == 0 {
            return Ok(LogFiles::Gone);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(LogFiles::Kept { files: kept + ahead(client).await? })
}

/// Goes on to a new file, and past every file that was made ready from an old one: a switch writes zeros to its end.
async fn use_up(client: &Client) -> Result<(), DisposalFault> {
    let steps = ahead(client).await?.min(MOST_AHEAD) + 1;
    for _ in 0..steps {
        client
            .batch_execute("SELECT pg_logical_emit_message(false, 'caseledger', ''), pg_switch_wal()")
            .await?;
    }
    Ok(())
}

async fn ahead(client: &Client) -> Result<i64, DisposalFault> {
    let now: String =
        client.query_one("SELECT pg_walfile_name(pg_current_wal_lsn())", &[]).await?.try_get(0)?;
    files(client, "name > $1", &now).await
}

async fn files(client: &Client, condition: &str, name: &str) -> Result<i64, DisposalFault> {
    let sql = format!("SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{{24}}$' AND {condition}");
    Ok(client.query_one(&sql, &[&name]).await?.try_get(0)?)
}
