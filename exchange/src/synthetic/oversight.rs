//! Managers: oversight that directs, supervision, audits of cases, and a serious incident now and then.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::incidents::{RapidReviewDone, SeriousIncidentKnown, SeriousIncidentNotified};
use domain::events::oversight::{CaseAuditCompleted, ManagementOversightRecorded, SupervisionHeld};
use domain::time::Occurred;

use super::case::Member;
use super::days::{days_from, plus};
use super::diary::{Diary, Strand};
use super::person::some_code;
use super::rates;

impl Diary<'_> {
    /// Oversight of each child's case every two to three months, and for some an audit.
    pub(super) fn oversee(&mut self, strand: &Strand, members: &[Member], from: NaiveDate, to: NaiveDate) {
        for member in members {
            let mut next = self.world.days.at_or_after(plus(from, self.dice.between(5, 30)));
            while next < to && next <= self.world.until {
                let directive = Some(self.dice.chance(rates::OVERSIGHT_DIRECTS));
                let facts = ManagementOversightRecorded { directive };
                self.note(strand, "team_manager", Occurred::on(next), member, facts, []);
                if self.dice.chance(3000) {
                    let facts = SupervisionHeld {
                        form: some_code("individual"),
                        direction_given: None,
                        worker: None,
                    };
                    self.note(strand, "team_manager", Occurred::on(next), member, facts, []);
                }
                next = self.world.days.at_or_after(plus(next, self.dice.between(55, 95)));
            }
            self.audit(strand, member, (from, to));
        }
        self.learn_of_incident(strand, members, (from, to));
    }

    fn audit(&mut self, strand: &Strand, member: &Member, (from, to): (NaiveDate, NaiveDate)) {
        let span = days_from(from, to.min(self.world.until));
        if span < 60 || !self.dice.chance(rates::CASE_AUDITED) {
            return;
        }
        let day = self.world.days.at_or_before(plus(from, self.dice.between(45, span)));
        let facts = CaseAuditCompleted {
            grade: some_code(self.dice.pick(&["good", "good", "requires_improvement", "outstanding"])),
            oversight_present: Some(self.dice.chance(rates::OVERSIGHT_PRESENT)),
            themes: BTreeSet::new(),
        };
        self.note(strand, "auditor", Occurred::on(day), member, facts, []);
    }

    /// A serious incident is notified within days, and a rapid review is done.
    fn learn_of_incident(&mut self, strand: &Strand, members: &[Member], (from, to): (NaiveDate, NaiveDate)) {
        let span = days_from(from, to) - 45;
        let [member, ..] = members else { return };
        if span < 1 || member.born > from || !self.dice.chance(rates::SERIOUS_INCIDENT) {
            return;
        }
        let known = self.world.days.at_or_after(plus(from, self.dice.between(1, span)));
        let mut own = strand.clone();
        let role = [(EntityRole::Incident, self.dice.entity())];
        let facts = SeriousIncidentKnown { kind: some_code("serious_harm") };
        self.step(&mut own, Occurred::on(known), member, facts, role);
        let wait = if self.dice.chance(8500) { self.dice.between(1, 5) } else { self.dice.between(6, 9) };
        let notified = self.world.days.working(known, wait);
        self.note(&own, "service_manager", Occurred::on(notified), member, SeriousIncidentNotified {}, role);
        let wait = if self.dice.chance(7500) { self.dice.between(9, 15) } else { self.dice.between(16, 24) };
        let reviewed = self.world.days.working(known, wait);
        let facts = RapidReviewDone { outcome: some_code("no_further_review") };
        self.note(&own, "service_manager", Occurred::on(reviewed), member, facts, role);
    }
}
