//! An invented child: a number, a birth, and what the returns ask. Nothing here is drawn from anybody real.

use chrono::{Datelike, NaiveDate};
use domain::envelope::SealedFields;
use domain::events::Code;
use domain::events::identity::{ChildRegistered, Sex, UnbornChildRegistered};
use domain::ids::StreamId;

use super::days::plus;
use super::dice::{Curve, Dice};

/// A code that is written in this room.
pub(super) fn code(text: &str) -> Code {
    Code::try_new(text).expect("codes of this room are codes")
}

/// A code that is there.
pub(super) fn some_code(text: &str) -> Option<Code> {
    Some(code(text))
}

/// An invented child.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) stream: StreamId,
    /// Number in the invented identifiers, from 1.
    pub(super) number: u64,
    pub(super) born: NaiveDate,
    /// Known before birth: the expected day as it was told.
    pub(super) expected: Option<NaiveDate>,
    pub(super) sex: Sex,
    ethnicity: &'static str,
    disability: &'static str,
    /// Child protection plans so far, with any authority.
    pub(super) plans: u32,
    /// Whether the child's journey here is over for good (adopted, moved away, died).
    pub(super) gone: bool,
}

/// Days of age at the first referral: a child is oftener under one than of any other age.
const AGE_DAYS: Curve = &[(0, 1), (900, 365), (3200, 1826), (6000, 3652), (8600, 5113), (10_000, 6250)];

const ETHNICITIES: [(&str, u32); 16] = [
    ("WBRI", 700),
    ("WOTH", 60),
    ("WIRI", 5),
    ("WIRT", 5),
    ("WROM", 8),
    ("MWBC", 32),
    ("MWBA", 14),
    ("MWAS", 16),
    ("MOTH", 28),
    ("AIND", 14),
    ("APKN", 32),
    ("ABAN", 12),
    ("AOTH", 18),
    ("BCRB", 16),
    ("BAFR", 28),
    ("NOBT", 12),
];

const DISABILITIES: [(&str, u32); 6] =
    [("NONE", 870), ("LD", 45), ("AUT", 50), ("BEH", 15), ("MOB", 12), ("COMM", 8)];

impl Person {
    /// A child who was born before `day`.
    pub(super) fn born_before(day: NaiveDate, number: u64, dice: &mut Dice) -> Self {
        let born = plus(day, -dice.curve(AGE_DAYS));
        Self::new(born, None, number, dice)
    }

    /// A child who will be born 40 to 170 days after `day`, within 20 days of the day that is expected.
    pub(super) fn expected_after(day: NaiveDate, number: u64, dice: &mut Dice) -> Self {
        let expected = plus(day, dice.between(50, 160));
        let born = plus(expected, dice.between(-18, 10));
        Self::new(born, Some(expected), number, dice)
    }

    fn new(born: NaiveDate, expected: Option<NaiveDate>, number: u64, dice: &mut Dice) -> Self {
        Self {
            stream: dice.stream(),
            number,
            born,
            expected,
            sex: dice.weighted(&[(Sex::Male, 530), (Sex::Female, 467), (Sex::NotKnown, 3)]),
            ethnicity: dice.weighted(&ETHNICITIES),
            disability: dice.weighted(&DISABILITIES),
            plans: 0,
            gone: false,
        }
    }

    /// The eighteenth birthday.
    pub(super) fn adult_on(&self) -> NaiveDate {
        let year = self.born.year() + 18;
        self.born.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(self.born)
    }

    /// Whether a disability is known.
    pub(super) fn is_disabled(&self) -> bool {
        self.disability != "NONE"
    }

    /// Whether born on the day or before.
    pub(super) fn is_born_by(&self, day: NaiveDate) -> bool {
        self.born <= day
    }

    pub(super) fn registration(&self) -> ChildRegistered {
        ChildRegistered {
            date_of_birth: Some(self.born),
            expected_date_of_birth: None,
            sex: Some(self.sex),
            ethnicity: some_code(self.ethnicity),
            disabilities: [code(self.disability)].into(),
            upn_unknown: self.upn().is_empty().then(|| code("UN3")),
        }
    }

    pub(super) fn unborn_registration(&self) -> UnbornChildRegistered {
        UnbornChildRegistered { expected_date_of_birth: self.expected }
    }

    /// The invented identifiers. No real pupil number starts with the letter I.
    pub(super) fn identifiers(&self) -> SealedFields {
        SealedFields::none().with("la_child_id", format!("INV-{:06}", self.number)).with("upn", self.upn())
    }

    /// One child in six has none yet.
    fn upn(&self) -> String {
        if self.expected.is_some() || self.number.is_multiple_of(6) {
            String::new()
        } else {
            format!("I{:012}", self.number)
        }
    }
}
