//! What may have stopped a run, and what is shown as having stopped it.

use chrono::NaiveDate;

use crate::journey::KnownEvent;

use super::case::is_hours_before;
use super::ends::Ends;
use super::judge::Judge;
use super::points::ends_of;
use super::run::Run;
use super::verdict::Verdict;

impl<'j> Judge<'_, '_, 'j> {
    /// Stops that do not certainly lie before the start, or all of them where an early one says something.
    fn usable<'r>(&self, run: &'r Run<'_, 'j>) -> impl Iterator<Item = &'j KnownEvent> + use<'r, 'j> {
        let (start, early_too) = (run.start, self.early_stops_count());
        let (hour, stops) = (self.hour_of(run), run.stops.iter().map(|stop| stop.event));
        let is_early =
            move |stop: &KnownEvent| Ends::of(stop).surely_before(start) || is_hours_before(stop, hour);
        stops.filter(move |stop| early_too || !is_early(stop))
    }

    /// The days between which the first stop lies, by the days of all that may be one.
    pub(super) fn stop_days(&self, run: &Run<'_, 'j>) -> Option<Ends<NaiveDate>> {
        if let Some(ranked) = run.ranked {
            return ranked.following().map(ends_of);
        }
        self.usable(run).map(Ends::of).reduce(Ends::or_earlier)
    }

    /// The event to show as the one that stopped it: of those that may have, the first; of several that may have happened first,
    /// the one with the earliest latest day, so that the order in which they were recorded decides nothing.
    pub(super) fn stopped_by(&self, run: &Run<'_, 'j>, verdict: &Verdict) -> Option<&'j KnownEvent> {
        let stop = verdict.stopped()?;
        let may_be_first = |event: &&'j KnownEvent| {
            let at = verdict.span(event);
            at.last >= stop.earliest && stop.latest.is_none_or(|latest| at.first <= latest)
        };
        match run.ranked {
            None => self.usable(run).filter(may_be_first).min_by_key(|event| {
                let at = verdict.span(event);
                (at.first, at.last)
            }),
            Some(_) => run.followed_by(may_be_first),
        }
    }
}
