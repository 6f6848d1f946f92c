//! The whole ledger checked by the room that shares no code with what wrote it, and proofs of single events.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use domain::ids::Position;
use verify::{DatabaseQuestion, verify_database};

use super::import::{Authorities, Authority};
use super::load::{median, percentile};
use super::table::{count, milliseconds, table, whole};
use super::{Scale, tell};

/// Measures both.
pub(super) async fn measure(
    scale: &Scale,
    authorities: &Authorities,
    out: &mut String,
) -> anyhow::Result<()> {
    let Authorities { fifth, whole: whole_of_it } = authorities;
    let rows = [verified(scale, fifth).await?, verified(scale, whole_of_it).await?];
    let columns = ["events", "events/s", "us/event"];
    table(out, "`verify` of a whole ledger, every row read and hashed again", &columns, &rows);
    let rows = [proved(scale, fifth).await?, proved(scale, whole_of_it).await?];
    table(
        out,
        "Inclusion proof of one event, read from PostgreSQL",
        &["events", "hashes", "p50 ms", "p99 ms"],
        &rows,
    );
    Ok(())
}

async fn verified(scale: &Scale, authority: &Authority) -> anyhow::Result<Vec<String>> {
    tell(&format!("verify of {} events", authority.events));
    let mut costs = Vec::new();
    for _ in 0..scale.rounds {
        let began = Instant::now();
        let (report, _) =
            verify_database(&authority.tables.database.appender(), &DatabaseQuestion::default()).await?;
        costs.push(began.elapsed().as_secs_f64() / authority.events as f64);
        ensure!(report.findings.is_clean(), "{:?}", report.findings.first());
    }
    let cost = median(costs);
    Ok(vec![count(authority.events), whole(1.0 / cost), format!("{:.2}", cost * 1e6)])
}

/// Events from all over the log; a prime step, so that they do not share their subtrees.
async fn proved(scale: &Scale, authority: &Authority) -> anyhow::Result<Vec<String>> {
    let size = authority.ledger.head().await?.position.0;
    let (mut times, mut hashes) = (Vec::new(), 0);
    for number in 0..u64::try_from(scale.replays)? {
        let position = Position(number * 7_919 % size + 1);
        let began = Instant::now();
        let proof = authority.ledger.inclusion(position, size).await?;
        times.push(began.elapsed());
        hashes = hashes.max(proof.path.len());
    }
    times.sort_unstable();
    let [p50, p99] = [50, 99].map(|hundredths| milliseconds(percentile(&times, hundredths)));
    times.first().context("at least one proof")?;
    Ok(vec![count(size), hashes.to_string(), p50, p99])
}
