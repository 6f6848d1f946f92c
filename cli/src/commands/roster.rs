//! `caseledger roster`: records the end of every stream under one root, so that a bundle can prove that nothing was left out.

use std::convert::Infallible;
use std::time::Duration;

use domain::ids::Position;
use domain::time::london_day;
use ledger::Ledger;

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, clock};
use crate::signing;
use crate::upkeep::Works;

/// How often the server looks whether a day has begun.
const LOOK: Duration = Duration::from_secs(600);

/// When it looks first: a server that is only tried out records none.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// Records a roster now.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read or written.
pub(crate) async fn run(open: &Open) -> Result<Outcome, Failure> {
    let signing = open.begin_writing().await?;
    let (roster, recorded) = open.ledger.record_roster(clock().now()).await.or_fail(Outcome::Fault)?;
    eprintln!(
        "roster of {} streams up to position {}, recorded at position {}",
        roster.entries().len(),
        roster.up_to(),
        recorded.first_position
    );
    signing::finish(signing, &open.ledger).await?;
    Ok(Outcome::Done)
}

/// Records a roster on each day on which something new was recorded, without end.
///
/// # Errors
/// A [`Failure`] where one could not be recorded.
pub(crate) async fn follow(ledger: Ledger, works: Works) -> Result<Infallible, Failure> {
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        once_a_day(&ledger).await?;
        works.now();
        tokio::time::sleep(LOOK).await;
    }
}

async fn once_a_day(ledger: &Ledger) -> Result<(), Failure> {
    let now = clock().now();
    let custody = ledger.custody().await.or_fail(Outcome::Fault)?;
    let head = ledger.head().await.or_fail(Outcome::Fault)?;
    let system = ledger.stream_lines(custody.system_stream(), head.position).await.or_fail(Outcome::Fault)?;
    let newest = system.iter().rfind(|line| line.kind == "roster_recorded");
    if let Some(newest) = newest {
        let held = ledger.read_positions(Position(newest.position), 1).await.or_fail(Outcome::Fault)?;
        let today = held.first().is_some_and(|event| london_day(event.recorded_at) == london_day(now));
        if today || newest.position == head.position.0 {
            return Ok(());
        }
    }
    ledger.record_roster(now).await.or_fail(Outcome::Fault)?;
    Ok(())
}
