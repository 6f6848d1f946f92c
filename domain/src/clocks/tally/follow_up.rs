//! Whether a member was seen for the whole of the time over which a rule looks.
//!
//! What it does not do: it does not say whether the member counts. Who left before what is asked for had happened is no
//! member; who left afterwards is one, because it was seen to happen.

use chrono::NaiveDate;

use crate::events::EntityRole;
use crate::journey::KnownEvent;
use crate::rules::{FollowUp, Has};

use super::counts::is_linked;
use super::members::Member;
use super::open::{has_surely_happened, may_have_happened};
use super::{Others, Teller, Tick};
use crate::clocks::Why;
use crate::clocks::ends::Ends;

/// A day on which a child left, and whether for good.
struct Leaving {
    at: Ends<NaiveDate>,
    lasting: bool,
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    /// `None` where the child did not belong to those who are followed up, or left them before anything was seen.
    pub(super) fn is_followed(
        &self,
        follow_up: &FollowUp,
        has: &Has,
        others: &Others<'_, 'j>,
        member: &Member<'_, 'b, 'j>,
    ) -> Option<Tick> {
        let (from, to) = self.reach(has.lies, member)?;
        let ran = self.ran_before(&follow_up.unless_running, from);
        if ran == Some(true) {
            return None;
        }
        let mut settled = ran.is_some();
        let until = to.min(self.question.as_at);
        let found = others.has.get_or_init(|| self.others(has));
        let asked: Vec<&KnownEvent> =
            found.iter().copied().filter(|event| is_linked(has, member, event)).collect();
        for Leaving { at, lasting } in self.leavings(follow_up) {
            let sure = at.latest.is_some_and(|day| day <= until)
                && (lasting || at.earliest.is_some_and(|day| day >= from));
            let may = at.earliest.is_none_or(|day| day <= until)
                && (lasting || at.latest.is_none_or(|day| day >= from));
            let wanted = has.at_least.unwrap_or(1).max(1);
            if !may || surely_between(&asked, from, at.earliest) >= wanted {
                continue;
            }
            if sure && possibly_between(&asked, from, at.latest) < wanted {
                return None;
            }
            settled = false;
        }
        Some(if settled { Tick::Counted } else { Tick::CannotTell(Why::DatesNotSettled) })
    }

    /// Whether a process in one of these roles that began on an earlier day still runs on a day; `None` where the dates do
    /// not settle it.
    fn ran_before(&self, roles: &[EntityRole], day: NaiveDate) -> Option<bool> {
        let before = day.pred_opt()?;
        let mut maybe = false;
        for process in self.processes.iter().filter(|process| roles.contains(&process.role)) {
            let Some(opened) = process.opened else { continue };
            // A child in a series of short breaks lives with the family.
            if process.role == EntityRole::PeriodOfCare
                && self.index.is_in_short_breaks(Some(process.entity), opened, before) == Some(true)
            {
                continue;
            }
            if has_surely_happened(opened, before) && !process.may_be_over(day) {
                return Some(true);
            }
            maybe |= may_have_happened(opened, before) && !process.is_surely_over(day);
        }
        (!maybe).then_some(false)
    }

    fn leavings(&self, follow_up: &FollowUp) -> Vec<Leaving> {
        let by_table = self.processes.of_line(|line| follow_up.left_by.contains(&line.id));
        let by_table = by_table.map(|end| Leaving {
            at: Ends::of(end.event),
            lasting: end.line.is_some_and(|line| line.lasting),
        });
        let with = self.index.matching(&follow_up.left_with).into_iter();
        by_table.chain(with.map(|event| Leaving { at: Ends::of(event), lasting: false })).collect()
    }
}

/// How many surely lie from a day to another, both included; with no last day, none do.
fn surely_between(events: &[&KnownEvent], from: NaiveDate, to: Option<NaiveDate>) -> usize {
    let lies = |at: Ends<NaiveDate>| {
        at.earliest.is_some_and(|day| day >= from)
            && at.latest.zip(to).is_some_and(|(latest, to)| latest <= to)
    };
    events.iter().filter(|event| lies(Ends::of(event))).count()
}

/// How many may lie so; no last day is without bound.
fn possibly_between(events: &[&KnownEvent], from: NaiveDate, to: Option<NaiveDate>) -> usize {
    let may_lie = |at: Ends<NaiveDate>| {
        at.latest.is_none_or(|day| day >= from)
            && at.earliest.is_none_or(|earliest| to.is_none_or(|to| earliest <= to))
    };
    events.iter().filter(|event| may_lie(Ends::of(event))).count()
}
