//! What was signed before, as the proof folder and the database remember it, and whether the log still begins with it.
//!
//! Whoever appends compares, also without the key that signs. Nothing here writes.

use std::path::Path;

use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

use super::checkpoint::Checkpoint;
use super::log_name::LogName;
use super::nodes::{NodeStatements, range_at};
use super::signer::SignerFault;
use super::tiles::published;
use crate::hash::Hash;
use crate::ledger::Ledger;

/// The newest heads that were signed before, under the log's present name.
pub(super) struct SignedBefore {
    pub(super) in_folder: Option<Checkpoint>,
    pub(super) in_database: Option<Checkpoint>,
}

impl SignedBefore {
    /// How far the log was signed; 0 where it never was.
    pub(super) fn tree_size(&self) -> u64 {
        let sizes = self.in_folder.iter().chain(&self.in_database).map(|head| head.tree_size);
        sizes.max().unwrap_or(0)
    }
}

/// What becomes of a proof folder that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Nothing goes on without it.
    Refused,
    /// It is written anew.
    Rebuilt,
    /// It may be on the machine that signs.
    Elsewhere,
}

impl Ledger {
    /// Compares the log with what was signed before, for whoever appends without signing. Unless the folder `must_be`
    /// here it may be on the machine that signs; then only the database's own checkpoints can be compared. Gives how
    /// far the log was signed.
    ///
    /// # Errors
    /// [`SignerFault`]; an older or another database than was signed must not be appended to.
    pub async fn compare_with_signed(&self, folder: &Path, must_be: bool) -> Result<u64, SignerFault> {
        self.checked_custody().await.map_err(Box::new)?;
        let name = self.log_name().await.map_err(Box::new)?;
        let missing = if must_be { Missing::Refused } else { Missing::Elsewhere };
        let (client, driver) = self.reading_connection().await?;
        let compared = self.compare_all(&client, &name, folder, missing).await;
        driver.abort();
        compared
    }

    async fn compare_all(
        &self,
        client: &Client,
        name: &LogName,
        folder: &Path,
        missing: Missing,
    ) -> Result<u64, SignerFault> {
        let signed = compare(client, name, folder, missing).await?.tree_size();
        let newest = newest_head(client).await?.map_or(0, |(size, _)| size);
        self.authenticity().check(client, (signed, newest)).await?;
        Ok(signed)
    }

    /// How many heads the database remembers as signed after the one in the proof folder; 0 where the folder holds none. A crash
    /// between recording and publishing leaves one behind; more show an older copy of the folder.
    ///
    /// # Errors
    /// [`SignerFault`], also where the folder's head is not signed by this log.
    pub async fn signed_after(&self, folder: &Path) -> Result<u64, SignerFault> {
        let name = self.log_name().await.map_err(Box::new)?;
        let Some(note) = published(folder)? else { return Ok(0) };
        let head = signed_before(&name, &note, "in the proof folder")?;
        let size = i64::try_from(head.tree_size).unwrap_or(i64::MAX);
        let epoch = epoch_of(&name);
        let sql = "SELECT count(*) FROM caseledger.checkpoints WHERE epoch = $1 AND tree_size > $2";
        let (client, driver) = self.reading_connection().await?;
        let row = client.query_one(sql, &[&epoch as &(dyn ToSql + Sync), &size]).await;
        driver.abort();
        Ok(row?.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// A connection that only reads, and what drives it.
    async fn reading_connection(&self) -> Result<(Client, JoinHandle<()>), SignerFault> {
        let (client, connection) = self.database().connect(NoTls).await?;
        let driver = tokio::spawn(async move {
            // The client sees the same error at its next statement.
            let _ = connection.await;
        });
        Ok((client, driver))
    }
}

/// Holds the log against what was signed before.
pub(super) async fn compare(
    client: &Client,
    name: &LogName,
    folder: &Path,
    missing: Missing,
) -> Result<SignedBefore, SignerFault> {
    // What another process signed, or what is left when the folder is lost.
    let sql = "SELECT note, (SELECT count(*) FROM caseledger.checkpoints WHERE epoch = $1) \
               FROM caseledger.checkpoints WHERE epoch = $1 ORDER BY tree_size DESC LIMIT 1";
    let row = client.query_opt(sql, &[&epoch_of(name)]).await?;
    let notes: i64 = row.as_ref().map_or(Ok(0), |row| row.try_get(1))?;
    let in_database = row.map(|row| row.try_get::<_, String>(0)).transpose()?;
    let in_database = in_database.map(|note| signed_before(name, &note, "in the database")).transpose()?;
    // Looked at after the database: a signer at work records a head first, so that of two heads the first is here.
    let in_folder = published(folder)?;
    let in_folder = in_folder.map(|note| signed_before(name, &note, "in the proof folder")).transpose()?;
    // The first head of all is recorded before it is published: a crash between the two leaves tiles and one note.
    let has_begun = notes == 1 && folder.is_dir();
    let may_be_missing = match missing {
        Missing::Refused => has_begun,
        Missing::Rebuilt => true,
        Missing::Elsewhere => has_begun || !folder.exists(),
    };
    if let (None, Some(head), false) = (&in_folder, &in_database, may_be_missing) {
        return Err(SignerFault::ProofMissing { folder: folder.to_owned(), signed: head.tree_size });
    }
    let sql = "SELECT epoch FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
    let found = client.query_opt(sql, &[]).await?.map(|row| row.try_get(0)).transpose()?;
    let expected = epoch_of(name);
    if let Some(found) = found.filter(|found| *found != expected) {
        return Err(SignerFault::OtherEpoch { found, expected });
    }
    let before = SignedBefore { in_folder, in_database };
    for head in before.in_folder.iter().chain(&before.in_database) {
        check_beginning(client, head).await?;
    }
    Ok(before)
}

/// The log's epoch, as the tables have it.
pub(super) fn epoch_of(name: &LogName) -> i32 {
    i32::try_from(name.epoch).unwrap_or(i32::MAX)
}

/// A head that was signed before, under this log's present name.
fn signed_before(name: &LogName, note: &str, place: &str) -> Result<Checkpoint, SignerFault> {
    let unreadable = |source| SignerFault::Checkpoint { place: place.to_owned(), source };
    let (checkpoint, note) = Checkpoint::of_note(note).map_err(unreadable)?;
    let signed = name.keys.iter().any(|key| note.is_signed_by(key) == Some(true));
    if signed && checkpoint.origin == name.origin {
        Ok(checkpoint)
    } else {
        Err(SignerFault::Unsigned { place: place.to_owned() })
    }
}

/// Whether the log still begins with what was signed.
async fn check_beginning(client: &Client, head: &Checkpoint) -> Result<(), SignerFault> {
    let found = newest_head(client).await?.map_or(0, |(size, _)| size);
    let size = head.tree_size;
    if found < size {
        return Err(SignerFault::Rewound { signed: size, found });
    }
    let statements = NodeStatements::prepare(client).await?;
    if range_at(client, &statements, size).await?.root() != head.root {
        return Err(SignerFault::Inconsistent { size });
    }
    Ok(())
}

/// Size of the log, and its root where the head has one.
pub(super) async fn newest_head(client: &Client) -> Result<Option<(u64, Option<Hash>)>, SignerFault> {
    let sql = "SELECT tree_size, root FROM caseledger.heads ORDER BY base_size DESC LIMIT 1";
    let row = client.query_opt(sql, &[]).await?;
    row.map(|row| {
        let (size, root): (i64, Option<&[u8]>) = (row.try_get(0)?, row.try_get(1)?);
        Ok((size.unsigned_abs(), root.and_then(|root| root.try_into().ok())))
    })
    .transpose()
}
