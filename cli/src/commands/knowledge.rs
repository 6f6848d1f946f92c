//! What every answer says about the knowledge it rests on.

use ::replay::{Asked, Found, Knowledge, ReplayFault, Replayer};
use chrono::{Months, NaiveDate};
use domain::events::Body;
use domain::ids::StreamId;

use super::import::files::{authority_stream, history};

use crate::arguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::{Open, clock};

/// Resolves the knowledge of a question.
pub(crate) async fn resolve(replayer: &Replayer, asked: &arguments::Knowledge) -> Result<Knowledge, Failure> {
    let asked = Asked { known: asked.cut(), as_at: asked.as_at, now: clock().now() };
    replayer.resolve(asked).await.or_fail(Outcome::Fault)
}

/// That the newest file is more than a month older than the day asked about, where the caller named no day: what happened
/// since is not known from it. `None` where that is not so, or no file was imported by then.
pub(crate) async fn caution(
    open: &Open,
    asked: &arguments::Knowledge,
    resolved: &Knowledge,
) -> Result<Option<String>, Failure> {
    let authority = open.ledger.genesis().authority.to_string();
    let stream = authority_stream(open.ledger.ids(), &authority);
    let events = history(&open.ledger, stream).await?.unwrap_or_default();
    let known =
        events.iter().filter(|event| resolved.known.until.is_none_or(|until| event.recorded_at <= until));
    let newest = known.filter_map(|event| described(&event.event.body)).max();
    let old =
        newest.filter(|day| day.checked_add_months(Months::new(1)).is_some_and(|end| end < resolved.as_at));
    let of_day = |day: NaiveDate| {
        format!(
            "the newest file describes {day}; what happened since is not known from it. Ask about its day with \
             --as-at {day}"
        )
    };
    Ok(old.filter(|_| asked.as_at.is_none()).map(of_day))
}

fn described(body: &Body) -> Option<NaiveDate> {
    if let Body::ExtractDeclared(declared) = body { Some(declared.as_at) } else { None }
}

/// Finds exactly one child.
pub(crate) async fn child(replayer: &Replayer, reference: &str) -> Result<StreamId, Failure> {
    let found = replayer.find_child(reference).await.map_err(of_look_up)?;
    only(found, || no_child(reference))
}

/// Finds exactly one stream of a child, a family, a set of proceedings or another subject.
pub(crate) async fn stream(replayer: &Replayer, reference: &str) -> Result<StreamId, Failure> {
    let found = replayer.find(reference).await.map_err(of_look_up)?;
    only(found, || nobody(reference))
}

/// A look-up table that leads elsewhere is damage; what else stops a search is a fault.
fn of_look_up(fault: ReplayFault) -> Failure {
    let damaged = matches!(fault, ReplayFault::WrongLookUp { .. });
    Failure { outcome: if damaged { Outcome::Integrity } else { Outcome::Fault }, error: fault.into() }
}

fn only(found: Found, nobody: impl FnOnce() -> Failure) -> Result<StreamId, Failure> {
    match found {
        Found::One(stream) => Ok(stream),
        Found::Nobody => Err(nobody()),
        Found::Several(streams) => {
            let streams: Vec<String> = streams.iter().map(ToString::to_string).collect();
            let message = format!("several records share this id; ask by stream id: {}", streams.join(", "));
            Err(Failure::new(Outcome::NotFound, message))
        }
    }
}

/// What to do where an id is unknown.
const HINT: &str = "check it for missing zeros, and the ledger with --ledger";

fn no_child(reference: &str) -> Failure {
    Failure::new(Outcome::NotFound, format!("no child found with the id \u{201c}{reference}\u{201d}; {HINT}"))
}

/// No stream has this id.
pub(crate) fn nobody(reference: &str) -> Failure {
    let others = "no household, set of proceedings, adopter, worker or authority either";
    let message = format!("no child found with the id \u{201c}{reference}\u{201d}, and {others}; {HINT}");
    Failure::new(Outcome::NotFound, message)
}

/// Notes basis, moment, place in the ledger and day of the question.
pub(crate) fn note(answer: &mut Answer, knowledge: &Knowledge) {
    answer.note("basis", knowledge.known.basis.name());
    answer.note("known_at", knowledge.known.until.map_or("now".to_owned(), |until| until.to_rfc3339()));
    let place = knowledge.position.map_or("before the ledger began".to_owned(), |position| {
        let provisional =
            if knowledge.provisional { ", provisional: more may still be recorded" } else { "" };
        format!("ledger {} epoch {} position {position}{provisional}", knowledge.ledger, knowledge.epoch)
    });
    answer.note("resolved_to", place);
    if knowledge.is_before_ledger() {
        let began = knowledge.ledger_began.date_naive();
        answer.note(
            "caution",
            format!("the ledger began on {began}; earlier knowledge is only what sources claim"),
        );
    }
    answer.note("as_at", knowledge.as_at.to_string());
}
