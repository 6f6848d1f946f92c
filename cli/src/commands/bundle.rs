//! `caseledger bundle`: the record of one child as an outsider can check it, without this ledger and its keys.
//!
//! `docs/ledger-format.md` section 11 says what stands in it. What is sealed stays sealed.

use domain::ids::{Position, StreamId};
use ledger::Ledger;
use ledger::handout::{EventLine, Roster};
use serde_json::{Value, json};
use verify::base64;

use super::handed_out::{Out, Under};
use super::knowledge;
use crate::arguments::BundleArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Open;

/// Writes the bundle.
///
/// # Errors
/// A [`Failure`] for an unknown child or a ledger that cannot be read.
pub(crate) async fn run(open: &Open, arguments: &BundleArguments) -> Result<Outcome, Failure> {
    let ledger = &open.ledger;
    let stream = knowledge::child(&open.replayer, &arguments.child).await?;
    let under = Under::newest(ledger).await?;
    let up_to = match arguments.known_at {
        Some(known_at) => {
            let head = ledger.head_at(known_at).await.or_fail(Outcome::Fault)?;
            let head = head.ok_or_else(|| {
                Failure::new(
                    Outcome::NotFound,
                    "the ledger had no event then; it proves only what was recorded in it",
                )
            })?;
            head.position.0.min(under.size)
        }
        None => under.size,
    };
    let (system, roster) = system_lines(ledger, stream, under.size, up_to).await?;
    let mut lines = ledger.stream_lines(stream, Position(up_to)).await.or_fail(Outcome::Fault)?;
    if lines.is_empty() {
        return Err(Failure::new(Outcome::NotFound, "nothing is recorded of this child at that moment"));
    }
    lines.extend(system);
    lines.sort_by_key(|line| line.position);
    let mut out = Out::create(&arguments.out)?;
    let more = [("stream", stream.to_string().into()), ("up_to", up_to.into())];
    out.line(&under.header(ledger, "bundle", more).await?)?;
    let mut events = 0;
    for line in lines {
        out.line(&under.proved(ledger, line).await?)?;
        events += 1;
    }
    match &roster {
        Some((position, roster)) => out.line(&roster_line(stream, *position, roster)?)?,
        None => eprintln!(
            "no roster is recorded at or before position {up_to}: the bundle cannot show that nothing was left out; run `caseledger roster`"
        ),
    }
    out.finish(events)?;
    let complete = roster.map(|(_, roster)| roster.up_to().0);
    eprintln!(
        "{events} events proved in the log of size {}; complete up to position {}",
        under.size,
        complete.map_or_else(|| "?".to_owned(), |position| position.to_string())
    );
    Ok(Outcome::Done)
}

/// The system events that a reader needs to judge the bundle (the first event stands in the first line), and the newest roster at or
/// below the position.
async fn system_lines(
    ledger: &Ledger,
    stream: StreamId,
    size: u64,
    up_to: u64,
) -> Result<(Vec<EventLine>, Option<(u64, Roster)>), Failure> {
    let first = ledger.event_lines(Position(1), 1).await.or_fail(Outcome::Fault)?;
    let Some(first) = first.first() else { return Ok((Vec::new(), None)) };
    let all = ledger.stream_lines(first.stream, Position(size)).await.or_fail(Outcome::Fault)?;
    let newest = all.iter().rfind(|line| rostered(line).is_some_and(|found| found <= up_to));
    let roster = match newest.and_then(|line| Some((line.position, rostered(line)?))) {
        Some((position, rostered)) => Some((position, recorded(ledger, Position(rostered)).await?)),
        None => None,
    };
    let position = roster.as_ref().map(|(position, _)| *position);
    let needed =
        |line: &EventLine| line.position > 1 && (is_needed(line, stream) || Some(line.position) == position);
    Ok((all.into_iter().filter(needed).collect(), roster))
}

async fn recorded(ledger: &Ledger, up_to: Position) -> Result<Roster, Failure> {
    ledger.roster(up_to).await.or_fail(Outcome::Fault)
}

/// The position that a roster event speaks of.
fn rostered(line: &EventLine) -> Option<u64> {
    if line.kind != "roster_recorded" {
        return None;
    }
    let facts: Value = serde_json::from_str(line.facts.as_deref()?).ok()?;
    facts.get("details")?.get("up_to")?.as_u64()
}

/// Keys, officers and breaks concern every bundle; disposals only that of their stream.
fn is_needed(line: &EventLine, stream: StreamId) -> bool {
    let of_stream = || line.facts.as_deref().is_some_and(|facts| facts.contains(&stream.to_string()));
    match line.kind.as_str() {
        "log_key_registered" | "officer_key_registered" | "officer_key_revoked" | "epoch_opened" => true,
        "disposal_authorised"
        | "record_disposed"
        | "key_destroyed"
        | "legal_hold_placed"
        | "legal_hold_lifted" => of_stream(),
        _ => false,
    }
}

fn roster_line(stream: StreamId, position: u64, roster: &Roster) -> Result<Value, Failure> {
    let (entry, index, proof) = roster
        .proof(stream)
        .ok_or_else(|| Failure::new(Outcome::Integrity, "the stream is not in the roster of its ledger"))?;
    let leaf_hash: String = entry.leaf_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({ "roster": {
        "position": position,
        "stream": stream.to_string(),
        "revision": entry.revision,
        "leaf_hash": leaf_hash,
        "index": index,
        "of": roster.entries().len(),
        "proof": proof.iter().map(|hash| base64(hash)).collect::<Vec<_>>(),
    } }))
}
