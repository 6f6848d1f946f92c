//! One invented family: its children, its cases one after another, and when the next one starts.

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::identity::{BirthRecorded, IdentifierLinked};
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::ids::StreamId;
use domain::time::Occurred;

use super::case::{Case, Ending, Member, draw_route};
use super::days::{days_from, plus};
use super::diary::{Diary, Filing, Sheet, Strand, Told};
use super::dice::Dice;
use super::person::{Person, code};
use super::rates::{self, Route};
use super::world::{Desk, World};

/// Days before adulthood below which no new case starts: an assessment may take that long.
const SHORTEST_CASE_DAYS: i32 = 200;
/// Days before adulthood below which a sibling is not drawn into a case of the younger ones.
const SIBLING_CASE_DAYS: i32 = 900;

/// An invented family.
pub(super) struct Family {
    persons: Vec<Person>,
    dice: Dice,
    /// The day of the next contact.
    pub(super) next: NaiveDate,
    /// The children whom the next case is about, and where it leads, where that is settled.
    settled: Option<(Vec<usize>, Route)>,
    known: Option<Strand>,
    /// The family's own stream.
    household: StreamId,
}

impl Family {
    /// A family that is first known on a day; its children have the numbers from `first_number` on.
    pub(super) fn new(place: u64, size: u8, first_number: u64, day: NaiveDate, seed: u64) -> Self {
        let mut dice = Dice::new(seed, place);
        let unborn = dice.chance(rates::UNBORN);
        let persons = (0..u64::from(size))
            .map(|index| match (unborn, index) {
                (true, 0) => Person::expected_after(day, first_number, &mut dice),
                _ => Person::born_before(day, first_number + index, &mut dice),
            })
            .collect();
        let household = dice.stream();
        Self { persons, dice, next: day, settled: None, known: None, household }
    }

    /// Whether no case was written yet.
    pub(super) fn is_new(&self) -> bool {
        self.known.is_none()
    }

    /// Number of children.
    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.persons.len()).unwrap_or(0)
    }

    /// Writes the next case; `None` after the last one, else the day of the next contact.
    pub(super) fn turn(&mut self, world: &World) -> (Vec<Sheet>, Option<NaiveDate>) {
        let mut diary = Diary::new(world, self.dice.clone());
        let day = self.next;
        let chosen = self.choose(&mut diary, day);
        let next = if chosen.is_empty() { None } else { self.open_case(&mut diary, day, &chosen) };
        self.dice = diary.dice;
        self.next = next.unwrap_or(self.next);
        (diary.sheets, next)
    }

    /// The children whom a case is about.
    fn choose(&mut self, diary: &mut Diary<'_>, day: NaiveDate) -> Vec<usize> {
        if let Some((chosen, _)) = &self.settled {
            return chosen.clone();
        }
        let left = |days: i32| {
            let fits = move |person: &Person| !person.gone && plus(day, days) < person.adult_on();
            let among: Vec<usize> = self
                .persons
                .iter()
                .enumerate()
                .filter(|(_, person)| fits(person))
                .map(|(at, _)| at)
                .collect();
            among
        };
        let mut chosen = left(SIBLING_CASE_DAYS);
        let alone =
            chosen.is_empty() || self.known.is_some() && !diary.dice.chance(rates::ALL_SIBLINGS_AGAIN);
        if alone {
            let any = if chosen.is_empty() { left(SHORTEST_CASE_DAYS) } else { chosen };
            chosen = if any.is_empty() { any } else { vec![diary.dice.pick(&any)] };
        }
        chosen
    }

    fn open_case(&mut self, diary: &mut Diary<'_>, day: NaiveDate, chosen: &[usize]) -> Option<NaiveDate> {
        let mut strand = diary.strand(Desk::FrontDoor, day);
        let first = self.known.is_none();
        let transferred = first && self.all_born_by(day) && diary.dice.chance(rates::TRANSFERRED_IN);
        match &self.known {
            Some(known) => strand.join(known),
            None => self.register(diary, &mut strand, day, transferred.then_some(day)),
        }
        let day = if first && !transferred { self.lead_in(diary, &mut strand, chosen, day) } else { day };
        let members = self.members(diary, chosen);
        let route = match self.settled.take() {
            Some((_, route)) => route,
            None => draw_route(diary, &members, day),
        };
        let case = Case::new(diary, &mut self.persons, members, strand, self.household);
        let (ending, strand) = if transferred { case.receive(day) } else { case.run(day, route) };
        self.known = Some(strand);
        let next = self.draw_next(diary, chosen, day, ending);
        self.contacts_after(diary, chosen, ending, next);
        next
    }

    fn all_born_by(&self, day: NaiveDate) -> bool {
        self.persons.iter().all(|person| person.is_born_by(day))
    }

    fn members(&self, diary: &mut Diary<'_>, chosen: &[usize]) -> Vec<Member> {
        let persons = chosen.iter().filter_map(|at| Some((*at, self.persons.get(*at)?)));
        persons.map(|(at, person)| Member::new(at, person, diary)).collect()
    }

    /// Every child of the family is registered, with a statement from when on the history is held.
    fn register(
        &mut self,
        diary: &mut Diary<'_>,
        strand: &mut Strand,
        day: NaiveDate,
        held_from: Option<NaiveDate>,
    ) {
        let everybody: Vec<usize> = (0..self.persons.len()).collect();
        let members = self.members(diary, &everybody);
        let on = Occurred::on(day);
        for (member, person) in members.iter().zip(&self.persons) {
            let mut entry = diary.begin(strand, Filing { role: "business_support", ..Filing::STEP }, on);
            if person.expected.is_some() {
                entry.line(
                    member.stream,
                    Told::new(person.unborn_registration(), []).sealing(person.identifiers()),
                );
            } else {
                entry.line(member.stream, Told::new(person.registration(), []).sealing(person.identifiers()));
            }
            entry.line(member.stream, Told::new(coverage(held_from), []));
            entry.close();
            if person.expected.is_some() {
                self.record_birth(diary, strand, member, person);
            }
        }
        diary.form_household(strand, self.household, &members, day);
    }

    fn record_birth(&self, diary: &mut Diary<'_>, strand: &Strand, member: &Member, person: &Person) {
        let mut strand = strand.clone();
        let born = Occurred::on(person.born);
        let told = Told::new(BirthRecorded { sex: Some(person.sex) }, []);
        diary.single(&mut strand, Filing::STEP, born, member, told);
        let sealed = SealedFields::none().with("value", format!("I{:012}", person.number));
        let told = Told::new(IdentifierLinked { identifier: code("upn") }, []).sealing(sealed);
        let at_school = plus(person.born, 4 * 365 + 100);
        diary.single(&mut strand, Filing::STEP, Occurred::on(at_school), member, told);
    }

    /// What came before the first referral; the day of the contact that leads to it.
    fn lead_in(
        &mut self,
        diary: &mut Diary<'_>,
        strand: &mut Strand,
        chosen: &[usize],
        day: NaiveDate,
    ) -> NaiveDate {
        let early_help = diary.dice.chance(rates::EARLY_HELP_BEFORE);
        let contacts = diary.dice.weighted(&rates::CONTACTS_BEFORE);
        if !early_help && contacts == 0 || !self.all_born_by(day) {
            return day;
        }
        if early_help {
            let members = self.members(diary, chosen);
            let mut case = Case::new(diary, &mut self.persons, members, strand.clone(), self.household);
            case.step_down_to_early_help(day);
            strand.join(&case.strand);
        }
        let mut day = day;
        let screened = diary.dice.weighted(&rates::SCREENED);
        for _ in 0..contacts {
            self.contact(diary, strand, chosen, (day, screened));
            let wait = diary.dice.between(20, 150);
            day = contact_day(diary, plus(day, wait));
        }
        if contacts == 0 { diary.world.days.at_or_after(plus(day, 60)) } else { day }
    }

    /// A contact on which nothing more is done.
    fn contact(
        &mut self,
        diary: &mut Diary<'_>,
        strand: &mut Strand,
        chosen: &[usize],
        (day, screened): (NaiveDate, &str),
    ) {
        let members = self.members(diary, chosen);
        let case = Case::new(diary, &mut self.persons, members, strand.clone(), self.household);
        *strand = case.contact_only(day, screened);
    }

    /// Contacts after a case was closed, up to the next one.
    fn contacts_after(
        &mut self,
        diary: &mut Diary<'_>,
        chosen: &[usize],
        ending: Ending,
        next: Option<NaiveDate>,
    ) {
        let gone = |at: &usize| self.persons.get(*at).is_none_or(|person| person.gone);
        let still: Vec<usize> = chosen.iter().copied().filter(|at| !gone(at)).collect();
        let adult = still.iter().filter_map(|at| self.persons.get(*at)).map(Person::adult_on).min();
        let Some(adult) = adult else { return };
        let mut strand = match &self.known {
            Some(known) => known.clone(),
            None => return,
        };
        let last = next.unwrap_or(NaiveDate::MAX).min(plus(adult, -10)).min(diary.world.until);
        let mut day = ending.closed;
        let screened = diary.dice.weighted(&rates::SCREENED);
        for _ in 0..diary.dice.weighted(&rates::CONTACTS_AFTER) {
            let wait = diary.dice.between(20, 200);
            day = contact_day(diary, plus(day, wait));
            if plus(day, 15) >= last {
                return;
            }
            let mut own = diary.strand(Desk::FrontDoor, day);
            own.join(&strand);
            self.contact(diary, &mut own, &still, (day, screened));
            strand = own;
            self.known = Some(strand.clone());
        }
    }

    /// Whether and when the family comes back.
    fn draw_next(
        &mut self,
        diary: &mut Diary<'_>,
        chosen: &[usize],
        from: NaiveDate,
        ending: Ending,
    ) -> Option<NaiveDate> {
        let closed = ending.closed;
        if closed >= diary.world.until {
            return None;
        }
        let again =
            self.back_in_care(diary, chosen, ending).or_else(|| self.back_on_a_plan(diary, chosen, ending));
        let again = again.or_else(|| back_after_service(diary, ending));
        let next = again.or_else(|| back(diary, from, closed))?;
        let day = contact_day(diary, next);
        (day > closed && day <= diary.world.until).then_some(day)
    }

    /// Some children who went home from care come back to it within a year.
    fn back_in_care(&mut self, diary: &mut Diary<'_>, chosen: &[usize], ending: Ending) -> Option<NaiveDate> {
        if !ending.went_home || !diary.dice.chance(rates::BACK_IN_CARE) {
            return None;
        }
        let day = plus(ending.closed, diary.dice.between(70, 300));
        let can = |at: &usize| {
            let fits =
                |person: &Person| !person.gone && plus(day, SHORTEST_CASE_DAYS + 60) < person.adult_on();
            self.persons.get(*at).is_some_and(fits)
        };
        let again: Vec<usize> = chosen.iter().copied().filter(can).collect();
        if again.is_empty() {
            return None;
        }
        self.settled = Some((again, Route::Accommodated));
        Some(day)
    }

    fn back_on_a_plan(
        &mut self,
        diary: &mut Diary<'_>,
        chosen: &[usize],
        ending: Ending,
    ) -> Option<NaiveDate> {
        if !ending.plan_ended || !diary.dice.chance(rates::BACK_ON_A_PLAN) {
            return None;
        }
        let day = plus(ending.closed, diary.dice.between(60, 900));
        let can = |at: &usize| {
            self.persons.get(*at).is_some_and(|person| {
                !person.gone && plus(day, rates::SHORTEST_TO_PROTECT + 100) < person.adult_on()
            })
        };
        let again: Vec<usize> = chosen.iter().copied().filter(can).collect();
        if again.is_empty() {
            return None;
        }
        self.settled = Some((again, Route::Protection));
        Some(day)
    }
}

/// The whole history of a child is held, for every kind of event: from its start on, or, where the family moved
/// here, from that day on.
fn coverage(from: Option<NaiveDate>) -> HistoryCoverageStated {
    HistoryCoverageStated {
        kinds: std::collections::BTreeSet::new(),
        extent: CoverageExtent::Complete,
        from,
        to: None,
        import: None,
    }
}

/// Some families are referred again soon after a service ended.
fn back_after_service(diary: &mut Diary<'_>, ending: Ending) -> Option<NaiveDate> {
    let again = ending.served && diary.dice.chance(rates::BACK_AFTER_SERVICE);
    again.then(|| plus(ending.closed, diary.dice.between(15, 130)))
}

fn back(diary: &mut Diary<'_>, from: NaiveDate, closed: NaiveDate) -> Option<NaiveDate> {
    let within = 360 - days_from(from, closed);
    let share = if within > 180 {
        rates::BACK_WITHIN_A_YEAR_AFTER_SHORT_CASE
    } else {
        rates::BACK_WITHIN_A_YEAR_AFTER_LONG_CASE
    };
    if within > 14 && diary.dice.chance(share) {
        return Some(plus(closed, diary.dice.between(7, within)));
    }
    diary.dice.chance(rates::BACK_LATER).then(|| plus(closed, within.max(0) + diary.dice.between(10, 900)))
}

/// A working day mostly: one contact in twelve that would come at a weekend does.
pub(super) fn contact_day(diary: &mut Diary<'_>, day: NaiveDate) -> NaiveDate {
    if diary.dice.chance(800) { day } else { diary.world.days.at_or_after(day) }
}
