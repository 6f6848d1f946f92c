//! One run of a clock: what starts it, and what may stop it.

use chrono::NaiveDate;

use crate::journey::KnownEvent;

use super::case::{Case, Stop};
use super::ends::Ends;
use super::points::ends_of;
use super::ranks::Ranked;

/// One run of a clock: where it starts and what could stop it.
pub(super) struct Run<'r, 'j> {
    pub(super) case: &'r Case<'j>,
    pub(super) occurrence: usize,
    pub(super) start: Ends<NaiveDate>,
    pub(super) started_by: &'j KnownEvent,
    pub(super) counts_from: Option<NaiveDate>,
    pub(super) stops: &'r [Stop<'j>],
    /// Whether the rule asks for it again, after another one had asked in its place.
    pub(super) resumed: bool,
    /// The beginning of its process and a later change of it, where it counts from one of them and which is not known.
    pub(super) either: Option<[Ends<NaiveDate>; 2]>,
    /// Where the order of occurrences is not settled, which one of them starts it.
    pub(super) ranked: Option<&'r Ranked>,
}

impl<'r, 'j> Run<'r, 'j> {
    /// A link of a chain.
    pub(super) fn link(
        case: &'r Case<'j>,
        occurrence: usize,
        started_by: &'j KnownEvent,
        start: Ends<NaiveDate>,
        stops: &'r [Stop<'j>],
    ) -> Self {
        Self {
            case,
            occurrence,
            start,
            started_by,
            counts_from: None,
            stops,
            resumed: false,
            either: None,
            ranked: None,
        }
    }

    /// A run that counts from a day which is not that of its start event: a birthday, or a day that the event states.
    pub(super) fn counted_from(
        case: &'r Case<'j>,
        started_by: &'j KnownEvent,
        start: Ends<NaiveDate>,
    ) -> Self {
        Self { counts_from: start.certain(), ..Self::link(case, 0, started_by, start, &case.stops) }
    }

    /// The same run, started by one of several occurrences of which the order is not settled.
    pub(super) fn ranked(self, ranked: &'r Ranked) -> Self {
        Self { start: ends_of(ranked.start()), ranked: Some(ranked), ..self }
    }

    /// The same run, asked for again after another rule had asked in its place.
    pub(super) fn resumed(self) -> Self {
        Self { resumed: true, ..self }
    }

    /// The same run, which may count from a later change of its process instead. It began by then.
    pub(super) fn or_from(self, change: Ends<NaiveDate>) -> Self {
        let by_then = change.latest.into_iter().chain(self.start.latest).min();
        let begun = Ends { latest: by_then, ..self.start };
        let start = Ends { earliest: begun.earliest, latest: change.latest };
        Self { start, either: Some([begun, change]), ..self }
    }

    /// Of what may follow its start the first in practice order.
    pub(super) fn followed_by(&self, may: impl Fn(&&'j KnownEvent) -> bool) -> Option<&'j KnownEvent> {
        let stops = || self.stops.iter().map(|stop| stop.event);
        let is_start = |event: &KnownEvent| std::ptr::eq(event, self.started_by);
        let later = stops().skip_while(|event| !is_start(event)).filter(|event| !is_start(event));
        let other = stops().filter(|event| !is_start(event));
        later.chain(other).find(may)
    }
}
