//! Leaving care: eligible at sixteen, a needs assessment and a pathway plan, a personal adviser, and support to 21.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::care_leavers::{
    CareLeaverAccommodationRecorded, CareLeaverActivityRecorded, CareLeaverContactRecorded,
    CareLeaverEligibilityRecorded,
};
use domain::events::pathway::{
    CareLeaverClosed, PaContactMade, PathwayAssessmentCompleted, PathwayPlanMade, PathwayPlanReviewed,
};
use domain::time::Occurred;

use super::case::Member;
use super::days::{days_from, plus, plus_months};
use super::diary::{Diary, Strand};
use super::looked_after::Period;
use super::person::{code, some_code};
use super::rates;
use super::world::Desk;

/// Care since the fourteenth birthday that makes a child of sixteen eligible.
const WEEKS_OF_CARE_DAYS: i32 = 13 * 7;
/// Where care leavers live, and whether that is suitable.
const HOMES: [((&str, bool), u32); 5] =
    [(("V", true), 25), (("U", true), 30), (("B", true), 15), (("K", true), 20), (("S", false), 10)];

impl Diary<'_> {
    /// Support of a young person who was long enough in care at sixteen or after, to the twenty-first birthday.
    pub(super) fn prepare_for_leaving(&mut self, strand: &Strand, period: &Period) {
        let member = &period.member;
        let birthday = |years: u32| plus_months(member.born, years * 12);
        let counted = period.start.max(birthday(14));
        let eligible = birthday(16).max(plus(counted, WEEKS_OF_CARE_DAYS));
        let last = birthday(21);
        if eligible >= period.end || eligible >= member.adult_on {
            return;
        }
        let mut strand = strand_of_leavers(self, strand, period);
        self.declare(&mut strand, member, eligible, "eligible");
        self.plan_pathway(&strand, period, eligible, last);
        self.advise(&strand, member, (plus(eligible, 40), last));
        let asked = plus(eligible, self.dice.between(10, 40));
        self.ask_activity(&strand, member, asked, 16, last);
        for years in 17..=20 {
            let asked = plus(birthday(years), self.dice.between(-40, -1));
            if plus(eligible, 60) < asked {
                self.ask_activity(&strand, member, asked, years, last);
            }
        }
        self.live(&strand, member, (member.adult_on, last));
        if period.end < member.adult_on {
            self.declare(&mut strand.clone(), member, plus(period.end, 7), "relevant");
        }
        self.declare(&mut strand.clone(), member, member.adult_on, "former_relevant");
        let closed = CareLeaverClosed { reason: some_code("aged_out") };
        self.note(&strand, "personal_adviser", Occurred::on(last), member, closed, []);
    }

    fn declare(&mut self, strand: &mut Strand, member: &Member, on: NaiveDate, category: &str) {
        let facts = CareLeaverEligibilityRecorded { category: code(category) };
        self.step(strand, Occurred::on(on), member, facts, []);
    }

    /// The needs assessment within three months mostly, the plan after it, and its reviews every six months.
    fn plan_pathway(&mut self, strand: &Strand, period: &Period, eligible: NaiveDate, last: NaiveDate) {
        let member = &period.member;
        let in_time = self.dice.chance(rates::PATHWAY_IN_TIME);
        let wait = if in_time { self.dice.between(20, 85) } else { self.dice.between(95, 170) };
        let assessed = self.world.days.at_or_before(plus(eligible, wait));
        if assessed >= period.end {
            return;
        }
        self.note(strand, "", Occurred::on(assessed), member, PathwayAssessmentCompleted {}, []);
        let mut own = strand.clone();
        let role = [(EntityRole::PathwayPlan, self.dice.entity())];
        let mut next = self.world.days.working(assessed, self.dice.between(3, 20));
        self.step(&mut own, Occurred::on(next), member, PathwayPlanMade {}, role);
        loop {
            let in_time = self.dice.chance(rates::PATHWAY_REVIEW_IN_TIME);
            let shift = if in_time { -self.dice.between(3, 30) } else { self.dice.between(5, 80) };
            next = self.world.days.at_or_before(plus(plus_months(next, 6), shift));
            if next >= last || next > self.world.until {
                return;
            }
            let facts = PathwayPlanReviewed { next_on: None };
            self.note(&own, "personal_adviser", Occurred::on(next), member, facts, role);
        }
    }

    /// The personal adviser is in contact every two months, mostly.
    fn advise(&mut self, strand: &Strand, member: &Member, (from, last): (NaiveDate, NaiveDate)) {
        let mut next = self.world.days.at_or_after(from);
        while next < last && next <= self.world.until {
            let facts = PaContactMade { channel: some_code("in_person"), after_move: None };
            self.note(strand, "personal_adviser", Occurred::on(next), member, facts, []);
            let in_time = self.dice.chance(rates::ADVISER_IN_TIME);
            let gap = if in_time { self.dice.between(35, 57) } else { self.dice.between(64, 100) };
            next = self.world.days.at_or_before(plus(next, gap));
        }
    }

    /// What a young person does on a day; of a few it is not known.
    fn ask_activity(
        &mut self,
        strand: &Strand,
        member: &Member,
        asked: NaiveDate,
        years: u32,
        last: NaiveDate,
    ) {
        let day = self.world.days.at_or_after(asked);
        if day >= last || self.dice.chance(rates::ACTIVITY_UNKNOWN) {
            return;
        }
        let idle = if years < 18 { rates::IDLE_AT_17 } else { rates::IDLE_AT_18_TO_21 };
        let idle = self.dice.chance(idle);
        let activity =
            code(self.dice.pick(if idle { &["G5", "G5", "G6", "G4"] } else { &["F2", "F2", "F4", "F5"] }));
        let on = Occurred::on(day);
        self.note(strand, "personal_adviser", on, member, CareLeaverActivityRecorded { activity }, []);
        if years >= 18 {
            let in_touch = code(self.dice.weighted(&[("YES", 92), ("NO", 7), ("REFU", 1)]));
            self.note(strand, "personal_adviser", on, member, CareLeaverContactRecorded { in_touch }, []);
        }
    }

    /// Where a young adult lives: about one move a year, after which the adviser comes soon.
    fn live(&mut self, strand: &Strand, member: &Member, (from, last): (NaiveDate, NaiveDate)) {
        let mut day = self.world.days.at_or_after(from);
        while days_from(day, last) > 40 && day <= self.world.until {
            let (place, suitable) = self.dice.weighted(&HOMES);
            let facts =
                CareLeaverAccommodationRecorded { accommodation: some_code(place), suitable: Some(suitable) };
            self.note(strand, "personal_adviser", Occurred::on(day), member, facts, []);
            let soon = self.dice.chance(rates::ADVISER_AFTER_MOVE);
            let wait = if soon { self.dice.between(1, 7) } else { self.dice.between(9, 25) };
            let visited = PaContactMade { channel: some_code("in_person"), after_move: Some(true) };
            self.note(strand, "personal_adviser", Occurred::on(plus(day, wait)), member, visited, []);
            day = self.world.days.at_or_after(plus(day, self.dice.between(120, 320)));
        }
    }
}

/// A strand of the leaving-care team that begins when the period of care did.
fn strand_of_leavers(diary: &mut Diary<'_>, strand: &Strand, period: &Period) -> Strand {
    let mut own = diary.strand(Desk::LeavingCare, period.start);
    own.floor = period_floor(strand, period);
    own.correlation = strand.correlation;
    own
}

/// Entries about leaving care wait for the entry of the period of care, not for its end.
fn period_floor(strand: &Strand, period: &Period) -> chrono::DateTime<chrono::Utc> {
    strand.floor.min(domain::time::after_london_day(plus(period.start, 60)))
}
