//! Starts that name no process of the clock and that no process names: a strategy discussion beside an enquiry.
//!
//! Such an act belongs to the process that began on its day, or to the only one that it can belong to. Where several can be
//! it, each of them may have started with it, and the clock says only what all readings say: it is never guessed.
//!
//! Invariants: an act starts one process at most, and a process that says what it follows from is no candidate.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::processes::Processes;

use super::case::{Case, Distant};
use super::ends::Ends;

/// To which case each act belongs, by their places; and which may belong to which, where that is not settled.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) sure: Vec<(usize, usize)>,
    pub(super) perhaps: Vec<(usize, usize)>,
}

/// Whether something that began between an act and a case says that they are not of one another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parted {
    No,
    Perhaps,
    Surely,
}

/// Acts and cases of which none names the other.
pub(super) struct Neighbours<'a, 'j> {
    pub(super) acts: &'a [Distant<'j>],
    pub(super) cases: &'a [Case<'j>],
    /// The role of the cases' processes.
    pub(super) role: EntityRole,
    /// The role of the acts' own processes.
    pub(super) through: EntityRole,
    pub(super) processes: &'a Processes<'j>,
}

impl<'j> Neighbours<'_, 'j> {
    /// The pairs of acts and cases.
    pub(super) fn pairs(&self) -> Pairs {
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut doubtful = BTreeSet::new();
        for (act, distant) in self.acts.iter().enumerate().filter(|(_, act)| self.is_unnamed(act)) {
            let may_begin = |(_, case): &(usize, &Case<'j>)| self.may_have_begun(distant, case);
            for (place, case) in self.free_cases(distant).filter(may_begin) {
                let parted = self.parted_by_referral(distant, case);
                open.extend((parted != Parted::Surely).then_some((act, place)));
                doubtful.extend((parted == Parted::Perhaps).then_some((act, place)));
            }
        }
        let mut sure = Vec::new();
        while let Some(pair) = self.of_one_day(&open).or_else(|| only_one(&open, &doubtful)) {
            sure.push(pair);
            open.retain(|(act, case)| *act != pair.0 && *case != pair.1);
        }
        let during = self.during(&sure, &open);
        open.extend(during);
        Pairs { sure, perhaps: open }
    }

    /// Whether no process of the clock names an act.
    fn is_unnamed(&self, act: &Distant<'j>) -> bool {
        act.only_one && !self.cases.iter().any(|case| case.links.contains(&act.through))
    }

    /// The cases that name no such act and that none names.
    fn free_cases<'c>(
        &'c self,
        act: &'c Distant<'j>,
    ) -> impl Iterator<Item = (usize, &'c Case<'j>)> + use<'c, 'j> {
        let is_free = |case: &Case<'j>| {
            let opened = self.opened(case.entity);
            let says = opened.is_some_and(|opened| opened.entities.get(self.through).is_some());
            let is_linked = || self.acts.iter().any(|act| case.links.contains(&act.through));
            let is_started = || !case.start().is_empty() && case.alternative() <= act.alternative;
            !says && !is_linked() && !is_started()
        };
        self.cases.iter().enumerate().filter(move |(_, case)| is_free(case))
    }

    fn opened(&self, case: EntityId) -> Option<&'j KnownEvent> {
        self.processes.get(self.role, case)?.opened
    }

    /// Whether a case may have begun with an act: the act does not lie after its beginning, they name no different
    /// processes, and the work that the act belongs to had not ended before.
    fn may_have_begun(&self, act: &Distant<'j>, case: &Case<'j>) -> bool {
        let Some(opened) = self.opened(case.entity) else { return false };
        !Ends::of(opened).surely_before(Ends::of(act.event))
            && self.is_of_one_case(act, case)
            && !self.work_ended_between(act.event, opened)
    }

    fn is_of_one_case(&self, act: &Distant<'j>, case: &Case<'j>) -> bool {
        !self.processes.disagree((self.through, act.through), (self.role, case.entity))
    }

    /// Whether every referral that was open at the act was closed before the day on which a process began.
    fn work_ended_between(&self, act: &KnownEvent, opened: &KnownEvent) -> bool {
        let eve = Ends::of(opened).earliest.and_then(|day| day.pred_opt());
        let mut referrals = self.processes.running(EntityRole::Referral, act).peekable();
        referrals.peek().is_some()
            && eve.is_some_and(|eve| referrals.all(|referral| referral.is_surely_over(eve)))
    }

    /// Whether a referral that began between a discussion and an enquiry parts them: an enquiry is of the referral on which
    /// it was begun. Where an older one runs still and the enquiry names neither, it may be of that one.
    fn parted_by_referral(&self, act: &Distant<'j>, case: &Case<'j>) -> Parted {
        let Some(opened) = self.opened(case.entity).filter(|_| self.role == EntityRole::Enquiry) else {
            return Parted::No;
        };
        let stated = |role, entity| {
            let process = self.processes.get(role, entity);
            process
                .map_or_else(Vec::new, |process| self.processes.stated_parents(process, EntityRole::Referral))
        };
        let (of_act, of_case) = (stated(self.through, act.through), stated(self.role, case.entity));
        if !of_act.is_empty() && !of_case.is_empty() {
            // Whether they are of one referral was asked already.
            return Parted::No;
        }
        let (from, to) = (Ends::of(act.event), Ends::of(opened));
        let newer = |began: &KnownEvent| from.surely_before(Ends::of(began));
        let between = |began: &KnownEvent| newer(began) && !to.surely_before(Ends::of(began));
        let surely = |began: &KnownEvent| {
            newer(began)
                && began.occurred.latest_day().zip(to.earliest).is_some_and(|(began, to)| began <= to)
        };
        let referrals: Vec<&KnownEvent> = self
            .processes
            .iter()
            .filter(|process| process.role == EntityRole::Referral && !of_act.contains(&process.entity))
            .filter(|process| of_case.is_empty() || of_case.contains(&process.entity))
            .filter_map(|process| process.opened)
            .collect();
        let is_between = referrals.iter().any(|began| between(began));
        let mut older = self.processes.running(EntityRole::Referral, opened);
        let older_runs = of_case.is_empty() && older.any(|it| it.opened.is_some_and(|began| !newer(began)));
        if !is_between {
            Parted::No
        } else if !older_runs && referrals.iter().any(|began| surely(began)) {
            Parted::Surely
        } else {
            Parted::Perhaps
        }
    }

    /// An act and a case of the same certain day, where it is the only one of that day for the other on both sides.
    fn of_one_day(&self, open: &[(usize, usize)]) -> Option<(usize, usize)> {
        let is_of_one_day = |(act, case): &&(usize, usize)| {
            let act = self.acts.get(*act).and_then(|act| act.event.occurred.day());
            act.is_some() && act == self.day_of_case(*case)
        };
        let level: Vec<(usize, usize)> = open.iter().filter(is_of_one_day).copied().collect();
        let alone = |pair: &&(usize, usize)| {
            level.iter().filter(|other| other.0 == pair.0 || other.1 == pair.1).count() == 1
        };
        level.iter().find(alone).copied()
    }

    fn day_of_case(&self, case: usize) -> Option<NaiveDate> {
        self.opened(self.cases.get(case)?.entity)?.occurred.day()
    }

    /// Acts that began none of the processes after them, each with the processes that ran then and had no answer yet: a
    /// process may have been entered with an earlier day than the act with which it began.
    fn during(&self, sure: &[(usize, usize)], open: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let has_case = |act: usize| sure.iter().chain(open).any(|(of, _)| *of == act);
        let is_taken = |case: usize| sure.iter().any(|(_, of)| *of == case);
        let mut found = Vec::new();
        for (act, distant) in self.acts.iter().enumerate().filter(|(_, act)| self.is_unnamed(act)) {
            if has_case(act) {
                continue;
            }
            let at = Ends::of(distant.event);
            let ran = |(_, case): &(usize, &Case<'j>)| {
                self.opened(case.entity).is_some_and(|opened| Ends::of(opened).surely_before(at))
                    && self
                        .processes
                        .get(self.role, case.entity)
                        .is_some_and(|it| it.is_running_at(distant.event))
                    && !case.stops.iter().any(|stop| Ends::of(stop.event).surely_before(at))
                    && self.is_of_one_case(distant, case)
            };
            let cases = self.free_cases(distant).filter(|(case, _)| !is_taken(*case)).filter(ran);
            found.extend(cases.map(|(case, _)| (act, case)));
        }
        found
    }
}

/// An act that can belong to one case only, where no other act can belong to that one alone; none of which it is doubtful
/// whether it belongs to that case at all.
fn only_one(open: &[(usize, usize)], doubtful: &BTreeSet<(usize, usize)>) -> Option<(usize, usize)> {
    let cases_of = |act: usize| open.iter().filter(move |(of, _)| *of == act).count();
    let alone = |pair: &&(usize, usize)| {
        let rivals = open.iter().filter(|(act, case)| *case == pair.1 && cases_of(*act) == 1);
        cases_of(pair.0) == 1 && rivals.count() == 1
    };
    open.iter().filter(|pair| !doubtful.contains(pair)).find(alone).copied()
}
