//! Where a log has rows: a head may claim any number of events, and only what is stored is worth reading.

use tokio_postgres::Client;

use super::tables::bigint;
use super::{DatabaseFault, SECTION};

/// Consecutive positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// To be read: at least one event stands there. All but the first start at a multiple of the section's size.
    Rows {
        /// Its first position.
        first: u64,
        /// Its last position, at most a section on.
        last: u64,
    },
    /// No event, however many positions there are.
    Nothing {
        /// Its first position.
        first: u64,
        /// Its last position.
        last: u64,
    },
}

const NEXT: &str = "SELECT min(position) FROM caseledger.events WHERE position >= $1";
const LAST: &str = "SELECT max(position) FROM caseledger.events WHERE position <= $1";

/// The positions `from` to `size` in order, without gaps between the stretches. There are at most two for each row.
pub(super) async fn stretches(client: &Client, from: u64, size: u64) -> Result<Vec<Stretch>, DatabaseFault> {
    let end = position(client, LAST, size).await?.unwrap_or(0);
    let (mut stretches, mut first) = (Vec::new(), from);
    while first <= end {
        let next = position(client, NEXT, first).await?.unwrap_or(first);
        let begins = begin_of_section(next).max(first);
        if begins > first {
            stretches.push(Stretch::Nothing { first, last: begins - 1 });
        }
        let last = (begin_of_section(begins) + SECTION - 1).min(end);
        stretches.push(Stretch::Rows { first: begins, last });
        first = last + 1;
    }
    if first <= size {
        stretches.push(Stretch::Nothing { first, last: size });
    }
    Ok(stretches)
}

async fn position(client: &Client, sql: &str, from: u64) -> Result<Option<u64>, DatabaseFault> {
    let row = client.query_one(sql, &[&bigint(from)]).await;
    let row = row.map_err(DatabaseFault::database("where rows are"))?;
    Ok(row.get::<_, Option<i64>>(0).and_then(|position| u64::try_from(position).ok()))
}

/// Up to which position nothing is passed over.
pub(super) fn whole_up_to(from: u64, stretches: &[Stretch]) -> u64 {
    let rows = stretches.iter().map_while(|stretch| match stretch {
        Stretch::Rows { last, .. } => Some(*last),
        Stretch::Nothing { .. } => None,
    });
    rows.last().unwrap_or(from - 1)
}

fn begin_of_section(position: u64) -> u64 {
    (position - 1) / SECTION * SECTION + 1
}
