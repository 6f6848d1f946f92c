//! What is looked up instead of read: epochs of heads, and the first position of each kind of event. Neither is part of the
//! tree, and both decide answers, so both are held against the events.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::DatabaseFault;
use crate::audit::Audit;
use crate::custody::Custody;
use crate::finding::{Findings, Kind};
use crate::heads::EpochRun;

/// Compares the epochs that heads say with those that the system stream opened.
pub(super) fn epochs(runs: &[EpochRun], custody: &Custody, findings: &mut Findings) {
    let ends = custody.epochs.iter().skip(1).map(|(_, first)| first - 1).chain([u64::MAX]);
    for ((epoch, from), to) in custody.epochs.iter().zip(ends) {
        let others = runs.iter().filter(|run| u32::try_from(run.epoch) != Ok(*epoch));
        for run in others.filter(|run| run.first <= to && run.last >= *from) {
            let detail = format!("heads say epoch {}, and the log is in epoch {epoch} there", run.epoch);
            findings.beside(Kind::RowChanged, run.first.max(*from), run.last.min(to), detail);
        }
    }
}

/// Compares the look-up table of kinds with the kinds of the events that were read.
pub(super) async fn kinds(
    client: &Client,
    audit: &mut Audit,
    from: u64,
    size: u64,
) -> Result<(), DatabaseFault> {
    let rows = client.query("SELECT kind, first_position FROM caseledger.kinds", &[]).await;
    let rows = rows.map_err(DatabaseFault::database("kinds"))?;
    let stored: BTreeMap<Vec<u8>, u64> = rows
        .iter()
        .map(|row| (row.get::<_, String>(0).into_bytes(), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0)))
        .collect();
    let found = std::mem::take(&mut audit.kinds);
    for (kind, first) in &found {
        let name = String::from_utf8_lossy(kind);
        match stored.get(kind) {
            None => {
                let detail =
                    format!("events of kind {name} begin here, and the look-up table of kinds lacks it");
                audit.findings.beside(Kind::Missing, *first, *first, detail);
            }
            // An earlier run saw the first event of this kind.
            Some(said) if said == first || (1..from).contains(said) => {}
            Some(said) => {
                let detail =
                    format!("events of kind {name} begin here, and the look-up table of kinds says {said}");
                audit.findings.beside(Kind::RowChanged, *first, *first, detail);
            }
        }
    }
    // What lies above the size that was pinned may have been appended since.
    let unfounded = stored
        .iter()
        .filter(|(kind, said)| !found.contains_key(*kind) && !(1..from).contains(*said) && **said <= size);
    for (kind, said) in unfounded {
        let name = String::from_utf8_lossy(kind);
        let detail =
            format!("the look-up table of kinds says that events of kind {name} begin here, and none do");
        audit.findings.beside(Kind::Extra, *said, *said, detail);
    }
    Ok(())
}
