//! A family's own stream: who belongs to it.

use chrono::NaiveDate;
use domain::envelope::Category;
use domain::events::households::{HouseholdFormed, HouseholdMemberJoined, HouseholdMemberLeft};
use domain::ids::StreamId;
use domain::time::Occurred;

use super::case::Member;
use super::diary::{Diary, Filing, Strand, Told};
use super::person::some_code;

impl Diary<'_> {
    /// The household and its children, entered with their registration.
    pub(super) fn form_household(
        &mut self,
        strand: &mut Strand,
        household: StreamId,
        members: &[Member],
        on: NaiveDate,
    ) {
        let filing = Filing { role: "business_support", ..Filing::STEP };
        let mut entry = self.begin(strand, filing, Occurred::on(on));
        let formed = Told::new(HouseholdFormed { kind: some_code("family") }, []);
        entry.line_in(Category::Household, household, formed);
        for member in members {
            let joined = HouseholdMemberJoined { child: Some(member.stream), relation: some_code("child") };
            entry.line_in(Category::Household, household, Told::new(joined, []));
        }
        entry.close();
    }

    /// A child belongs to the household no longer: adopted, moved away or dead.
    pub(super) fn leave_household(
        &mut self,
        strand: &Strand,
        household: StreamId,
        member: &Member,
        on: Occurred,
    ) {
        let left = HouseholdMemberLeft { child: Some(member.stream), reason: None };
        self.step_in(&mut strand.clone(), (Category::Household, household), on, left, []);
    }
}
