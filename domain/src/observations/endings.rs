//! Contradictions between the end of one thing and the course of another (`domain/rules/endings.toml`).

use chrono::NaiveDate;

use super::{Observation, ObservationCode, about};
use crate::events::{EntityRole, Kind, Stage};
use crate::processes::{Process, Processes, lasts};
use crate::rules::Cause;

pub(super) fn observe(processes: &Processes<'_>, as_at: NaiveDate, found: &mut Vec<Observation>) {
    found.extend(processes.iter().filter_map(|process| left_open(process, as_at)));
    let running = processes.contradictions().into_iter().filter_map(|(process, ended)| {
        let opened = process.opened?;
        lasts(process.role).then(|| about(ObservationCode::RunningAtClosure, &[opened, ended]))
    });
    found.extend(running);
}

/// A process that something else ended and that has no end of its own, where it should have one.
fn left_open(process: &Process<'_>, as_at: NaiveDate) -> Option<Observation> {
    let (opened, end) = (process.opened?, process.end()?);
    let happened = end.event.occurred.earliest_day().is_none_or(|day| day <= as_at);
    let asked = end.line?.observed && happened && lasts(process.role) && has_ends(process.role);
    // Care after the eighteenth birthday has an observation of its own.
    let told = process.role == EntityRole::PeriodOfCare && matches!(end.line?.cause, Cause::Birthday(_));
    if !asked || told || process.own_end().is_some() {
        return None;
    }
    let code =
        if end.before_it_began { ObservationCode::BegunAfterEnding } else { ObservationCode::LeftOpen };
    Some(about(code, &[opened, end.event]))
}

/// Whether any kind of event ends processes of this role.
fn has_ends(role: EntityRole) -> bool {
    Kind::ALL.iter().any(|kind| kind.own_role() == Some(role) && kind.stage() == Stage::Ends)
}
