//! What is served to those who follow the log: hash tiles and entry bundles of C2SP `tlog-tiles`, made from the database.
//!
//! An entry is a leaf's 106 bytes. It is rebuilt from the row that it commits to; that of a disposed row was kept.

use domain::ids::{Position, StreamId};
use tokio_postgres::Row;

use super::ProofFault;
use super::nodes::{NodeStatements, NodesFault, fetch};
use super::range::{Subtree, TILE_HEIGHT};
use super::tiles::TILE_WIDTH;
use crate::append::signed;
use crate::leaf::{Envelope, LEAF_FORMAT, Leaf, Salt, commit_envelope, commit_facts, hash_sealed};
use crate::ledger::Ledger;
use crate::read::ReadFault;
use crate::rows::{COLUMNS, MalformedRow, event};

/// The bytes of a leaf.
pub type LeafBytes = [u8; 106];

/// Which file of a followed log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// Level of a hash tile; `None` for a bundle of entries.
    pub level: Option<u32>,
    /// Place among the tiles of this level.
    pub index: u64,
    /// How many hashes or entries: 1 to 256.
    pub width: usize,
}

impl TilePath {
    /// Reads `tile/<level>/<index>[.p/<width>]` or `tile/entries/<index>[.p/<width>]`; `None` for any other form,
    /// also for a place that is written in another way than the one.
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match kind {
            "entries" => None,
            level => Some(number(level).filter(|level| *level < 63)?),
        };
        let (place, width) = match place.split_once(".p/") {
            Some((place, width)) => (place, number(width).filter(|width| (1..256).contains(width))?),
            None => (place, 256),
        };
        let mut index = 0_u64;
        let groups: Vec<&str> = place.split('/').collect();
        let (last, first) = groups.split_last()?;
        for group in first.iter().map(|group| group.strip_prefix('x')).chain([Some(*last)]) {
            let group =
                group.filter(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))?;
            index = index.checked_mul(1_000)?.checked_add(group.parse().ok()?)?;
        }
        let plain = first.first().is_none_or(|group| *group != "x000");
        plain.then_some(Self {
            level: level.map(u32::try_from).transpose().ok()?,
            index,
            width: usize::try_from(width).ok()?,
        })
    }
}

fn number(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    (plain && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

impl Ledger {
    /// A file of the followed log; `None` where the log is too short for it.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, ProofFault> {
        let width = u64::try_from(path.width.min(TILE_WIDTH)).unwrap_or_default();
        let Some(first) = path.index.checked_mul(256) else { return Ok(None) };
        let height = path.level.unwrap_or(0) * TILE_HEIGHT;
        let head = self.head().await?.position.0;
        if width == 0 || first.saturating_add(width) > head.checked_shr(height).unwrap_or(0) {
            return Ok(None);
        }
        if path.level.is_none() {
            return Ok(Some(bundle(&self.leaves(Position(first + 1), width).await?)));
        }
        let wanted: Vec<Subtree> = (first..first + width).map(|index| Subtree { height, index }).collect();
        let client = self.reader().connection().await?;
        let statements = NodeStatements::cached(&client).await.map_err(NodesFault::from)?;
        let known = fetch(&client, &statements, &wanted).await?;
        Ok(Some(wanted.iter().filter_map(|subtree| known.get(subtree)).flatten().copied().collect()))
    }

    /// The leaves of so many events from a position on.
    ///
    /// # Errors
    /// [`ProofFault`]; a leaf that is not there, or not what the tree says, is malformed history.
    pub async fn leaves(&self, from: Position, count: u64) -> Result<Vec<LeafBytes>, ProofFault> {
        let condition = "e.position >= $1 AND e.position < $1 + $2";
        self.leaves_where(condition, &[&signed(from.0), &signed(count)]).await
    }

    /// Makes sure that each row of a stream is what was hashed when it was recorded.
    ///
    /// # Errors
    /// [`ProofFault`]; a row that is not is malformed history.
    pub(crate) async fn check_leaves_of(&self, stream: StreamId) -> Result<(), ProofFault> {
        self.leaves_where("e.stream = $1", &[&stream.0]).await.map(drop)
    }

    /// Keeps the leaves of a stream's events up to a position, before what they commit to is disposed of.
    ///
    /// # Errors
    /// [`ProofFault`].
    pub(crate) async fn keep_leaves(&self, stream: StreamId, up_to: Position) -> Result<(), ProofFault> {
        let client = self.reader().connection().await?;
        let sql =
            "SELECT position FROM caseledger.events e WHERE stream = $1 AND position <= $2 ORDER BY position";
        let rows = client.query(sql, &[&stream.0, &signed(up_to.0)]).await.map_err(ReadFault::from)?;
        let positions: Vec<i64> =
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(ReadFault::from)?;
        let condition = "e.stream = $1 AND e.position <= $2";
        let leaves = self.leaves_where(condition, &[&stream.0, &signed(up_to.0)]).await?;
        let leaves: Vec<&[u8]> = leaves.iter().map(<[u8; 106]>::as_slice).collect();
        let sql = "INSERT INTO caseledger.disposed_leaves (position, leaf) \
                   SELECT l.position, l.leaf FROM unnest($1::int8[], $2::bytea[]) AS l (position, leaf) \
                   ON CONFLICT DO NOTHING";
        client.execute(sql, &[&positions, &leaves]).await.map_err(ReadFault::from)?;
        Ok(())
    }

    /// The hash of the leaf of a row as it stands, for tests that make a ledger of before.
    #[cfg(test)]
    pub(crate) async fn rehashed(&self, position: Position) -> crate::hash::Hash {
        let columns = COLUMNS.split(", ").map(|column| format!("e.{}", column.trim())).collect::<Vec<_>>();
        let sql = format!(
            "SELECT {}, e.salt, e.leaf_hash, NULL::bytea FROM caseledger.events e WHERE e.position = $1",
            columns.join(", ")
        );
        let client = self.reader().connection().await.unwrap();
        let row = client.query_one(&sql, &[&signed(position.0)]).await.unwrap();
        crate::tree::leaf_hash(&rebuilt(&row, columns.len()).unwrap())
    }

    async fn leaves_where(
        &self,
        condition: &str,
        parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Vec<LeafBytes>, ProofFault> {
        let sql = rows_with_leaves(condition);
        let client = self.reader().connection().await?;
        let statement = client.prepare_cached(&sql).await.map_err(ReadFault::from)?;
        let rows = client.query(&statement, parameters).await.map_err(ReadFault::from)?;
        Ok(rows.iter().map(leaf).collect::<Result<_, _>>().map_err(ReadFault::from)?)
    }
}

/// Rows of events with what [`leaf`] needs, in order.
pub(crate) fn rows_with_leaves(condition: &str) -> String {
    let columns = COLUMNS.split(", ").map(|column| format!("e.{}", column.trim())).collect::<Vec<_>>();
    format!(
        "SELECT {}, e.salt, e.leaf_hash, d.leaf FROM caseledger.events e \
         LEFT JOIN caseledger.disposed_leaves d USING (position) WHERE {condition} ORDER BY e.position",
        columns.join(", "),
    )
}

/// The leaf of a row of [`rows_with_leaves`], which must have the hash that stands in the tree.
pub(crate) fn leaf(row: &Row) -> Result<LeafBytes, MalformedRow> {
    let extra = row.len() - 3;
    let bytes = rebuilt(row, extra)?;
    let position = row.try_get(0).unwrap_or_default();
    let wrong = || MalformedRow { position, column: "leaf_hash", source: None };
    let expected: &[u8] = row.try_get(extra + 1).map_err(|_| wrong())?;
    if crate::tree::leaf_hash(&bytes) == expected { Ok(bytes) } else { Err(wrong()) }
}

/// The leaf that a row commits to as it stands.
fn rebuilt(row: &Row, extra: usize) -> Result<LeafBytes, MalformedRow> {
    let stored = event(row)?;
    let position = signed(stored.position.0);
    let wrong = || MalformedRow { position, column: "leaf_hash", source: None };
    let salt: Option<&[u8]> = row.try_get(extra).map_err(|_| wrong())?;
    Ok(match salt.map(Salt::try_from) {
        Some(Ok(salt)) => {
            let occurred = stored.occurred.to_string();
            let source_recorded_at =
                row.try_get::<_, Option<&str>>("source_recorded_at").map_err(|_| wrong())?;
            let envelope = Envelope {
                stream: stored.stream,
                category: stored.category,
                event_id: stored.event_id,
                command_id: stored.command_id,
                kind: &stored.kind,
                schema_version: stored.schema_version,
                occurred: &occurred,
                source_recorded_at,
                context: &stored.context,
            };
            let text = envelope.text().map_err(|_| wrong())?.at(stored.revision);
            let facts = stored.facts.as_deref().ok_or_else(wrong)?;
            Leaf {
                recorded_at: stored.recorded_at,
                envelope_commitment: commit_envelope(&salt, &text),
                facts_commitment: commit_facts(&salt, facts),
                sealed_hash: hash_sealed(stored.sealed.as_deref()),
            }
            .to_bytes()
        }
        Some(Err(_)) => return Err(wrong()),
        None => {
            let kept: Option<&[u8]> = row.try_get(extra + 2).map_err(|_| wrong())?;
            kept.and_then(|kept| kept.try_into().ok()).ok_or_else(wrong)?
        }
    })
}

/// Entries one after the other, each with its length as `u16` before it.
fn bundle(leaves: &[LeafBytes]) -> Vec<u8> {
    let length = u16::try_from(size_of::<LeafBytes>()).expect("106").to_be_bytes();
    leaves.iter().flat_map(|leaf| length.iter().chain(leaf)).copied().collect()
}

const _: () = assert!(LEAF_FORMAT == 1, "another leaf format may have another length");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_in_its_one_form_only() {
        let path = |level, index, width| Some(TilePath { level, index, width });
        let cases = [
            ("tile/0/000", path(Some(0), 0, 256)),
            ("tile/1/x001/x234/067", path(Some(1), 1_234_067, 256)),
            ("tile/entries/273.p/112", path(None, 273, 112)),
            ("tile/2/x001/000.p/1", path(Some(2), 1_000, 1)),
            ("tile/0/00", None),
            ("tile/0/x000/001", None),
            ("tile/00/001", None),
            ("tile/63/001", None),
            ("tile/0/001.p/0", None),
            ("tile/0/001.p/256", None),
            ("tile/0/001.p/012", None),
            ("tile/0/../checkpoint", None),
            ("tile/0/001/002", None),
            ("tile/0/x999/x999/x999/x999/x999/x999/x999/999", None),
            ("checkpoint", None),
        ];
        for (text, expected) in cases {
            assert_eq!(TilePath::parse(text), expected, "{text}");
        }
    }
}
