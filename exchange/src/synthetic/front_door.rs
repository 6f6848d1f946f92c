//! Contact, referral and the decision on it.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::front_door::{
    ContactReceived, ContactScreened, ReferralDecisionMade, ReferralOutcome, ReferralReceived,
    ReferrerInformed,
};
use domain::time::Occurred;

use super::case::Case;
use super::diary::{Filing, Told};
use super::person::some_code;
use super::rates;
use super::world::Desk;

const SOURCES: [(&str, u32); 10] = [
    ("1A", 8),
    ("2A", 18),
    ("3A", 14),
    ("3D", 8),
    ("3E", 6),
    ("4", 4),
    ("5B", 10),
    ("6", 29),
    ("8", 2),
    ("10", 1),
];

const NEEDS: [(&str, u32); 8] =
    [("N1", 57), ("N2", 8), ("N3", 4), ("N4", 7), ("N5", 15), ("N6", 3), ("N7", 3), ("N8", 3)];

impl Case<'_, '_> {
    /// A contact becomes a referral, on which a manager decides; the day of the decision.
    pub(super) fn refer(&mut self, day: NaiveDate, progressed: bool) -> NaiveDate {
        let source = some_code(self.diary.dice.weighted(&SOURCES));
        let need = some_code(self.diary.dice.weighted(&NEEDS));
        let received = self.diary.minute(&mut self.strand, day);
        self.step(Filing::STEP, received, |member| {
            Told::new(
                ContactReceived { source: source.clone(), ..Default::default() },
                [(EntityRole::Contact, member.contact)],
            )
        });
        if self.diary.dice.chance(rates::SCREENED_BEFORE_REFERRAL) {
            self.screen(day, "referral_accepted");
        }
        let referred = self.diary.minute(&mut self.strand, day);
        self.step(Filing::STEP, referred, |member| {
            Told::new(
                ReferralReceived { source: source.clone(), primary_need: need.clone(), ..Default::default() },
                [(EntityRole::Contact, member.contact), (EntityRole::Referral, member.referral)],
            )
        });
        self.allocate(Desk::FrontDoor, day, true);
        self.decide(day, progressed)
    }

    /// A contact is screened on its day.
    fn screen(&mut self, day: NaiveDate, outcome: &str) {
        let screened = self.diary.minute(&mut self.strand, day);
        self.step(Filing::MANAGER, screened, |member| {
            let facts =
                ContactScreened { service: some_code("pre_mash"), level: None, outcome: some_code(outcome) };
            Told::new(facts, [(EntityRole::Contact, member.contact)])
        });
    }

    /// Whoever referred is told of the outcome, mostly by the next working day.
    fn inform_referrer(&mut self, decided: NaiveDate) {
        let wait = self.diary.dice.curve(rates::REFERRER_WORKING_DAYS);
        let told = self.diary.world.days.working(decided, wait);
        let filing = Filing { role: "business_support", prompt: false, may_slip: false };
        let mut own = self.strand.clone();
        self.diary.shared(&mut own, filing, Occurred::on(told), &self.members, |member| {
            let facts = ReferrerInformed { channel: some_code("email") };
            Told::new(facts, [(EntityRole::Contact, member.contact), (EntityRole::Referral, member.referral)])
        });
    }

    fn decide(&mut self, day: NaiveDate, progressed: bool) -> NaiveDate {
        let working_days = self.diary.dice.curve(rates::DECISION_WORKING_DAYS);
        let decided = self.diary.world.days.working(day, working_days);
        let outcome = if progressed { ReferralOutcome::Progressed } else { ReferralOutcome::NoFurtherAction };
        let at = self.diary.minute(&mut self.strand, decided);
        self.step(Filing::MANAGER, at, |member| {
            Told::new(
                ReferralDecisionMade { outcome },
                [(EntityRole::Contact, member.contact), (EntityRole::Referral, member.referral)],
            )
        });
        self.inform_referrer(decided);
        if working_days > 1 {
            self.explain_delay("FD-01", decided, |member| member.referral);
        }
        decided
    }

    /// A contact on which nothing more is done; no referral.
    pub(super) fn contact_only(mut self, day: NaiveDate, screened: &str) -> super::diary::Strand {
        let source = some_code(self.diary.dice.weighted(&SOURCES));
        let received = self.diary.minute(&mut self.strand, day);
        self.step(Filing::STEP, received, |member| {
            Told::new(
                ContactReceived { source: source.clone(), ..Default::default() },
                [(EntityRole::Contact, member.contact)],
            )
        });
        self.screen(day, screened);
        let wait = self.diary.dice.curve(rates::DECISION_WORKING_DAYS);
        let decided = self.diary.world.days.working(day, wait);
        let at = self.diary.minute(&mut self.strand, decided);
        let outcome = ReferralOutcome::NoFurtherAction;
        self.step(Filing::MANAGER, at, |member| {
            Told::new(ReferralDecisionMade { outcome }, [(EntityRole::Contact, member.contact)])
        });
        self.strand
    }
}
