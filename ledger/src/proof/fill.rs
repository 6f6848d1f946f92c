//! Fills `subtrees` for events that were recorded before the tree was kept. Runs again without harm, and beside appends.

use tokio_postgres::Client;

use super::nodes::{NodeStatements, NodesFault, fetch};
use super::range::{Subtree, TILE_HEIGHT};
use crate::append::signed;

/// Subtrees that are inserted at once.
const PAGE: u64 = 64;

/// Brings the kept subtrees up to the log's size.
///
/// # Errors
/// [`NodesFault`]; what is filled stays.
pub(crate) async fn fill(client: &Client) -> Result<(), NodesFault> {
    let sql = "SELECT coalesce(max(tree_size), 0) FROM caseledger.heads \
               WHERE base_size = (SELECT max(base_size) FROM caseledger.heads)";
    let size: i64 = client.query_one(sql, &[]).await?.try_get(0)?;
    let size = size.unsigned_abs();
    let mut height = TILE_HEIGHT;
    while size >> height > 0 {
        fill_level(client, height, size >> height).await?;
        height += TILE_HEIGHT;
    }
    Ok(())
}

async fn fill_level(client: &Client, height: u32, complete: u64) -> Result<(), NodesFault> {
    let stored = i16::try_from(height).expect("a height is below 64");
    let sql = "SELECT coalesce(max(index) + 1, 0) FROM caseledger.subtrees WHERE height = $1";
    let there: i64 = client.query_one(sql, &[&stored]).await?.try_get(0)?;
    let mut next = there.unsigned_abs();
    if next >= complete {
        return Ok(());
    }
    let statements = NodeStatements::prepare(client).await?;
    while next < complete {
        let beyond = complete.min(next + PAGE);
        let (indexes, hashes) = level(client, &statements, height, next..beyond).await?;
        let sql = "INSERT INTO caseledger.subtrees (height, index, hash) \
                   SELECT $1, s.index, s.hash FROM unnest($2::int8[], $3::bytea[]) AS s (index, hash) \
                   ON CONFLICT DO NOTHING";
        client.execute(sql, &[&stored, &indexes, &hashes]).await?;
        next = beyond;
    }
    Ok(())
}

async fn level(
    client: &Client,
    statements: &NodeStatements,
    height: u32,
    indexes: std::ops::Range<u64>,
) -> Result<(Vec<i64>, Vec<Vec<u8>>), NodesFault> {
    let mut filled = (Vec::new(), Vec::new());
    for index in indexes {
        // Two halves, because a subtree of a kept height would be asked of the table that is being filled.
        let halves = [0, 1].map(|half| Subtree { height: height - 1, index: index * 2 + half });
        let known = fetch(client, statements, &halves).await?;
        let [left, right] = halves.map(|half| known.get(&half).copied().expect("fetched, or a fault"));
        filled.0.push(signed(index));
        filled.1.push(crate::tree::node(&left, &right).to_vec());
    }
    Ok(filled)
}
