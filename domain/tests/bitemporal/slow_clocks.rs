//! Some clocks and a flag, counted one day at a time from the text of their rules.
//!
//! Everything here has happened on a certain day. The bank holidays are those of England and Wales, written down by hand.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use domain::events::Kind;

use crate::world::{Fact, WHAT, When, date};

const BANK_HOLIDAYS: &[&str] = &[
    "2022-01-03",
    "2022-04-15",
    "2022-04-18",
    "2022-05-02",
    "2022-06-02",
    "2022-06-03",
    "2022-08-29",
    "2022-09-19",
    "2022-12-26",
    "2022-12-27",
    "2023-01-02",
    "2023-04-07",
    "2023-04-10",
    "2023-05-01",
    "2023-05-08",
    "2023-05-29",
    "2023-08-28",
    "2023-12-25",
    "2023-12-26",
    "2024-01-01",
    "2024-03-29",
    "2024-04-01",
    "2024-05-06",
    "2024-05-27",
];

/// How something stands; `Unclear` where the record contradicts itself or leaves the order open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stands {
    Running,
    DueSoon,
    Overdue,
    Met,
    Late,
    /// Late, for its process ended after the last day without it.
    Missed,
    NotApplicable,
    Unclear,
    Earlier,
    NoEarlier,
}

/// Rule, process, and the place in a chain or the day of a flag's event.
pub(crate) type Which = (&'static str, u128, usize);

/// Whether a period of care ended before it began, so that its days cannot have turned out like this.
pub(crate) fn is_contradiction(facts: &[Fact]) -> bool {
    let first = |kind: Kind, number: u128| {
        facts.iter().map(done).filter(|it| it.kind == kind && it.number == number).map(|it| it.day).min()
    };
    (1..3).any(|number| {
        let both = first(Kind::CeasedToBeLookedAfter, number).zip(first(Kind::BecameLookedAfter, number));
        both.is_some_and(|(ended, began)| ended < began)
    })
}

/// A fact that happened: its kind, its details, its process, its day, and its minute where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Done {
    day: NaiveDate,
    minute: Option<u32>,
    kind: Kind,
    detail: usize,
    number: u128,
}

/// Every answer about facts that all fell on certain days, on the day asked about.
pub(crate) fn answers(facts: &[Fact], as_at: NaiveDate) -> BTreeMap<Which, Vec<Stands>> {
    let done: Vec<Done> = facts.iter().map(done).filter(|done| done.day <= as_at).collect();
    let mut told: BTreeMap<Which, Vec<Stands>> = BTreeMap::new();
    for number in 1..3 {
        let of = |kinds: &[Kind]| -> Vec<Done> {
            let mut of: Vec<Done> =
                done.iter().copied().filter(|it| it.number == number && kinds.contains(&it.kind)).collect();
            of.sort();
            of
        };
        let mut tell = |rule, place, stands: Option<Stands>| {
            told.entry((rule, number, place)).or_default().extend(stands);
        };
        tell("CP-04", 0, conference(&of, as_at));
        tell("AS-03a", 0, assessment(&of, as_at));
        tell("CT-01", 0, proceedings(&of, as_at));
        tell("LAC-01", 0, first_review(&of, as_at));
        tell("MS-01", 0, interview(&of, as_at));
        for (place, stands) in later_conferences(&of, as_at).into_iter().enumerate() {
            tell("CP-10", place + 1, Some(stands));
        }
        // A referral that was entered twice is one: its first entry is asked about.
        for referral in of(&[Kind::ReferralReceived]).into_iter().take(1) {
            let day = usize::try_from(referral.day.num_days_from_ce()).unwrap();
            tell("FD-03", day, Some(again(referral, &done)));
        }
    }
    told.retain(|_, stands| !stands.is_empty());
    told.values_mut().for_each(|stands| stands.sort());
    told
}

fn done(fact: &Fact) -> Done {
    let (kind, ..) = WHAT[fact.what];
    let (day, minute) = match fact.when {
        When::Day(day) => (day, None),
        When::Time(day, minute) => (day, Some(minute)),
        When::Between(..) => panic!("only certain days are counted here"),
    };
    let (day, minute) = in_london(date(day), minute);
    Done { day, minute, kind, detail: fact.detail, number: fact.number }
}

/// The day in London of a time in universal time: late in the evening in summer it is the next one.
fn in_london(day: NaiveDate, minute: Option<u32>) -> (NaiveDate, Option<u32>) {
    match minute {
        Some(minute) if is_summer(day, minute) && minute >= 23 * 60 => {
            (day + Days::new(1), Some(minute - 23 * 60))
        }
        Some(minute) if is_summer(day, minute) => (day, Some(minute + 60)),
        other => (day, other),
    }
}

/// From one in the morning of the last Sunday of March to one in the morning of the last Sunday of October.
fn is_summer(day: NaiveDate, minute: u32) -> bool {
    let last_sunday = |month| {
        let mut day = NaiveDate::from_ymd_opt(day.year(), month, 31).unwrap();
        while day.weekday() != Weekday::Sun {
            day = day - Days::new(1);
        }
        day
    };
    let begun = (day, minute) >= (last_sunday(3), 60);
    begun && (day, minute) < (last_sunday(10), 60)
}

fn is_working(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !BANK_HOLIDAYS.contains(&day.to_string().as_str())
}

/// The last of so many working days, of which the first is the first one after the start.
pub(crate) fn working_days_after(start: NaiveDate, number: u32) -> NaiveDate {
    let (mut day, mut left) = (start, number);
    while left > 0 {
        day = day + Days::new(1);
        left -= u32::from(is_working(day));
    }
    day
}

fn working_days_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let (mut day, mut number) = (from, 0);
    while day < to {
        day = day + Days::new(1);
        number += u32::from(is_working(day));
    }
    number
}

fn open(due: NaiveDate, as_at: NaiveDate) -> Stands {
    match () {
        () if as_at > due => Stands::Overdue,
        () if working_days_between(as_at, due) <= 5 => Stands::DueSoon,
        () => Stands::Running,
    }
}

fn stopped(stop: NaiveDate, due: NaiveDate) -> Stands {
    if stop <= due { Stands::Met } else { Stands::Late }
}

type Of<'a> = dyn Fn(&[Kind]) -> Vec<Done> + 'a;

/// The first of some events that do not lie before the first of some others, by their days or, on one day, by their minutes;
/// `Err` where there are some, and all before it.
fn first_from(events: &[Done], starts: &[Done]) -> Result<Option<Done>, Stands> {
    let from = starts.first().expect("there is a start").day;
    let of_day = starts.iter().filter(|it| it.day == from);
    let minute = of_day.map(|it| it.minute).min().flatten();
    let in_time = |event: &&Done| match (event.minute, minute) {
        (Some(act), Some(began)) if event.day == from => act >= began,
        _ => event.day >= from,
    };
    match events.iter().find(in_time) {
        Some(event) => Ok(Some(*event)),
        None if events.is_empty() => Ok(None),
        None => Err(Stands::Unclear),
    }
}

/// Working Together: within 15 working days of the strategy discussion at which the enquiry was initiated.
fn conference(of: &Of<'_>, as_at: NaiveDate) -> Option<Stands> {
    let starts = match of(&[Kind::StrategyDiscussionHeld]) {
        none if none.is_empty() => of(&[Kind::Section47EnquiryStarted]),
        discussions => discussions,
    };
    let due = working_days_after(starts.first()?.day, 15);
    Some(match first_from(&of(&[Kind::InitialConferenceHeld]), &starts) {
        Err(unclear) => unclear,
        Ok(Some(held)) => stopped(held.day, due),
        Ok(None) if !of(&[Kind::ConferenceNotRequired]).is_empty() => Stands::NotApplicable,
        Ok(None) => open(due, as_at),
    })
}

/// Every assessment within 45 working days of its own start.
fn assessment(of: &Of<'_>, as_at: NaiveDate) -> Option<Stands> {
    let starts = of(&[Kind::AssessmentStarted]);
    let due = working_days_after(starts.first()?.day, 45);
    Some(match first_from(&of(&[Kind::AssessmentAuthorised]), &starts) {
        Err(unclear) => unclear,
        Ok(Some(authorised)) => stopped(authorised.day, due),
        Ok(None) => open(due, as_at),
    })
}

/// Twenty-six weeks beginning with the day of issue, so that issue + 181 is in time; the last extension in force counts.
fn proceedings(of: &Of<'_>, as_at: NaiveDate) -> Option<Stands> {
    let starts = of(&[Kind::ApplicationIssued]);
    let issued = starts.first()?.day;
    let ends = ["2022-10-28", "2022-12-23", "2023-03-31"];
    // An extension granted before the issue, or to a day before it, extends something else.
    let mut granted = of(&[Kind::TimetableExtended]);
    granted.retain(|it| it.day >= issued && ends[it.detail % 3] >= issued.to_string().as_str());
    // Those of one day without two times are taken in the order of their ends.
    let last = granted.iter().max_by_key(|it| (it.day, last_minute(&granted, it), it.detail % 3));
    // An end before the 26 weeks takes nothing away.
    let due = last.map_or(issued + Days::new(181), |it| {
        ends[it.detail % 3].parse::<NaiveDate>().unwrap().max(issued + Days::new(181))
    });
    Some(match first_from(&of(&[Kind::FinalOrderMade]), &starts) {
        Err(unclear) => unclear,
        Ok(Some(order)) => stopped(order.day, due),
        Ok(None) => open(due, as_at),
    })
}

/// The minute of an extension where every one of its day has one, so that they can be told apart.
fn last_minute(granted: &[Done], one: &Done) -> Option<u32> {
    let of_day = granted.iter().filter(|other| other.day == one.day);
    if of_day.clone().all(|other| other.minute.is_some()) { one.minute } else { None }
}

/// The first review within 20 working days of becoming looked after; none is due of a period that ended before, and none
/// is held after its end.
fn first_review(of: &Of<'_>, as_at: NaiveDate) -> Option<Stands> {
    let starts = of(&[Kind::BecameLookedAfter]);
    let start = starts.first()?.day;
    let due = working_days_after(start, 20);
    let ended = of(&[Kind::CeasedToBeLookedAfter]).iter().map(|it| it.day).find(|day| *day >= start);
    let mut reviews = of(&[Kind::LookedAfterReviewHeld]);
    reviews.retain(|review| ended.is_none_or(|ended| review.day <= ended));
    Some(match (first_from(&reviews, &starts), ended) {
        (Err(unclear), _) => unclear,
        (Ok(Some(review)), _) => stopped(review.day, due),
        (Ok(None), Some(ended)) if ended <= due => Stands::NotApplicable,
        (Ok(None), Some(_)) => Stands::Late,
        (Ok(None), None) => open(due, as_at),
    })
}

/// Each review conference within six months of the one before, the corresponding day clipped to the end of its month.
fn later_conferences(of: &Of<'_>, as_at: NaiveDate) -> Vec<Stands> {
    let ended = of(&[Kind::ChildProtectionPlanEnded]);
    let mut held: Vec<NaiveDate> = of(&[Kind::ReviewConferenceHeld]).iter().map(|it| it.day).collect();
    // A conference after the end of the plan reviews nothing, and no other is due of it. An end before the plan is none.
    let begun = of(&[Kind::ChildProtectionPlanStarted]).first().map(|it| it.day);
    let over = ended.iter().map(|it| it.day).find(|day| begun.is_none_or(|begun| begun <= *day));
    held.retain(|day| over.is_none_or(|over| *day <= over));
    let one = |(place, start): (usize, &NaiveDate)| {
        let due = *start + Months::new(6);
        match (held.get(place + 1), ended.iter().map(|it| it.day).find(|day| day >= start)) {
            (Some(next), _) => stopped(*next, due),
            (None, Some(ended)) if ended <= due => Stands::NotApplicable,
            (None, Some(_)) => Stands::Late,
            (None, None) => open(due, as_at),
        }
    };
    held.iter().enumerate().map(one).collect()
}

/// Seventy-two hours from the return, weekends and nights included. What has a day alone may have been at its first minute
/// or at its last; where the two give different answers there is none.
fn interview(of: &Of<'_>, as_at: NaiveDate) -> Option<Stands> {
    let refused = !of(&[Kind::RhiRefused]).is_empty();
    let all = of(&[Kind::FoundOrReturned, Kind::RhiHeld]);
    all.iter().find(|it| it.kind == Kind::FoundOrReturned)?;
    let mut days: Vec<Vec<Done>> = vec![Vec::new()];
    for done in all {
        let minutes = done.minute.map_or(vec![0, 1439], |minute| vec![minute]);
        let timed = minutes.into_iter().map(|minute| Done { minute: Some(minute), ..done });
        let with = |one: Done| days.iter().map(move |day| [&day[..], &[one]].concat()).collect::<Vec<_>>();
        days = timed.flat_map(with).collect();
    }
    let said: Vec<Stands> = days.iter().map(|day| interview_at(day, refused, as_at)).collect();
    let is_open = |stands: &Stands| matches!(stands, Stands::Running | Stands::DueSoon);
    let differ = said.iter().any(|stands| *stands != said[0]);
    Some(match () {
        // How soon it is due is told from the earliest day.
        () if said.iter().all(is_open) && differ => Stands::DueSoon,
        () if differ => Stands::Unclear,
        () => said[0],
    })
}

fn interview_at(done: &[Done], refused: bool, as_at: NaiveDate) -> Stands {
    let of = |kind: Kind| done.iter().filter(move |it| it.kind == kind).map(|it| hours(*it));
    let back = of(Kind::FoundOrReturned).min().unwrap();
    let due = back + 72 * 60;
    match of(Kind::RhiHeld).filter(|held| *held >= back).min() {
        Some(held) if held <= due => Stands::Met,
        Some(_) => Stands::Late,
        None if of(Kind::RhiHeld).next().is_some() => Stands::Unclear,
        None if refused => Stands::NotApplicable,
        None => open(universal_day(due), as_at),
    }
}

/// Minutes of universal time since the beginning of the era.
fn hours(done: Done) -> i64 {
    let minute = i64::from(done.minute.expect("only times are compared"));
    let universal = (0..=60).step_by(60).find(|shift| {
        let at = i64::from(done.day.num_days_from_ce()) * 1440 + minute - shift;
        let (day, minute) = (at.div_euclid(1440), at.rem_euclid(1440));
        let day = NaiveDate::from_num_days_from_ce_opt(i32::try_from(day).unwrap()).unwrap();
        in_london(day, Some(u32::try_from(minute).unwrap())) == (done.day, done.minute)
    });
    i64::from(done.day.num_days_from_ce()) * 1440 + minute
        - universal.expect("a time in London has one in universal time")
}

fn universal_day(at: i64) -> NaiveDate {
    let day = NaiveDate::from_num_days_from_ce_opt(i32::try_from(at.div_euclid(1440)).unwrap()).unwrap();
    in_london(day, Some(u32::try_from(at.rem_euclid(1440)).unwrap())).0
}

/// Whether another referral came before this one, and after the same day twelve months earlier.
fn again(referral: Done, all: &[Done]) -> Stands {
    let after = referral.day - Months::new(12);
    let others = || all.iter().filter(|it| it.kind == Kind::ReferralReceived && it.number != referral.number);
    let before = |other: &&Done| match (other.minute, referral.minute) {
        _ if other.day != referral.day => other.day < referral.day,
        (Some(other), Some(this)) => other < this,
        (None, _) | (_, None) => false,
    };
    let level = |other: &&Done| {
        let told_apart = other.minute.zip(referral.minute).is_some_and(|(one, other)| one != other);
        other.day == referral.day && !told_apart
    };
    match () {
        () if others().filter(before).any(|other| other.day > after) => Stands::Earlier,
        () if others().any(|other| level(&other)) => Stands::Unclear,
        () => Stands::NoEarlier,
    }
}
