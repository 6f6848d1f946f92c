//! Care as a child lives it, against a slow count: reviews that are told more than once, placements for adoption that a stay in
//! hospital interrupts, told with or without ends or by changes of type, and short breaks that become care. Every day is
//! certain; every child is invented.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{Days, Months, NaiveDate};
use domain::clocks::{ClockEngine, Question, State};
use domain::events::{CaseEvent, EntityRole as Role, Kind};
use domain::ids::EntityId;
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use domain::time::Occurred;
use proptest::prelude::*;
use uuid::Uuid;

use crate::slow_clocks::{Stands, working_days_after};
use crate::world::{Entry, Say, recorded};

static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(RuleBook::built_in()));

/// A life in care, in days since it began.
#[derive(Clone, Debug)]
struct Life {
    /// Whether it began as short breaks, and the day on which an order made care of them.
    short_breaks: Option<Option<u64>>,
    /// The day and the number of a review; one that is told twice has two days.
    reviews: Vec<(u64, u128)>,
    visits: Vec<u64>,
    /// One after the other: what each is, how long it lasts, and whether its end is told.
    stays: Vec<(&'static str, u64, bool)>,
    /// Whether a stay in hospital between two times with the adopters is told as a change of type.
    by_change: bool,
}

/// A stay, or what two entries around a stay in hospital are together.
#[derive(Clone, Copy, Debug)]
struct Stay {
    number: u128,
    kind: &'static str,
    from: u64,
    until: Option<u64>,
}

fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 1, 3).unwrap() + Days::new(day)
}

fn life() -> impl Strategy<Value = Life> {
    let short_breaks = prop_oneof![3 => Just(None), 1 => prop::option::of(10_u64..200).prop_map(Some)];
    let kind = prop_oneof![3 => Just("U6"), 2 => Just("A6"), 1 => Just("T1")];
    let parts = (
        short_breaks,
        prop::collection::vec((0_u64..400, 1_u128..5), 0..6),
        prop::collection::vec(0_u64..400, 0..6),
        prop::collection::vec((kind, 1_u64..120, prop::bool::weighted(0.7)), 0..6),
        any::<bool>(),
    );
    parts.prop_map(|(short_breaks, reviews, visits, stays, by_change)| Life {
        short_breaks,
        reviews,
        visits,
        stays,
        by_change,
    })
}

/// The stays as they are entered, each with the end that is told; the last one goes on.
fn entered(life: &Life) -> Vec<Stay> {
    let mut from = 0;
    let last = life.stays.len();
    let stay = |(at, (kind, length, told)): (usize, &(&'static str, u64, bool))| {
        let until = from + length;
        let is_told = *told && at + 1 < last && !is_by_change(life, at) && !is_by_change(life, at + 1);
        let stay = Stay { number: 10 + at as u128, kind, from, until: Some(until).filter(|_| is_told) };
        from = until;
        stay
    };
    life.stays.iter().enumerate().map(stay).collect()
}

/// Whether a stay in hospital between two times with the adopters is told as a change of their placement.
fn is_by_change(life: &Life, at: usize) -> bool {
    let kind = |at: Option<usize>| at.and_then(|at| life.stays.get(at)).map(|stay| stay.0);
    life.by_change
        && kind(at.checked_sub(1)) == Some("A6")
        && kind(Some(at)) == Some("T1")
        && kind(Some(at + 1)) == Some("A6")
}

/// The stays as they are known on a day: what comes back to the adopters from hospital was never placed anew, and a stay of
/// which no end is told ends with the next one that it cannot run beside.
fn lived(life: &Life, as_at: u64) -> Vec<Stay> {
    let known = entered(life).into_iter().filter(|stay| stay.from <= as_at);
    let (mut lived, mut away): (Vec<Stay>, bool) = (Vec::new(), false);
    for stay in known {
        let is_back = std::mem::replace(&mut away, stay.kind == "T1") && stay.kind == "A6";
        let before = lived.iter().rposition(|it| it.kind != "T1");
        let same = before.filter(|at| is_back && lived[*at].kind == "A6");
        for (_, other) in lived.iter_mut().enumerate().filter(|(at, _)| Some(*at) != same) {
            let ends = stay.kind == "A6" || (stay.kind == "U6" && other.kind == "A6");
            other.until = other.until.or(Some(stay.from).filter(|_| ends));
        }
        match same {
            Some(at) => lived[at].until = stay.until,
            None => lived.push(stay),
        }
    }
    lived
}

fn journey(life: &Life) -> Journey {
    let care = |event: CaseEvent| event.of(Role::PeriodOfCare, EntityId(Uuid::from_u128(1)));
    let event = |day: u64, kind: Kind, details: &str| {
        let facts = format!("{{\"details\":{details}}}");
        care(CaseEvent::read(Occurred::on(date(day)), kind.name(), kind.schema_version(), &facts).unwrap())
    };
    let number = |event: CaseEvent, role, number| event.of(role, EntityId(Uuid::from_u128(number)));
    let status = if life.short_breaks.is_some() { "V4" } else { "V2" };
    let mut all = vec![event(0, Kind::BecameLookedAfter, &format!(r#"{{"legal_status":"{status}"}}"#))];
    all.extend(
        life.short_breaks.flatten().map(|on| event(on, Kind::LegalStatusChanged, r#"{"status":"C2"}"#)),
    );
    let reviews = life.reviews.iter();
    all.extend(
        reviews.map(|(on, it)| number(event(*on, Kind::LookedAfterReviewHeld, "{}"), Role::Review, 20 + it)),
    );
    all.extend(life.visits.iter().map(|on| event(*on, Kind::LookedAfterVisitMade, r#"{"seen":true}"#)));
    let mut adopters = 0;
    for (at, stay) in entered(life).into_iter().enumerate() {
        let by_change = is_by_change(life, at) || at.checked_sub(1).is_some_and(|at| is_by_change(life, at));
        let placement = if by_change { adopters } else { stay.number };
        if by_change {
            let details = format!(r#"{{"reason":"P","placement_type":"{}"}}"#, stay.kind);
            all.push(number(event(stay.from, Kind::EpisodeChanged, &details), Role::Placement, placement));
        } else {
            let details = format!(r#"{{"placement_type":"{}","short_break":false}}"#, stay.kind);
            all.push(number(event(stay.from, Kind::PlacementStarted, &details), Role::Placement, placement));
        }
        let end = stay.until.map(|on| event(on, Kind::PlacementEnded, "{}"));
        all.extend(end.map(|end| number(end, Role::Placement, placement)));
        adopters = if stay.kind == "A6" { placement } else { adopters };
    }
    let whole = Entry { say: Say::Whole, recorded: 0, source: None, extract: None };
    let mut held = recorded(7, &vec![whole; all.len() + 1]);
    held.iter_mut().skip(1).zip(all).for_each(|(held, event)| held.event = event);
    Journey::known(&held, KnownAt::NOW)
}

/// Rule, process and place in a chain.
type Which = (&'static str, u128, usize);

const COUNTED: &[&str] = &["LAC-01", "LAC-02", "LAC-03", "LAC-04", "PM-14", "PM-17"];

fn fast(life: &Life, as_at: u64) -> BTreeMap<Which, Stands> {
    let answers = ENGINE.run(&journey(life), &Question::as_at(date(as_at)));
    let in_hospital = |number| entered(life).iter().any(|stay| stay.number == number && stay.kind == "T1");
    let is_known = |number| number < 10 + life.stays.len() as u128 && !in_hospital(number);
    let clocks = answers.clocks.iter().filter(|clock| is_known(clock.entity.0.as_u128()));
    let clocks = clocks.filter_map(|clock| {
        let rule = COUNTED.iter().find(|rule| **rule == clock.rule.id.as_str())?;
        let stands = match clock.state {
            State::Running | State::DueSoon => Stands::Running,
            State::Overdue => Stands::Overdue,
            State::Met => Stands::Met,
            State::Late => Stands::Late,
            State::NotApplicable => Stands::NotApplicable,
            State::TooEarly | State::CannotTell(_) | State::HistoryIncomplete => Stands::Unclear,
        };
        Some(((*rule, clock.entity.0.as_u128(), clock.occurrence), stands))
    });
    clocks.collect()
}

/// How something stands that is to be done from a day on, and can be done to the end of its process.
fn stands(done: Option<u64>, ended: Option<u64>, due: NaiveDate, as_at: u64) -> Stands {
    match (done, ended.filter(|ended| *ended <= as_at)) {
        (Some(done), _) if date(done) <= due => Stands::Met,
        (Some(_), _) => Stands::Late,
        (None, Some(ended)) if date(ended) <= due => Stands::NotApplicable,
        (None, Some(_)) => Stands::Late,
        (None, None) if date(as_at) <= due => Stands::Running,
        (None, None) => Stands::Overdue,
    }
}

fn slow(life: &Life, as_at: u64) -> BTreeMap<Which, Stands> {
    let mut told = BTreeMap::new();
    let mut first_days: BTreeMap<u128, u64> = BTreeMap::new();
    for (day, review) in life.reviews.iter().filter(|(day, _)| *day <= as_at) {
        first_days.entry(*review).and_modify(|first| *first = (*first).min(*day)).or_insert(*day);
    }
    // Nobody holds two on one day: two numbers that are told on that day alone are of one review.
    let is_of_one_day =
        |review: u128, on: u64| life.reviews.iter().all(|(day, told)| *told != review || *day == on);
    let (mut once, mut reviews) = (BTreeSet::new(), Vec::new());
    for (review, on) in first_days {
        if !is_of_one_day(review, on) || once.insert(on) {
            reviews.push(on);
        }
    }
    reviews.sort_unstable();
    let mut visits: Vec<u64> = life.visits.iter().copied().filter(|day| *day <= as_at).collect();
    visits.sort_unstable();
    let stays = lived(life, as_at);
    // What is not asked of short breaks, and cannot be told where it began before they became care.
    let change = life.short_breaks.map(|change| change.filter(|change| *change <= as_at));
    let asked = |in_care: bool, stands: Stands| match change {
        None => stands,
        Some(None) => Stands::NotApplicable,
        Some(Some(_)) if in_care => stands,
        Some(Some(_)) => Stands::Unclear,
    };
    let is_breach = |stands: Stands| matches!(stands, Stands::Late | Stands::Overdue);
    // Counted from its beginning or from the change: told where both say the same.
    let from_either = |in_care: bool, [own, since_change]: [Stands; 2]| match change {
        Some(Some(_)) if !in_care && own == since_change => own,
        // Late from the one and not done since the other: a breach, which may be open.
        Some(Some(_)) if !in_care && is_breach(own) && is_breach(since_change) => Stands::Overdue,
        _ => asked(in_care, own),
    };
    let from_change = |day: u64| change.flatten().unwrap_or(day).max(day);
    let since = |day: u64| change.flatten().is_some_and(|change| change <= day);
    let first = [0, from_change(0)].map(|from| {
        let held = reviews.iter().copied().find(|day| *day >= from);
        stands(held, None, working_days_after(date(from), 20), as_at)
    });
    let first = from_either(false, first);
    told.insert(("LAC-01", 1, 0), first);
    // Counted from the change, the next review is overdue, and the clock of the first one does not say so.
    let is_overdue_since = |reviews: &[u64]| {
        let Some(change) = change.flatten().filter(|_| first != Stands::Overdue) else { return false };
        let in_care: Vec<u64> = reviews.iter().copied().filter(|day| *day >= change).collect();
        let due = match in_care.as_slice() {
            [] => working_days_after(date(change), 20),
            [only] => date(*only) + Months::new(3),
            [.., last] => date(*last) + Months::new(6),
        };
        date(as_at) > due
    };
    if !stays.iter().any(|stay| stay.kind == "A6") {
        for (at, start) in reviews.iter().enumerate() {
            let next = reviews.get(at + 1).copied();
            let (rule, months, wanted) = if at == 0 { ("LAC-02", 3, 1) } else { ("LAC-03", 6, 2) };
            let in_care = reviews[..=at].iter().filter(|day| since(**day)).count() >= wanted && since(*start);
            let link = stands(next, None, date(*start) + Months::new(months), as_at);
            // Nothing since: by this rule, or by the one before it where they are counted from the change.
            let said = asked(in_care, link);
            let either_way = said == Stands::Unclear && link == Stands::Overdue && is_overdue_since(&reviews);
            told.insert((rule, 1, at + 1), if either_way { Stands::Overdue } else { said });
        }
    }
    for stay in &stays {
        let during = |from: u64, days: &[u64]| {
            let ended = stay.until.filter(|until| *until <= as_at);
            days.iter().copied().find(|day| *day >= from && ended.is_none_or(|ended| *day <= ended))
        };
        let within_from = |from: u64, days: u64, done: &[u64]| {
            stands(during(from, done), stay.until, date(from) + Days::new(days), as_at)
        };
        let within = |days: u64, done: &[u64]| within_from(stay.from, days, done);
        if stay.kind == "A6" {
            told.insert(("PM-14", stay.number, 0), within(28, &reviews));
            told.insert(("PM-17", stay.number, 0), within(7, &visits));
        }
        let over = change.flatten().is_some_and(|change| stay.until.is_some_and(|until| until <= change));
        let visit = match stay.kind {
            // What a change of type alone tells has no number.
            "T1" => continue,
            "U6" if !over || since(stay.from) => {
                let visited = |from| within_from(from, 7, &visits);
                from_either(since(stay.from), [visited(stay.from), visited(from_change(stay.from))])
            }
            _ => Stands::NotApplicable,
        };
        told.insert(("LAC-04", stay.number, 0), visit);
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn reviews_and_visits_are_those_of_the_life_that_the_child_lived(life in life(), as_at in 0_u64..500) {
        let mut fast = fast(&life, as_at);
        // How they go on beside and after a placement for adoption is held by `clocks/placed_for_adoption.rs`.
        let adoptive = lived(&life, as_at).iter().any(|stay| stay.kind == "A6");
        fast.retain(|(rule, ..), _| !adoptive || !matches!(*rule, "LAC-02" | "LAC-03"));
        prop_assert_eq!(fast, slow(&life, as_at), "as at {}", date(as_at));
    }
}
