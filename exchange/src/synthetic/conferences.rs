//! Around a conference: the request and the decision on it, reports of agencies, and advocates for children.

use chrono::{NaiveDate, TimeDelta};
use domain::events::EntityRole;
use domain::events::advocacy::{AdvocacyOffered, AdvocateAttended};
use domain::events::conferences::{AgencyReportReceived, ConferenceDecisionMade, ConferenceRequested};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::case::Case;
use super::days::{days_from, plus};
use super::diary::{Filing, Told, at_instant};
use super::person::{code, some_code};
use super::rates;

impl Case<'_, '_> {
    /// A conference is asked for some days before it; a chair decides within a day, mostly.
    pub(super) fn request_conference(&mut self, after: NaiveDate, held: NaiveDate) -> EntityId {
        let conference = self.diary.dice.entity();
        let early = days_from(after, held) > 6;
        let asked = if early { self.diary.world.days.working(after, 2) } else { after };
        let asked_at = self.diary.minute(&mut self.strand, asked);
        self.step(Filing::STEP, asked_at, |_| {
            let facts = ConferenceRequested { kind: some_code("initial"), requested_from: None };
            Told::new(facts, [(EntityRole::Conference, conference)])
        });
        let (low, high) = self.diary.dice.weighted(&rates::THRESHOLD_DECISION_MINUTES);
        let wait = TimeDelta::minutes(self.diary.dice.between(low, high).into());
        let decided = asked_at.instant().map_or(asked_at, |instant| at_instant(instant + wait));
        self.step(Filing::CHAIR, decided, |_| {
            let facts = ConferenceDecisionMade {
                to_be_held: true,
                chair_consulted: Some(true),
                threshold_met: Some(true),
            };
            Told::new(facts, [(EntityRole::Conference, conference)])
        });
        self.send_reports(conference, asked, held);
        conference
    }

    /// The first report comes some days before the conference, or too late to be read.
    fn send_reports(&mut self, conference: EntityId, asked: NaiveDate, held: NaiveDate) {
        let in_time = self.diary.dice.chance(rates::REPORT_IN_TIME);
        let before = if in_time { self.diary.dice.between(4, 6) } else { 1 };
        let day = self.diary.world.days.at_or_before(plus(held, -before)).max(asked);
        let agency = code(self.diary.dice.pick(&["health", "school", "police", "gp"]));
        let filing = Filing { role: "business_support", ..Filing::STEP };
        self.step(filing, Occurred::on(day), |_| {
            let facts = AgencyReportReceived { agency: agency.clone(), on_time: Some(in_time) };
            Told::new(facts, [(EntityRole::Conference, conference)])
        });
    }

    /// Older children are offered an advocate before the conference nearly always; some only after it.
    pub(super) fn offer_advocates(&mut self, asked: NaiveDate, held: NaiveDate) {
        for member in self.members.clone() {
            let of_age = plus(member.born, 5 * 366) <= held;
            let share = if of_age { rates::ADVOCATE_OFFERED } else { rates::ADVOCATE_OFFERED_YOUNGEST };
            let offered = self.diary.dice.chance(share);
            let room = days_from(asked, held).max(0);
            let day = if offered {
                plus(asked, self.diary.dice.between(0, room))
            } else {
                self.diary.world.days.working(held, self.diary.dice.between(1, 15))
            };
            let context = some_code("child_protection_conference");
            let facts = AdvocacyOffered { context: context.clone() };
            self.diary.note(&self.strand, "", Occurred::on(day), &member, facts, []);
            if offered && of_age && self.diary.dice.chance(rates::ADVOCATE_ATTENDED) {
                let facts = AdvocateAttended { context };
                self.diary.note(&self.strand, "conference_chair", Occurred::on(held), &member, facts, []);
            }
        }
    }
}
