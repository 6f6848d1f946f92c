//! What stands beside the events: heads, commands, subtrees, checkpoints, and rows that nothing accounts for.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;
use tokio_postgres::types::{FromSql, Type};

use super::DatabaseFault;
use super::copy::{self, int4, int8, uuid};
use crate::anchors::KeptCheckpoint;
use crate::audit::Audit;
use crate::finding::Kind;
use crate::hash::Hash;
use crate::heads::Head;
use crate::row::Id;

/// How many checkpoints of the table are looked at unless all are asked for.
pub(super) const NEWEST_CHECKPOINTS: u64 = 1_000;

/// What the database holds at the beginning.
pub(super) struct Pinned {
    /// Size of the newest head.
    pub(super) head: u64,
    /// Whether it has the tables and columns of the tree.
    pub(super) has_proof: bool,
    /// Whether it has the look-up table of kinds.
    pub(super) has_kinds: bool,
}

/// Pins the size, after a look at whether the tables are plain tables.
pub(super) async fn pin(client: &Client) -> Result<Pinned, DatabaseFault> {
    for table in ["events", "heads", "commands"] {
        let sql = "SELECT c.relkind = 'r' AND NOT c.relhasrules AND NOT c.relhassubclass FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = 'caseledger' AND c.relname = $1";
        let row =
            client.query_opt(sql, &[&table]).await.map_err(DatabaseFault::database("the list of tables"))?;
        match row.map(|row| row.get::<_, bool>(0)) {
            Some(true) => {}
            Some(false) => return Err(DatabaseFault::Shape { table, reason: "it is not a plain table" }),
            None => return Err(DatabaseFault::NoLedger { table }),
        }
    }
    let sql = "SELECT (SELECT tree_size FROM caseledger.heads ORDER BY base_size DESC LIMIT 1), \
               to_regclass('caseledger.subtrees') IS NOT NULL, to_regclass('caseledger.kinds') IS NOT NULL";
    let row = client.query_one(sql, &[]).await.map_err(DatabaseFault::database("heads"))?;
    let head = u64::try_from(row.get::<_, Option<i64>>(0).unwrap_or(0)).unwrap_or(0);
    Ok(Pinned { head, has_proof: row.get(1), has_kinds: row.get(2) })
}

/// A `timestamptz` in microseconds since 1970.
pub(super) struct Micros(pub(super) i64);

impl<'a> FromSql<'a> for Micros {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        copy::micros(Some(raw)).map(Self).ok_or_else(|| "not eight bytes".into())
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

pub(super) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The heads whose first event is between two positions, by base size.
pub(super) async fn heads(
    client: &Client,
    first: u64,
    last: u64,
    has_roots: bool,
) -> Result<Vec<Head>, DatabaseFault> {
    let root = if has_roots { "root" } else { "NULL::bytea" };
    let sql = format!(
        "SELECT base_size, tree_size, recorded_at, {root}, epoch FROM caseledger.heads \
         WHERE base_size >= $1 AND base_size < $2 ORDER BY base_size"
    );
    let rows = client.query(&sql, &[&bigint(first - 1), &bigint(last)]).await;
    let rows = rows.map_err(DatabaseFault::database("heads"))?;
    let head = |row: &tokio_postgres::Row| Head {
        base_size: row.get(0),
        tree_size: row.get(1),
        recorded_at: row.get::<_, Micros>(2).0,
        root: row.get::<_, Option<&[u8]>>(3).and_then(|root| root.try_into().ok()),
        epoch: row.get(4),
    };
    Ok(rows.iter().map(head).collect())
}

/// The stored subtrees that are completed between two sizes.
pub(super) async fn subtrees(
    client: &Client,
    from: u64,
    size: u64,
) -> Result<BTreeMap<(u32, u64), Hash>, DatabaseFault> {
    let sql = "SELECT height, index, hash FROM caseledger.subtrees \
               WHERE height BETWEEN 8 AND 56 AND ((index + 1) << height) BETWEEN $1 AND $2";
    let rows = client.query(sql, &[&bigint(from), &bigint(size)]).await;
    let rows = rows.map_err(DatabaseFault::database("subtrees"))?;
    let subtree = |row: &tokio_postgres::Row| {
        let (height, index) =
            (u32::try_from(row.get::<_, i16>(0)).ok()?, u64::try_from(row.get::<_, i64>(1)).ok()?);
        // What is not 32 bytes agrees with nothing.
        Some(((height, index), row.get::<_, &[u8]>(2).try_into().unwrap_or([0; 32])))
    };
    Ok(rows.iter().filter_map(subtree).collect())
}

/// The signed checkpoints from a size on, the newest first, and how many older ones there are beyond the limit.
pub(super) async fn checkpoints(
    client: &Client,
    from: u64,
    limit: Option<u64>,
) -> Result<(Vec<KeptCheckpoint>, u64), DatabaseFault> {
    let sql = "SELECT c.note || coalesce((SELECT string_agg(w.line || E'\\n', '' ORDER BY w.line) FROM caseledger.cosignatures w \
               WHERE (w.epoch, w.tree_size) = (c.epoch, c.tree_size)), ''), \
               c.epoch, c.tree_size, count(*) OVER () FROM caseledger.checkpoints c WHERE c.tree_size >= $1 \
               ORDER BY c.epoch DESC, c.tree_size DESC LIMIT $2";
    let rows = client.query(sql, &[&bigint(from), &limit.map(bigint)]).await;
    let rows = rows.map_err(DatabaseFault::database("checkpoints"))?;
    let all = rows.first().map_or(0, |row| u64::try_from(row.get::<_, i64>(3)).unwrap_or(0));
    let kept = rows.iter().map(|row| {
        let (note, epoch, size): (String, i32, i64) = (row.get(0), row.get(1), row.get(2));
        KeptCheckpoint { label: format!("the table, epoch {epoch}, size {size}"), note }
    });
    let kept: Vec<_> = kept.collect();
    let left_out = all - u64::try_from(kept.len()).unwrap_or(all);
    Ok((kept, left_out))
}

/// The sizes of which rosters were recorded: the newest, or all. What the events say here is checked when they are read.
pub(super) async fn rosters(client: &Client, size: u64, every: bool) -> Result<BTreeSet<u64>, DatabaseFault> {
    let sql = "SELECT facts::text FROM caseledger.events \
               WHERE stream = (SELECT stream FROM caseledger.events WHERE position = 1) \
               AND kind = 'roster_recorded' AND position <= $1 AND facts IS NOT NULL ORDER BY revision DESC";
    let rows = client.query(sql, &[&bigint(size)]).await.map_err(DatabaseFault::database("rosters"))?;
    let up_to = |facts: &str| {
        let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
        facts.get("details")?.get("up_to")?.as_u64()
    };
    let sizes = rows.iter().filter_map(|row| up_to(row.get(0)));
    Ok(if every { sizes.collect() } else { sizes.take(1).collect() })
}

/// Compares the table of commands with the commands that the events tell of.
pub(super) async fn commands(
    client: &Client,
    audit: &mut Audit,
    from: u64,
    size: u64,
    to_the_end: bool,
) -> Result<(), DatabaseFault> {
    let mut stored = audit.commands.found.fresh();
    let query = format!(
        "SELECT command_id, first_position, event_count FROM caseledger.commands \
         WHERE first_position BETWEEN {from} AND {size}"
    );
    // A command that goes beyond the size that is checked is seen in part; at the end of the log none goes beyond.
    let most = |first: u64| if to_the_end { u64::MAX } else { size + 1 - first };
    let clipped = |first: i64, count: i32| {
        let (first, count) = (u64::try_from(first).ok()?, u64::try_from(count).ok()?);
        Some((first, count.min(most(first))))
    };
    copy::rows(client, "commands", &query, |&[command, first, count]: &[Option<&[u8]>; 3]| {
        let (first, count) = clipped(int8(first)?, int4(count)?)?;
        stored.add(&uuid(command)?, first, count);
        Some(())
    })
    .await?;
    if !stored.equals(&audit.commands.found) {
        locate_commands(client, audit, from, size, to_the_end).await?;
    }
    Ok(())
}

/// Heads of no event, and commands beyond the end.
async fn rows_of_nothing(client: &Client, audit: &mut Audit, limit: i64) -> Result<(), DatabaseFault> {
    let sql = "SELECT base_size + 1, 'a head of no event' FROM caseledger.heads WHERE tree_size <= base_size \
               UNION ALL SELECT first_position, 'a command beyond the end of the log' FROM caseledger.commands \
               WHERE first_position > (SELECT coalesce(max(tree_size), 0) FROM caseledger.heads) OR first_position < 1 LIMIT $1";
    let rows = client.query(sql, &[&limit]).await.map_err(DatabaseFault::database("heads and commands"))?;
    for row in rows {
        let (position, what): (i64, &str) = (row.get(0), row.get(1));
        audit.findings.at(Kind::Extra, u64::try_from(position).unwrap_or(0), None, what);
    }
    Ok(())
}

/// Looks for the commands that differ, by way of the database itself.
async fn locate_commands(
    client: &Client,
    audit: &mut Audit,
    from: u64,
    size: u64,
    to_the_end: bool,
) -> Result<(), DatabaseFault> {
    let sql = "WITH told AS (SELECT command_id, min(position) AS first, count(*) AS events FROM caseledger.events \
                             WHERE position BETWEEN $1 AND $2 GROUP BY command_id), \
                    stored AS (SELECT command_id, first_position AS first, \
                                      CASE WHEN $4 THEN event_count ELSE least(event_count, $2 + 1 - first_position) END AS events FROM caseledger.commands \
                               WHERE first_position BETWEEN $1 AND $2) \
               SELECT least(t.first, s.first) AS place, t.first IS NULL AS extra, s.first IS NULL AS missing, \
                      greatest(t.first + t.events, s.first + s.events) - 1 AS last \
               FROM told t FULL JOIN stored s USING (command_id) \
               WHERE (t.first, t.events) IS DISTINCT FROM (s.first, s.events) ORDER BY place LIMIT $3";
    let limit = bigint(u64::try_from(audit.findings.keep()).unwrap_or(1));
    let rows = client.query(sql, &[&bigint(from), &bigint(size), &limit, &to_the_end]).await;
    let rows = rows.map_err(DatabaseFault::database("commands"))?;
    for row in &rows {
        let position = u64::try_from(row.get::<_, i64>(0)).unwrap_or(0);
        let (kind, detail) = match (row.get::<_, bool>(1), row.get::<_, bool>(2)) {
            (true, _) => (Kind::Extra, "a command is stored of which no event tells"),
            (_, true) => (Kind::Missing, "no command is stored for the events from here on"),
            (false, false) => (Kind::Order, "the events of a command are not those that were stored with it"),
        };
        let last = u64::try_from(row.get::<_, i64>(3)).unwrap_or(position);
        audit.findings.beside(kind, position, last, detail);
    }
    if rows.is_empty() {
        let detail = "the events of a command do not stand one after the other";
        audit.findings.beside(Kind::Order, from, size, detail);
    }
    Ok(())
}

/// Rows that no head accounts for, and rows that reading by position does not show.
pub(super) async fn extra_rows(
    client: &Client,
    audit: &mut Audit,
    from: u64,
    size: u64,
    to_the_end: bool,
) -> Result<(), DatabaseFault> {
    let failed = DatabaseFault::database;
    if to_the_end {
        let sql = "SELECT position, stream::text, count(*) OVER () FROM caseledger.events \
                   WHERE position > (SELECT coalesce(max(tree_size), 0) FROM caseledger.heads) OR position < 1 \
                   ORDER BY position LIMIT $1";
        let limit = bigint(u64::try_from(audit.findings.keep()).unwrap_or(1));
        for row in client.query(sql, &[&limit]).await.map_err(failed("events"))? {
            let (position, stream): (i64, String) = (row.get(0), row.get(1));
            let stream: Option<Id> = crate::hash::uuid_of(&stream);
            let detail = format!("a row stands at position {position}, which no head covers");
            audit.findings.at(Kind::Extra, u64::try_from(position).unwrap_or(0), stream.as_ref(), detail);
        }
        rows_of_nothing(client, audit, limit).await?;
    }
    let without_index = "BEGIN; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; \
                         SET LOCAL enable_bitmapscan = off";
    client.batch_execute(without_index).await.map_err(failed("events"))?;
    let sql = "SELECT count(*) FROM caseledger.events WHERE position BETWEEN $1 AND $2";
    let counted = client.query_one(sql, &[&bigint(from), &bigint(size)]).await;
    client.batch_execute("COMMIT").await.map_err(failed("events"))?;
    let counted = u64::try_from(counted.map_err(failed("events"))?.get::<_, i64>(0)).unwrap_or(0);
    let seen = audit.events + audit.repeated;
    if counted != seen {
        let detail = format!("{counted} rows are stored, {seen} are shown by position: an index hides rows");
        let kind = if counted > seen { Kind::Extra } else { Kind::Missing };
        audit.findings.between(kind, from, size, counted.abs_diff(seen), detail);
    }
    Ok(())
}
