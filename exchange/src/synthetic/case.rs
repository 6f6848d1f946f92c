//! One case of a family, from the referral to its end, and what every stage of practice needs of it.

use chrono::NaiveDate;
use domain::events::front_door::CaseClosed;
use domain::events::identity::{ChildDied, TransferredOut};
use domain::events::workforce::{WorkerAllocated, WorkerDeallocated};
use domain::events::{Body, EntityRole};
use domain::ids::{EntityId, StreamId};
use domain::time::Occurred;
use serde::Serialize;

use super::days::plus;
use super::diary::{Diary, Filing, Strand, Told};
use super::person::{Person, some_code};
use super::rates::{self, Route};
use super::world::Desk;

/// A child in a case, with the ids of the processes that the case starts.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Place in the family.
    pub(super) child: usize,
    pub(super) stream: StreamId,
    pub(super) born: NaiveDate,
    pub(super) adult_on: NaiveDate,
    pub(super) referral: EntityId,
    pub(super) contact: EntityId,
    pub(super) enquiry: EntityId,
    pub(super) plan: EntityId,
    pub(super) need_case: EntityId,
    pub(super) need_plan: EntityId,
    pub(super) pre_proceedings: EntityId,
    pub(super) application: EntityId,
    pub(super) period: EntityId,
    pub(super) adoption: EntityId,
    /// Who holds the child's case.
    pub(super) holder: Option<StreamId>,
}

impl Member {
    pub(super) fn new(child: usize, person: &Person, diary: &mut Diary<'_>) -> Self {
        let mut id = || diary.dice.entity();
        Self {
            child,
            stream: person.stream,
            born: person.born,
            adult_on: person.adult_on(),
            referral: id(),
            contact: id(),
            enquiry: id(),
            plan: id(),
            need_case: id(),
            need_plan: id(),
            pre_proceedings: id(),
            application: id(),
            period: id(),
            adoption: id(),
            holder: None,
        }
    }
}

/// How a case ended, for whoever asks whether the family comes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// The day on which the case was closed; later than the file where it is still open.
    pub(super) closed: NaiveDate,
    /// Whether a child protection plan ended.
    pub(super) plan_ended: bool,
    /// Whether a child went home from care.
    pub(super) went_home: bool,
    /// Whether a service for adolescents was at work at the end.
    pub(super) served: bool,
}

/// One case of a family.
pub(super) struct Case<'c, 'w> {
    pub(super) diary: &'c mut Diary<'w>,
    pub(super) persons: &'c mut [Person],
    pub(super) members: Vec<Member>,
    pub(super) strand: Strand,
    /// No process of the case lasts longer than to this day (the day before the first eighteenth birthday).
    pub(super) end_by: NaiveDate,
    pub(super) plan_ended: bool,
    /// The day of the referral.
    pub(super) referred: NaiveDate,
    /// The family's stream.
    pub(super) household: StreamId,
    /// Whether a child of the case was in care: what then follows is told long after the case.
    pub(super) was_in_care: bool,
    /// Whether a child went home from care.
    pub(super) went_home: bool,
    /// Whether a service for adolescents was at work at the end.
    pub(super) served: bool,
}

impl<'c, 'w> Case<'c, 'w> {
    pub(super) fn new(
        diary: &'c mut Diary<'w>,
        persons: &'c mut [Person],
        members: Vec<Member>,
        mut strand: Strand,
        household: StreamId,
    ) -> Self {
        let first_adult = members.iter().map(|member| member.adult_on).min();
        strand.correlation = members.first().map(|member| member.referral.0);
        let end_by = first_adult.map_or(NaiveDate::MAX, |day| plus(day, -1));
        let referred = diary.world.opening;
        Self {
            diary,
            persons,
            members,
            strand,
            end_by,
            plan_ended: false,
            referred,
            household,
            was_in_care: false,
            went_home: false,
            served: false,
        }
    }

    /// From the contact on.
    pub(super) fn run(mut self, day: NaiveDate, route: Route) -> (Ending, Strand) {
        self.referred = day;
        let decided = self.refer(day, route != Route::NoFurtherAction);
        let (ends, reason) = match route {
            Route::NoFurtherAction => (decided, "RC8"),
            Route::AssessmentOnly => self.assess_only(decided),
            Route::ChildInNeed => (self.assess_and_support(decided), "RC7"),
            Route::Enquiry => self.enquire(decided),
            Route::Protection => (self.protect(decided), "RC7"),
            Route::Care => (self.take_to_court(decided), "RC7"),
            Route::Accommodated => (self.accommodate(decided), "RC7"),
        };
        self.finish(ends, reason)
    }

    /// Closes the case.
    pub(super) fn finish(mut self, ends: NaiveDate, reason: &str) -> (Ending, Strand) {
        let closed = self.close(ends, reason);
        let Self { plan_ended, went_home, served, strand, .. } = self;
        (Ending { closed, plan_ended, went_home, served }, strand)
    }

    /// The day, or the last one that the ages allow.
    pub(super) fn by(&self, day: NaiveDate) -> NaiveDate {
        day.min(self.end_by)
    }

    /// A working day from the day on, or the last day that the ages allow.
    pub(super) fn working_from(&self, day: NaiveDate) -> NaiveDate {
        self.by(self.diary.world.days.at_or_after(day))
    }

    /// A step of the whole group on the main strand.
    pub(super) fn step<F: Serialize + Clone + Into<Body>>(
        &mut self,
        filing: Filing,
        occurred: Occurred,
        tell: impl FnMut(&Member) -> Told<F>,
    ) -> bool {
        self.diary.shared(&mut self.strand, filing, occurred, &self.members, tell)
    }

    /// Another team takes the case over.
    pub(super) fn allocate(&mut self, desk: Desk, day: NaiveDate, first: bool) {
        let on = Occurred::on(day);
        if !first {
            self.release(on);
        }
        self.diary.hand_over(&mut self.strand, desk);
        let worker = Some(self.strand.worker);
        let role = some_code(desk.role());
        self.members.iter_mut().for_each(|member| member.holder = worker);
        self.step(Filing::MANAGER, on, |member| {
            Told::new(
                WorkerAllocated { worker, role: role.clone(), ..Default::default() },
                [(EntityRole::Referral, member.referral)],
            )
        });
    }

    /// The assessment team takes the case over on the day of the decision, or, seldom, on the next working day.
    pub(super) fn allocate_for_assessment(&mut self, decided: NaiveDate) {
        let later = self.diary.dice.chance(rates::ALLOCATED_LATER);
        let day = self.diary.world.days.working(decided, i32::from(later));
        self.allocate(Desk::Assessment, day, false);
    }

    /// The end of the case: closed, moved to another authority, or by a death.
    fn close(&mut self, ends: NaiveDate, reason: &str) -> NaiveDate {
        let wait = self.diary.dice.between(0, 6);
        let day = self.working_from(plus(ends, wait));
        let day = day.max(ends);
        let alone = self.members.len() == 1 && !self.was_in_care;
        let reason = if alone && reason == "RC7" && self.diary.dice.chance(25) {
            self.leave(day, Occurred::on(day), ChildDied {});
            "RC2"
        } else if reason == "RC7" && self.diary.dice.chance(150) {
            let to_authority = some_code("998");
            self.leave(
                day,
                Occurred::on(day),
                TransferredOut { to_authority, notified_by: None, ..Default::default() },
            );
            "RC5"
        } else {
            reason
        };
        self.release(Occurred::on(day));
        self.step(Filing::MANAGER, Occurred::on(day), |member| {
            Told::new(CaseClosed { reason: some_code(reason) }, [(EntityRole::Referral, member.referral)])
        });
        day
    }

    /// Whoever holds a child's case holds it no longer.
    fn release(&mut self, on: Occurred) {
        let mut entry = self.diary.begin(&mut self.strand, Filing::MANAGER, on);
        for member in self.members.iter_mut().filter(|member| member.holder.is_some()) {
            let worker = member.holder.take();
            entry.line(member.stream, Told::new(WorkerDeallocated { worker, ..Default::default() }, []));
        }
        entry.close();
    }

    /// A children-in-care worker takes one child's case over.
    pub(super) fn allocate_in_care(&mut self, strand: &mut Strand, child: usize, day: NaiveDate) {
        let Some(member) = self.members.iter_mut().find(|member| member.child == child) else { return };
        let before = member.holder.replace(strand.worker);
        let mut entry = self.diary.begin(strand, Filing::MANAGER, Occurred::on(day));
        if before.is_some() {
            let ended = WorkerDeallocated { worker: before, ..Default::default() };
            entry.line(member.stream, Told::new(ended, []));
        }
        let role = some_code(Desk::ChildrenInCare.role());
        let begun = WorkerAllocated { worker: member.holder, role, ..Default::default() };
        entry.line(member.stream, Told::new(begun, [(EntityRole::Referral, member.referral)]));
        entry.close();
    }

    fn leave<F: Serialize + Clone + Into<Body>>(&mut self, _day: NaiveDate, on: Occurred, facts: F) {
        for member in &self.members {
            if let Some(person) = self.persons.get_mut(member.child) {
                person.gone = true;
            }
        }
        self.step(Filing::STEP, on, |_| Told::new(facts.clone(), []));
        for member in self.members.clone() {
            self.diary.leave_household(&self.strand, self.household, &member, on);
        }
    }

    /// The service explains why a clock ran over.
    pub(super) fn explain_delay(&mut self, rule: &str, on: NaiveDate, entity: impl Fn(&Member) -> EntityId) {
        if !self.diary.dice.chance(rates::DELAY_EXPLAINED) {
            return;
        }
        let reason =
            self.diary.dice.pick(&["capacity", "family_unavailable", "agency_report_late", "postponed"]);
        let mut strand = self.strand.clone();
        let members = &self.members;
        self.diary.shared(&mut strand, Filing::MANAGER, Occurred::on(on), members, |member| {
            Told::new(
                domain::events::governance::DelayReasonRecorded {
                    rule: super::person::code(rule),
                    entity: entity(member),
                    reason: super::person::code(reason),
                },
                [],
            )
        });
    }
}

/// Draws where a referral leads.
pub(super) fn draw_route(diary: &mut Diary<'_>, members: &[Member], day: NaiveDate) -> Route {
    let route = diary.dice.weighted(&diary.world.mix.routes);
    let all_born = members.iter().all(|member| member.born < day);
    let years_left = |days| members.iter().all(|member| plus(day, days) < member.adult_on);
    match route {
        Route::Care if !all_born || !years_left(1100) => Route::Protection,
        Route::Accommodated if !all_born || members.len() > 1 => Route::ChildInNeed,
        Route::NoFurtherAction if !all_born => Route::AssessmentOnly,
        Route::Protection if !years_left(rates::SHORTEST_TO_PROTECT) => Route::Enquiry,
        Route::NoFurtherAction
        | Route::AssessmentOnly
        | Route::ChildInNeed
        | Route::Enquiry
        | Route::Protection
        | Route::Care
        | Route::Accommodated => route,
    }
}
