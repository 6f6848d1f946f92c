//! Refuses codes that cannot be: not in the closed list of their field, or certainly not valid on the day.
//!
//! A code whose years are not verified is only observed, never refused.

use chrono::NaiveDate;

use super::Refusal;
use crate::events::code_lists::Judgement;
use crate::events::{Body, CaseEvent, CodeAt};
use crate::observations::irregular;

/// Refuses the first code of the event that cannot be.
///
/// # Errors
/// [`Refusal::UnknownCode`], [`Refusal::CodeOutOfYears`].
pub(super) fn check(event: &CaseEvent) -> Result<(), Refusal> {
    check_but(event, |_| false)
}

/// The same for a correction: a code that stood there already is nobody's mistake now.
pub(super) fn check_changed(replacement: &CaseEvent, held: &Body) -> Result<(), Refusal> {
    let mut stood = Vec::new();
    held.coded().codes(&mut |at| stood.push(at));
    check_but(replacement, |at| stood.contains(&at))
}

fn check_but(event: &CaseEvent, excused: impl Fn(CodeAt<'_>) -> bool) -> Result<(), Refusal> {
    let kind = event.body.kind().name();
    let irregular = irregular(&event.body, event.occurred);
    for found in irregular.iter().filter(|found| !excused(found.at)) {
        let CodeAt { field, list, code } = found.at;
        match found.judgement {
            Judgement::Unknown => return Err(Refusal::UnknownCode { kind, field, list }),
            Judgement::OutOfYears { from, to, read: true } => {
                let (code, occurred) = (code.clone(), event.occurred);
                return Err(Refusal::CodeOutOfYears { kind, field, list, code, from, to, occurred });
            }
            Judgement::OutOfYears { read: false, .. } | Judgement::Valid | Judgement::Local => {}
        }
    }
    Ok(())
}

/// The days of a code in words.
pub(super) fn between(from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(to)) => format!("until {to}"),
        (None, None) => "always".to_owned(),
    }
}
