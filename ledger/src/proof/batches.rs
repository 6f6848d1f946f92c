//! Whether the batches between two sizes were written by this ledger's programs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio_postgres::{Client, Row};

use super::signer::SignerFault;
use crate::append::signed;
use crate::batch_mac::{BatchKey, CommandOfBatch, HeadOfBatch};
use crate::hash::Hash;

const HEADS: &str = "SELECT base_size, tree_size, recorded_at, epoch, root, mac FROM caseledger.heads \
                     WHERE base_size >= $1 AND base_size < $2 ORDER BY base_size";
/// Commands by the events of the positions: there is no index by position.
const COMMANDS: &str = "SELECT c.command_id, c.first_position, c.event_count, c.request_hash FROM \
                        (SELECT DISTINCT command_id FROM caseledger.events WHERE position > $1 AND position <= $2) e \
                        JOIN caseledger.commands c ON c.command_id = e.command_id ORDER BY c.first_position";
/// Positions whose batches are looked at together.
const PAGE: u64 = 20_000;

/// What it takes to tell which batches this ledger's programs wrote, as the open ledger knows it.
#[derive(Clone, Debug)]
pub(crate) struct Authenticity {
    pub(crate) key: Arc<OnceLock<BatchKey>>,
    /// From which position on batches have to carry MACs; the greatest number where none has to.
    pub(crate) from: Arc<AtomicU64>,
}

impl Authenticity {
    /// Makes sure that each batch between two sizes of the log, both of which are heads', was written by this ledger's
    /// programs.
    pub(super) async fn check(&self, client: &Client, sizes: (u64, u64)) -> Result<(), SignerFault> {
        let from = self.from.load(Ordering::Relaxed);
        if from > sizes.1 {
            return Ok(());
        }
        let key = self.key.get().ok_or(SignerFault::NoBatchKey)?;
        check(client, key, from, sizes).await
    }
}

/// Batches that end before position `sealed_from` need no MAC.
async fn check(
    client: &Client,
    key: &BatchKey,
    sealed_from: u64,
    (mut from, to): (u64, u64),
) -> Result<(), SignerFault> {
    while from < to {
        let heads = client.query(HEADS, &[&signed(from), &signed(to.min(from + PAGE))]).await?;
        let Some(last) = heads.last() else { return Err(SignerFault::Forged { base: from, size: to }) };
        let end = size_of(last, 1)?;
        let commands = client.query(COMMANDS, &[&signed(from), &signed(end)]).await?;
        let mut commands = commands.as_slice();
        for head in &heads {
            let (base, size) = (size_of(head, 0)?, size_of(head, 1)?);
            let own =
                commands.partition_point(|command| size_of(command, 1).is_ok_and(|first| first <= size));
            let (of_batch, rest) = commands.split_at(own);
            commands = rest;
            let is_next = base == from && size > base;
            if !is_next || (size >= sealed_from && !carries(key, head, (base, size), of_batch)?) {
                return Err(SignerFault::Forged { base, size });
            }
            from = size;
        }
    }
    Ok(())
}

fn carries(
    key: &BatchKey,
    row: &Row,
    (base, size): (u64, u64),
    commands: &[Row],
) -> Result<bool, tokio_postgres::Error> {
    let (Some(root), Some(mac)) = (hash(row, 4)?, hash(row, 5)?) else { return Ok(false) };
    let head = HeadOfBatch { epoch: row.try_get(3)?, base, size, recorded_at: row.try_get(2)?, root };
    let command = |row: &'_ Row| -> Result<(uuid::Uuid, i64, i32, Vec<u8>), tokio_postgres::Error> {
        Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
    };
    let commands = commands.iter().map(command).collect::<Result<Vec<_>, _>>()?;
    let commands = commands.iter().map(|(id, first_position, event_count, request_hash)| CommandOfBatch {
        id: *id,
        first_position: *first_position,
        event_count: *event_count,
        request_hash,
    });
    Ok(key.mac(&head, commands) == mac)
}

fn hash(row: &Row, column: usize) -> Result<Option<Hash>, tokio_postgres::Error> {
    Ok(row.try_get::<_, Option<&[u8]>>(column)?.and_then(|bytes| bytes.try_into().ok()))
}

fn size_of(row: &Row, column: usize) -> Result<u64, tokio_postgres::Error> {
    Ok(row.try_get::<_, i64>(column)?.unsigned_abs())
}
