//! The clock of an act that goes before a beginning, such as a request, where several processes can be the one that it prepares:
//! judged as an act of each of them, it says what all of them say.
//!
//! What it does not do: where one of them has such an act already, this one may only repeat it, and nothing is told.

use crate::ids::EntityId;

use super::case::Case;
use super::judge::Judge;
use super::judged::{Acts, Judged};
use super::{Clock, Marks, State, Why};

/// A case as it is where its start is of one of several processes.
#[derive(Debug)]
pub(super) struct Reading<'j> {
    /// The case of the start itself.
    pub(super) of: EntityId,
    pub(super) case: Case<'j>,
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// Adds the clock of a case of which there are several readings; `false` where there are none.
    pub(super) fn whichever(&self, case: &Case<'j>, to: &mut Judged<'b, 'j>) -> bool {
        let readings = self.cases.readings.iter().filter(|reading| reading.of == case.entity);
        let mut told: Option<(Clock<'b>, Acts<'j>)> = None;
        let mut has_readings = false;
        for reading in readings {
            has_readings = true;
            let mut judged = Judged::with_capacity(1, 1);
            self.clocks(&reading.case, &mut judged);
            for (clock, acts) in judged.clocks.into_iter().zip(judged.acts) {
                told = Some(match told {
                    None => (clock, acts),
                    Some((held, _)) => (of_both(held, &clock, Why::UnlinkedEvent), acts),
                });
            }
        }
        if let Some((clock, acts)) = told {
            to.add(Clock { entity: case.entity, ..clock }, Acts { stop: None, ..acts });
        }
        has_readings
    }
}

/// What is said of two readings, or why nothing is. What only one of them rests on is not shown.
pub(super) fn of_both<'b>(one: Clock<'b>, other: &Clock<'b>, why: Why) -> Clock<'b> {
    let state = state_of_both(one.state, other.state, why);
    let due_on = one.due_on.filter(|_| one.due_on == other.due_on);
    let later = one.due_latest.max(other.due_latest);
    Clock {
        original_due_on: one.original_due_on.filter(|_| one.original_due_on == other.original_due_on),
        due_on,
        due_latest: later.filter(|_| one.due_latest.is_some() && other.due_latest.is_some()),
        due_at: one.due_at.filter(|_| one.due_at == other.due_at),
        stop: one.stop.filter(|_| one.stop == other.stop),
        closed_by: one.closed_by.filter(|_| one.closed_by == other.closed_by),
        used: one.used.filter(|_| one.used == other.used),
        allowed: one.allowed.filter(|_| one.allowed == other.allowed),
        marks: Marks { in_gap: one.marks.in_gap || other.marks.in_gap, ..one.marks },
        state,
        ..one
    }
}

fn state_of_both(one: State, other: State, why: Why) -> State {
    match (one, other) {
        (one, other) if one == other => one,
        (State::Late | State::Overdue, State::Late | State::Overdue) => State::Overdue,
        (State::Running | State::DueSoon, State::Running | State::DueSoon) => State::DueSoon,
        _ => State::CannotTell(why),
    }
}
