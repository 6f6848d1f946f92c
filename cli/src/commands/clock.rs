//! `caseledger clock`: shows the ledger's time, and sets it right after a clock was ahead.

use chrono::{DateTime, SecondsFormat, Utc};
use ledger::{LeapFault, Ledger};

use super::requests;
use crate::arguments::proof::ClockWhat;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::{Open, clock};
use crate::signing;

/// Shows the clocks, prepares a request, or carries it out.
///
/// # Errors
/// A [`Failure`] where nothing is to be set right, or the officers did not ask for this.
pub(crate) async fn run(open: &Open, what: &ClockWhat) -> Result<Outcome, Failure> {
    match what {
        ClockWhat::Show => show(open).await,
        ClockWhat::Prepare { true_time, out } => {
            let leap = open.ledger.find_leap(*true_time).await.map_err(failure)?;
            eprintln!(
                "the newest event, at position {}, says {}; recorded by {} in truth. Rows after it go on from the time that \
                 it says, a thousand times slower than time, until {}",
                leap.last,
                text(leap.stamp),
                text(leap.moment),
                text(leap.caught_up_at())
            );
            requests::prepare(open, Ledger::leap_action(leap), out).await
        }
        ClockWhat::Set { request } => {
            let request = requests::read(request)?;
            let signing = open.begin_writing().await?;
            let set = open.ledger.set_time(&request).await;
            // What was signed cannot be carried out: then no option is wrong.
            let (leap, recorded) = set.map_err(|fault| {
                let signed_in_vain = matches!(fault, LeapFault::Outside { .. });
                if signed_in_vain {
                    Failure { outcome: Outcome::Refused, error: fault.into() }
                } else {
                    failure(fault)
                }
            })?;
            signing::finish(signing, &open.ledger).await?;
            eprintln!(
                "recorded at position {}: what was recorded up to position {} with a time after {} counts as known from {}. \
                 Events can be recorded again",
                recorded.first_position,
                leap.last,
                text(leap.moment),
                text(leap.moment)
            );
            Ok(Outcome::Done)
        }
    }
}

async fn show(open: &Open) -> Result<Outcome, Failure> {
    let database = open.ledger.database_clock().await.or_fail(Outcome::Fault)?;
    let (own, head) = (clock().now(), open.ledger.head().await.or_fail(Outcome::Fault)?);
    let apart = own.signed_duration_since(database).num_milliseconds();
    let lead = head.recorded_at.signed_duration_since(database).num_milliseconds();
    let mut answer = Answer::new(&["what", "time", "note"]);
    let mut tell = |what: &str, time: DateTime<Utc>, note: String| {
        answer.row(vec![what.into(), text(time).into(), note.into()]);
    };
    tell("clock of the database", database, String::new());
    let right = if apart.abs() < 5_000 { "" } else { ": set the wrong one right" };
    tell("clock of this machine", own, format!("{apart} ms from the database's; 5000 are taken{right}"));
    let note = if lead < 5_000 {
        format!("position {}", head.position)
    } else {
        format!(
            "position {}, {lead} ms ahead of the database's clock: nothing can be recorded. If the database's clock is right now, \
             run `caseledger clock prepare`",
            head.position
        )
    };
    tell("newest event", head.recorded_at, note);
    for leap in open.ledger.time().leaps() {
        let note = format!("position {} and before, where the row says a later time", leap.last);
        tell("recorded in truth by", leap.moment, note);
        tell("the row says", leap.stamp, format!("rows are back in time on {}", text(leap.caught_up_at())));
    }
    answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn failure(fault: LeapFault) -> Failure {
    let outcome = match fault {
        LeapFault::Refused(fault) => return requests::refusal(fault),
        LeapFault::Outside { .. } => Outcome::Usage,
        LeapFault::NotAhead { .. } | LeapFault::Apart { .. } | LeapFault::OtherLeap => Outcome::Refused,
        LeapFault::Read { .. } => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}
