//! Events, hashed again: the newest, and others at random.
//!
//! What it does not do: it is no verification. Order, signatures, authorisations and what nobody looked at are
//! `caseledger verify`'s.

use domain::ids::Position;
use verify::{Looked, hash_again};

use super::Checks;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Server;
use crate::signing::LogPlace;

/// The newest events are all looked at, up to this many: what was recorded since the last verification, on most days.
const NEWEST: u64 = 4_096;
/// Of the others so many stretches at random.
const STRETCHES: u64 = 64;
/// Each of so many events.
const STRETCH: u64 = 64;
/// So many rows that are wrong are named.
const NAMED: usize = 3;

/// Are events what was hashed when they were recorded, and what the tiles outside the database say?
pub(super) async fn look(
    checks: &mut Checks,
    server: &Server,
    name: &str,
    head: Position,
    full: bool,
) -> Result<(), Failure> {
    let config = server.role(name, "caseledger_appender");
    let proof = LogPlace::of(server.data(), name).proof;
    let proof = Some(proof.as_path()).filter(|folder| folder.is_dir());
    let newest = if full || head.0 <= NEWEST + STRETCHES * STRETCH { 1 } else { head.0 + 1 - NEWEST };
    let looked = hash_again(&config, &[(newest, head.0)], proof, NAMED).await.or_fail(Outcome::Fault)?;
    let title = if newest == 1 { "every event" } else { "newest events" };
    tell(checks, title, &looked, &format!("{} unchanged since they were recorded", looked.rows));
    let older = at_random(newest - 1).or_fail(Outcome::Fault)?;
    if !older.is_empty() {
        let looked = hash_again(&config, &older, proof, NAMED).await.or_fail(Outcome::Fault)?;
        let good = format!(
            "{} unchanged, chosen at random from {}; `--full` checks every one",
            looked.rows,
            newest - 1
        );
        tell(checks, "older events", &looked, &good);
    }
    Ok(())
}

fn tell(checks: &mut Checks, title: &str, looked: &Looked, good: &str) {
    if looked.findings.is_clean() {
        checks.tell(title, true, good.to_owned(), "");
        return;
    }
    let way_out = "run `caseledger verify`, which names every one, with a checkpoint that somebody kept; find out who changed \
                   the database, and restore a backup into one of another name";
    for finding in looked.findings.by_kind().flat_map(|(_, _, examples)| examples).take(NAMED) {
        checks.tell(title, false, finding.to_string(), way_out);
    }
}

/// Stretches of the events from 1 to `last`. Nobody can know beforehand which.
fn at_random(last: u64) -> Result<Vec<(u64, u64)>, getrandom::Error> {
    if last == 0 {
        return Ok(Vec::new());
    }
    let mut places = Vec::new();
    for _ in 0..STRETCHES {
        places.push(getrandom::u64()? % last.div_ceil(STRETCH));
    }
    places.sort_unstable();
    places.dedup();
    let stretch = |place: u64| (place * STRETCH + 1, ((place + 1) * STRETCH).min(last));
    Ok(places.into_iter().map(stretch).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_at_random_lie_apart_and_within_the_log() {
        assert_eq!(at_random(0).unwrap(), []);
        assert_eq!(at_random(STRETCH).unwrap(), [(1, STRETCH)]);
        for last in [STRETCHES * STRETCH + 1, 1_000_003] {
            let stretches = at_random(last).unwrap();
            assert!(stretches.iter().all(|(first, end)| 1 <= *first && first <= end && *end <= last));
            assert!(stretches.is_sorted_by(|one, next| one.1 < next.0), "{stretches:?}");
        }
        assert_ne!(at_random(1_000_003).unwrap(), at_random(1_000_003).unwrap());
    }
}
