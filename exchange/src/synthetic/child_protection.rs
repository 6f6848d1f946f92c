//! Child protection up to the conference: strategy discussion, section 47 enquiry, initial conference.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::assessment::ChildSeen;
use domain::events::child_protection::{
    ConferenceNotRequired, InitialConferenceHeld, InitialConferenceKind, Section47EnquiryCompleted,
    Section47EnquiryStarted, StrategyDiscussionHeld,
};
use domain::events::identity::TransferInNotified;
use domain::ids::EntityId;
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::diary::{Filing, Told};
use super::person::some_code;
use super::rates;
use super::world::Desk;

impl Case<'_, '_> {
    /// A strategy discussion that initiates an enquiry; the day of the discussion.
    pub(super) fn discuss_strategy(&mut self, from: NaiveDate) -> NaiveDate {
        let day = self.diary.world.days.at_or_after(from);
        let discussion = self.diary.dice.entity();
        let held = self.diary.minute(&mut self.strand, day);
        self.step(Filing::MANAGER, held, |member| {
            Told::new(
                StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() },
                [
                    (EntityRole::Enquiry, member.enquiry),
                    (EntityRole::Referral, member.referral),
                    (EntityRole::StrategyDiscussion, discussion),
                ],
            )
        });
        let target = Some(self.diary.world.days.working(day, 15));
        let begun = self.diary.minute(&mut self.strand, day);
        self.step(Filing::STEP, begun, |member| {
            Told::new(
                Section47EnquiryStarted { stated_conference_target: target },
                [
                    (EntityRole::Enquiry, member.enquiry),
                    (EntityRole::Referral, member.referral),
                    (EntityRole::StrategyDiscussion, discussion),
                ],
            )
        });
        self.see_at_once(begun);
        day
    }

    /// Within hours of an enquiry each child who is born is seen, mostly within a day.
    fn see_at_once(&mut self, begun: Occurred) {
        let Some(instant) = begun.instant() else { return };
        let soon = self.diary.dice.chance(rates::SEEN_WITHIN_A_DAY);
        let hours = if soon { self.diary.dice.between(2, 23) } else { self.diary.dice.between(25, 90) };
        let minutes = i64::from(hours * 60 - self.diary.dice.between(1, 50));
        let seen = instant + chrono::TimeDelta::minutes(minutes);
        for member in self.members.clone() {
            if member.born < domain::time::london_day(instant) {
                let alone = Some(self.diary.dice.chance(7000));
                let facts = ChildSeen { alone, ..Default::default() };
                let on = super::diary::at_instant(seen);
                self.diary.note(
                    &self.strand,
                    "",
                    on,
                    &member,
                    facts,
                    [(EntityRole::Enquiry, member.enquiry), (EntityRole::Referral, member.referral)],
                );
            }
        }
    }

    /// How many days after the decision an enquiry begins: mostly none.
    fn enquiry_wait(&mut self) -> i32 {
        self.diary.dice.curve(rates::ENQUIRY_AFTER_DECISION_DAYS)
    }

    fn complete_enquiry(&mut self, day: NaiveDate, outcome: &str) {
        self.step(Filing::MANAGER, Occurred::on(day), |member| {
            Told::new(
                Section47EnquiryCompleted { outcome: some_code(outcome), ..Default::default() },
                [(EntityRole::Enquiry, member.enquiry), (EntityRole::Referral, member.referral)],
            )
        });
    }

    /// The end of an enquiry after which nobody confers.
    pub(super) fn do_without_conference(&mut self, completed: NaiveDate, outcome: &str) {
        self.complete_enquiry(completed, outcome);
        self.step(Filing::MANAGER, Occurred::on(completed), |member| {
            Told::new(
                ConferenceNotRequired {},
                [(EntityRole::Enquiry, member.enquiry), (EntityRole::Referral, member.referral)],
            )
        });
    }

    /// An enquiry after which no conference is needed; the day on which the case ends.
    pub(super) fn enquire(&mut self, decided: NaiveDate) -> (NaiveDate, &'static str) {
        self.allocate_for_assessment(decided);
        let (assessed, assessment) = self.assess(decided, true);
        let wait = self.enquiry_wait();
        let discussed = self.discuss_strategy(plus(decided, wait));
        self.order_assessment(plus(discussed, 2));
        let completed =
            self.diary.world.days.working(discussed, self.diary.dice.curve(rates::ENQUIRY_WORKING_DAYS));
        self.do_without_conference(completed, "no_conference");
        self.strand.join(&assessment);
        let done = assessed.max(completed);
        if self.diary.dice.chance(4000) { (self.support(plus(done, 1)), "RC7") } else { (done, "RC8") }
    }

    /// An enquiry, a conference and nearly always a plan; the day on which all that ends.
    pub(super) fn protect(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate_for_assessment(decided);
        let (assessed, assessment) = self.assess(decided, true);
        let wait = self.enquiry_wait();
        let discussed = self.discuss_strategy(plus(decided, wait));
        let working_days = self.diary.dice.curve(rates::CONFERENCE_WORKING_DAYS);
        let held = self.diary.world.days.working(discussed, working_days);
        let enquired = self.diary.dice.curve(rates::ENQUIRY_WORKING_DAYS).min(working_days - 1).max(1);
        let enquired = self.diary.world.days.working(discussed, enquired);
        self.complete_enquiry(enquired, "conference");
        let led_to_plan = self.diary.dice.chance(8700);
        let conference = self.request_conference(discussed, held);
        self.offer_advocates(discussed, held);
        self.confer(held, led_to_plan, conference);
        if working_days > 15 {
            self.explain_delay("CP-04", held, |member| member.enquiry);
        }
        let ends = if led_to_plan { self.plan(held, conference) } else { self.support(assessed.max(held)) };
        self.strand.join(&assessment);
        ends.max(assessed)
    }

    /// The initial conference of the whole group.
    fn confer(&mut self, held: NaiveDate, led_to_plan: bool, conference: EntityId) {
        let at = if self.diary.dice.chance(3000) {
            self.diary.minute(&mut self.strand, held)
        } else {
            Occurred::on(held)
        };
        self.step(Filing::CHAIR, at, |member| {
            let kind = if member.born > held {
                InitialConferenceKind::PreBirth
            } else {
                InitialConferenceKind::Initial
            };
            Told::new(
                InitialConferenceHeld { kind, led_to_plan: Some(led_to_plan), ..Default::default() },
                [
                    (EntityRole::Conference, conference),
                    (EntityRole::Enquiry, member.enquiry),
                    (EntityRole::Referral, member.referral),
                ],
            )
        });
    }

    /// A family that moves here with a plan: notified, referred, conferred about; the day on which all ends.
    pub(super) fn receive(mut self, day: NaiveDate) -> (super::case::Ending, super::diary::Strand) {
        self.step(Filing::STEP, Occurred::on(day), |_| {
            Told::new(
                TransferInNotified { from_authority: some_code("998"), on_plan: true, ..Default::default() },
                [],
            )
        });
        self.referred = day;
        let decided = self.refer(day, true);
        self.allocate(Desk::Safeguarding, decided, false);
        let (assessed, assessment) = self.assess(decided, true);
        let held = self.diary.world.days.working(day, self.diary.dice.between(6, 17));
        let conference = self.diary.dice.entity();
        self.step(Filing::CHAIR, Occurred::on(held), |member| {
            let kind = InitialConferenceKind::TransferIn;
            Told::new(
                InitialConferenceHeld { kind, led_to_plan: Some(true), ..Default::default() },
                [(EntityRole::Conference, conference), (EntityRole::Referral, member.referral)],
            )
        });
        let ends = self.plan(held, conference).max(assessed);
        self.strand.join(&assessment);
        self.finish(ends, "RC7")
    }
}
