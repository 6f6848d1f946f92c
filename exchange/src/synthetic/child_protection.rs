//! Child protection up to the conference: strategy discussion, section 47 enquiry, initial conference.

use chrono::NaiveDate;
use domain::events::EntityRole;
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
        self.step(Filing::STEP, Occurred::on(day), |member| {
            Told::new(
                Section47EnquiryStarted { stated_conference_target: target },
                [
                    (EntityRole::Enquiry, member.enquiry),
                    (EntityRole::Referral, member.referral),
                    (EntityRole::StrategyDiscussion, discussion),
                ],
            )
        });
        day
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
        self.allocate(Desk::Assessment, decided, false);
        let (assessed, assessment) = self.assess(decided, true);
        let wait = self.diary.dice.between(0, 8);
        let discussed = self.discuss_strategy(plus(decided, wait));
        let completed = self.diary.world.days.working(discussed, self.diary.dice.between(3, 15));
        self.do_without_conference(completed, "no_conference");
        self.strand.join(&assessment);
        let done = assessed.max(completed);
        if self.diary.dice.chance(4000) { (self.support(plus(done, 1)), "RC7") } else { (done, "RC8") }
    }

    /// An enquiry, a conference and nearly always a plan; the day on which all that ends.
    pub(super) fn protect(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate(Desk::Assessment, decided, false);
        let (assessed, assessment) = self.assess(decided, true);
        let wait = self.diary.dice.between(0, 10);
        let discussed = self.discuss_strategy(plus(decided, wait));
        let working_days = self.diary.dice.curve(rates::CONFERENCE_WORKING_DAYS);
        let held = self.diary.world.days.working(discussed, working_days);
        let enquired = self.diary.world.days.working(discussed, (working_days - 2).clamp(1, 14));
        self.complete_enquiry(enquired, "conference");
        let led_to_plan = self.diary.dice.chance(8700);
        let conference = self.confer(held, led_to_plan);
        if working_days > 15 {
            self.explain_delay("CP-04", held, |member| member.enquiry);
        }
        let ends = if led_to_plan { self.plan(held, conference) } else { self.support(assessed.max(held)) };
        self.strand.join(&assessment);
        ends.max(assessed)
    }

    /// The initial conference of the whole group; its id.
    fn confer(&mut self, held: NaiveDate, led_to_plan: bool) -> EntityId {
        let conference = self.diary.dice.entity();
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
        conference
    }

    /// A family that moves here with a plan: notified, referred, conferred about; the day on which all ends.
    pub(super) fn receive(mut self, day: NaiveDate) -> (super::case::Ending, super::diary::Strand) {
        self.step(Filing::STEP, Occurred::on(day), |_| {
            Told::new(
                TransferInNotified { from_authority: some_code("998"), on_plan: true, ..Default::default() },
                [],
            )
        });
        let decided = self.refer(day, true);
        self.allocate(Desk::Safeguarding, decided, false);
        let held = self.diary.world.days.working(day, self.diary.dice.between(6, 17));
        let conference = self.diary.dice.entity();
        self.step(Filing::CHAIR, Occurred::on(held), |member| {
            let kind = InitialConferenceKind::TransferIn;
            Told::new(
                InitialConferenceHeld { kind, led_to_plan: Some(true), ..Default::default() },
                [(EntityRole::Conference, conference), (EntityRole::Referral, member.referral)],
            )
        });
        let ends = self.plan(held, conference);
        self.finish(ends, "RC7")
    }
}
