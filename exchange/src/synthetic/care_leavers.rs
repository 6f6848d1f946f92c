//! Care leavers: what is known of them from the eighteenth birthday on.

use chrono::NaiveDate;
use domain::events::care_leavers::{
    CareLeaverAccommodationRecorded, CareLeaverActivityRecorded, CareLeaverContactRecorded,
    CareLeaverEligibilityRecorded,
};
use domain::time::Occurred;

use super::case::Member;
use super::days::plus;
use super::diary::{Diary, Filing, Strand, Told};
use super::person::{code, some_code};
use super::world::Desk;

impl Diary<'_> {
    /// Eligibility at 18, then contact, accommodation and activity around every birthday up to 21.
    pub(super) fn keep_in_touch(&mut self, strand: &mut Strand, member: &Member, from: NaiveDate) {
        self.hand_over(strand, Desk::LeavingCare);
        let told = Told::new(CareLeaverEligibilityRecorded { category: code("former_relevant") }, []);
        self.single(strand, Filing::STEP, Occurred::on(from), member, told);
        for year in 0..3 {
            let day = self.world.days.at_or_after(plus(from, year * 365 + self.dice.between(20, 80)));
            if day > self.world.until {
                return;
            }
            self.record_year(&mut strand.clone(), member, day);
        }
    }

    fn record_year(&mut self, strand: &mut Strand, member: &Member, day: NaiveDate) {
        let on = Occurred::on(day);
        let filing = Filing { may_slip: false, ..Filing::NOTE };
        let in_touch = code(self.dice.weighted(&[("YES", 92), ("NO", 7), ("REFU", 1)]));
        self.single(strand, filing, on, member, Told::new(CareLeaverContactRecorded { in_touch }, []));
        let (place, suitable) = self.dice.weighted(&[
            (("V", true), 25),
            (("U", true), 30),
            (("B", true), 15),
            (("K", true), 20),
            (("S", false), 10),
        ]);
        let lives =
            CareLeaverAccommodationRecorded { accommodation: some_code(place), suitable: Some(suitable) };
        self.single(strand, filing, on, member, Told::new(lives, []));
        let activity =
            code(self.dice.weighted(&[("F2", 30), ("F4", 15), ("F5", 15), ("G5", 30), ("G6", 10)]));
        self.single(strand, filing, on, member, Told::new(CareLeaverActivityRecorded { activity }, []));
    }
}
