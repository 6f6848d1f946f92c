//! Whether a ledger's own programs wrote its batches: each head carries a MAC by a key that stands outside the database.

use std::collections::BTreeMap;

use ring::hmac;
use tokio_postgres::{Client, Config, Row};

use super::tables::{Micros, bigint};
use super::{DatabaseFault, connect};
use crate::finding::{Findings, Kind};
use crate::hash::uuid_of;
use crate::report::Report;

/// Positions whose batches are read together.
const PAGE: u64 = 100_000;

/// The key for MACs of batches, as the ledger's key store gives it.
pub struct BatchKey(pub [u8; 32]);

/// Never the key.
impl std::fmt::Debug for BatchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchKey(..)")
    }
}

/// What a batch is hashed from, as far as the rows of `commands` say it.
type Commands = BTreeMap<i64, Vec<u8>>;

/// Holds the batches of a verified database against the key, and adds what it finds to the report. Batches of programs that made
/// no MACs are passed over, up to the position from which the log says that each has one. Without the key it is only looked at
/// whether each carries a MAC.
///
/// # Errors
/// [`DatabaseFault`] where they cannot be read.
pub async fn verify_batches(
    config: &Config,
    key: Option<&BatchKey>,
    report: &mut Report,
    examples: usize,
) -> Result<(), DatabaseFault> {
    let ledger = report.ledger.as_deref().and_then(uuid_of);
    let (Some(ledger), Some(macs_from)) = (ledger, report.macs_from) else { return Ok(()) };
    let client = connect(config).await?;
    let key = key.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key.0));
    let (mut findings, mut from, mut checked) = (Findings::new(examples), report.read_from - 1, 0_u64);
    while from < report.size {
        let to = report.size.min(from + PAGE);
        let heads = heads(&client, from, to).await?;
        if heads.is_empty() {
            // However far a head claims to reach: what is there is gone on from.
            let Some(next) = next_base(&client, to).await? else { break };
            from = next;
            continue;
        }
        let last = heads.last().map_or(to, |head| head.get::<_, i64>(1).unsigned_abs());
        let commands = commands(&client, from, last).await?;
        for head in heads.iter().filter(|head| head.get::<_, i64>(1).unsigned_abs() >= macs_from) {
            checked += 1;
            check(key.as_ref(), &ledger, head, &commands, &mut findings);
        }
        from = to;
    }
    report.findings.merge(findings);
    if key.is_some() {
        report.notes.push(format!("{checked} batches were held against the key of the ledger"));
    }
    Ok(())
}

async fn heads(client: &Client, from: u64, to: u64) -> Result<Vec<Row>, DatabaseFault> {
    let sql = "SELECT base_size, tree_size, recorded_at, epoch, root, mac FROM caseledger.heads \
               WHERE base_size >= $1 AND base_size < $2 ORDER BY base_size";
    let rows = client.query(sql, &[&bigint(from), &bigint(to)]).await;
    rows.map_err(DatabaseFault::database("the MACs of heads"))
}

/// The first base of a head from a size on.
async fn next_base(client: &Client, from: u64) -> Result<Option<u64>, DatabaseFault> {
    let sql = "SELECT min(base_size) FROM caseledger.heads WHERE base_size >= $1";
    let row = client.query_one(sql, &[&bigint(from)]).await;
    let row = row.map_err(DatabaseFault::database("the MACs of heads"))?;
    Ok(row.get::<_, Option<i64>>(0).and_then(|base| u64::try_from(base).ok()))
}

/// The bytes of each command of some positions, by its first one.
async fn commands(client: &Client, from: u64, to: u64) -> Result<Commands, DatabaseFault> {
    let sql = "SELECT uuid_send(command_id), first_position, event_count, request_hash FROM caseledger.commands \
               WHERE command_id IN (SELECT command_id FROM caseledger.events WHERE position > $1 AND position <= $2)";
    let rows = client.query(sql, &[&bigint(from), &bigint(to)]).await;
    let rows = rows.map_err(DatabaseFault::database("commands"))?;
    let command = |row: &Row| {
        let (first, count): (i64, i32) = (row.get(1), row.get(2));
        let (first_bytes, count_bytes) = (first.to_be_bytes(), count.to_be_bytes());
        let parts: [&[u8]; 4] = [row.get(0), &first_bytes, &count_bytes, row.get(3)];
        (first, parts.concat())
    };
    Ok(rows.iter().map(command).collect())
}

fn check(
    key: Option<&hmac::Key>,
    ledger: &[u8; 16],
    head: &Row,
    commands: &Commands,
    findings: &mut Findings,
) {
    let (base, size): (i64, i64) = (head.get(0), head.get(1));
    let (first, last) = (base.unsigned_abs() + 1, size.unsigned_abs());
    let (Some(root), Some(mac)) = (head.get::<_, Option<&[u8]>>(4), head.get::<_, Option<&[u8]>>(5)) else {
        let detail = "the batch carries no MAC: the program of this ledger did not write it";
        return findings.beside(Kind::Extra, first, last, detail);
    };
    let epoch: i32 = head.get(3);
    let mut text = [b"CL1BATCH".as_slice(), ledger, &epoch.to_be_bytes()].concat();
    for number in [base, size, head.get::<_, Micros>(2).0] {
        text.extend_from_slice(&number.to_be_bytes());
    }
    text.extend_from_slice(root);
    commands.range(base + 1..=size).for_each(|(_, command)| text.extend_from_slice(command));
    if key.is_some_and(|key| hmac::verify(key, &text, mac).is_err()) {
        let detail = "the MAC of the batch does not fit: its head or its commands were changed, or somebody else wrote them";
        findings.beside(Kind::RowChanged, first, last, detail);
    }
}
