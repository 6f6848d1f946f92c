//! When nothing of a process can begin or be done any more: after what ended it.
//!
//! The day of the ending itself still belongs to the process: what is done on it was done, and what starts on it is closed
//! on the same day, so that it is no breach. What lies after it in some readings only counts in the others.

use chrono::NaiveDate;

use crate::events::{Kind, Stage};
use crate::journey::KnownEvent;
use crate::processes::{Processes, holds_acts, lasts, takes_place_within};
use crate::rules::Ending;

use super::case::{Case, Stop};
use super::compiled::Track;
use super::ends::Ends;

/// A time in which nothing of a case can begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Over<'j> {
    by: &'j KnownEvent,
    /// Whether nothing of the kind can begin again.
    lasting: bool,
    /// When what is the whole child's began again; a process that ended never does.
    again: Option<Ends<NaiveDate>>,
}

impl<'j> Over<'j> {
    /// What an ending of the table leaves behind.
    pub(super) fn new(by: &'j KnownEvent, line: &Ending, again: Option<Ends<NaiveDate>>) -> Self {
        Self { by, lasting: line.lasting, again }
    }

    /// The days between which lies what ended it.
    pub(super) fn at(&self) -> Ends<NaiveDate> {
        Ends::of(self.by)
    }

    /// Whether something lies within it, whatever the dates leave open.
    fn covers(&self, at: Ends<NaiveDate>) -> bool {
        Ends::of(self.by).surely_before(at) && self.again.is_none_or(|again| at.surely_before(again))
    }

    fn may_cover(&self, at: Ends<NaiveDate>) -> bool {
        self.again.is_none() && may_follow(Ends::of(self.by), at)
    }

    /// Whether an act after it is none of the process: any after a death, visits and reviews after care or a plan. What
    /// records an end, or answers a closed referral, may come later.
    fn bars(&self, track: &Track<'_>, act: Kind) -> bool {
        let within = track.shape.per.role().is_some_and(holds_acts);
        track.shape.chain.is_some() || ((self.lasting || within) && act.stage() != Stage::Ends)
    }
}

fn may_follow(ended: Ends<NaiveDate>, at: Ends<NaiveDate>) -> bool {
    at.latest.zip(ended.earliest).is_none_or(|(at, ended)| at > ended)
}

/// Whether a case begins with an act that is done within another process, such as a review in care, and each such process
/// that the act may be of was over before its day. Nothing is asked of what was done in no process.
pub(super) fn lies_after_all(case: &Case<'_>, track: &Track<'_>, processes: &Processes<'_>) -> bool {
    let Some(role) = track.shape.per.role().filter(|role| !lasts(*role)) else { return false };
    let Some(act) = case.start().first().filter(|act| act.kind().own_role() == Some(role)) else {
        return false;
    };
    let Some(eve) = act.occurred.earliest_day().and_then(|day| day.pred_opt()) else { return false };
    if act.kind().stage() != Stage::Opens {
        return false;
    }
    let within = takes_place_within(role).iter().copied();
    within.clone().all(holds_acts)
        && within.clone().any(|within| match act.entities.get(within) {
            Some(named) => processes.get(within, named).is_some_and(|process| process.is_surely_over(eve)),
            None => {
                let mut all = processes.in_role(within).peekable();
                all.peek().is_some() && all.all(|process| process.is_surely_over(eve))
            }
        })
}

impl<'j> Case<'j> {
    /// What ended the process before something that certainly came after it; `None` where it may have come in time.
    pub(super) fn over_before(&self, at: Ends<NaiveDate>) -> Option<&'j KnownEvent> {
        self.over.iter().find(|over| over.covers(at)).map(|over| over.by)
    }

    /// The last day on which something of the process can begin; `None` where nothing bounds it.
    pub(super) fn begins_until(&self) -> Option<NaiveDate> {
        let ends = self.over.iter().filter(|over| over.again.is_none());
        ends.filter_map(|over| Ends::of(over.by).latest).min()
    }

    /// Takes out what certainly came after the end. What may have come after it is one in some readings only; the links of
    /// a chain ask that of each (`stops_in_time`).
    pub(super) fn drop_what_came_after(&mut self, track: &Track<'_>) {
        if self.over.is_empty() {
            return;
        }
        let over = std::mem::take(&mut self.over);
        let bars = |stop: &Stop<'j>| over.iter().filter(|over| over.bars(track, stop.event.kind()));
        self.stops.retain(|stop| !bars(stop).any(|over| over.covers(Ends::of(stop.event))));
        if track.shape.chain.is_none() {
            for stop in &mut self.stops {
                let may_come_after = bars(stop).any(|over| over.may_cover(Ends::of(stop.event)));
                stop.unless_after_end |= stop.sure && may_come_after;
                stop.sure &= !may_come_after;
            }
        }
        self.over = over;
    }

    /// Of what may follow an occurrence of a chain, what did so before the process ended. One that may have come after the
    /// end is one in some readings only; one after it belongs to what began again.
    pub(super) fn stops_in_time(&self, start: &Stop<'j>, mut stops: Vec<Stop<'j>>) -> Vec<Stop<'j>> {
        let start = Ends::of(start.event);
        let ends = self.over.iter().map(|over| Ends::of(over.by));
        for ended in ends.filter(|ended| !ended.surely_before(start)) {
            stops.retain(|stop| !ended.surely_before(Ends::of(stop.event)));
            for stop in &mut stops {
                stop.sure &= !may_follow(ended, Ends::of(stop.event));
            }
        }
        stops
    }
}
