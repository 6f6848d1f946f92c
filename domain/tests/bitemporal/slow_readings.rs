//! What every reading of a small story says: each day of each span and each order of what fell on one day, tried one by one.
//!
//! It knows no bounds. A story is one process with its beginning, acts that may answer it, and perhaps its end; the rules
//! are written out by hand below.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};

use crate::slow_clocks::{Stands, working_days_after};

/// The days on which something may have happened, both included; `None` where nothing at all is known of it.
pub(crate) type When = Option<(i64, i64)>;

/// Days that are tried for an act of which nothing is known.
pub(crate) const EVERY_DAY: (i64, i64) = (-20, 90);

/// How a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    WorkingDays(u32),
    Months(u32),
}

/// A rule about one process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) limit: Limit,
    /// The act names the process. Otherwise it is any of the child's. Either counts from the start to the end of the process.
    pub(crate) names_process: bool,
    /// What was done before the start was done in time.
    pub(crate) early_is_met: bool,
}

/// A small story, in days since its first.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) start: (i64, i64),
    pub(crate) acts: Vec<When>,
    pub(crate) end: Option<(i64, i64)>,
}

/// One reading of a story.
#[derive(Clone, Debug)]
struct Reading {
    start: i64,
    acts: Vec<i64>,
    end: Option<i64>,
}

pub(crate) fn date(day: i64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2022, 5, 2).unwrap();
    if day < 0 { first - Days::new(day.unsigned_abs()) } else { first + Days::new(day.unsigned_abs()) }
}

fn due(limit: Limit, start: i64) -> NaiveDate {
    match limit {
        Limit::WorkingDays(number) => working_days_after(date(start), number),
        Limit::Months(number) => date(start) + Months::new(number),
    }
}

fn readings(story: &Story) -> Vec<Reading> {
    let days = |(from, to): (i64, i64)| (from..=to).collect::<Vec<i64>>();
    let mut all = Vec::new();
    for start in days(story.start) {
        let ends = story.end.map_or(vec![None], |end| days(end).into_iter().map(Some).collect());
        all.extend(ends.into_iter().map(|end| Reading { start, acts: Vec::new(), end }));
    }
    for act in &story.acts {
        let with = |reading: &Reading| {
            let longer = |day: i64| {
                let acts = reading.acts.iter().copied().chain([day]).collect();
                Reading { acts, ..reading.clone() }
            };
            days(act.unwrap_or(EVERY_DAY)).into_iter().map(longer).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// What one reading says, and the days that the history must hold for it.
pub(crate) type Said = (Stands, (NaiveDate, NaiveDate));

fn answered(first: Option<i64>, ended: Option<i64>, (start, limit): (i64, Limit), as_at: i64) -> Said {
    let due = due(limit, start);
    let by_then = |day: &i64| *day <= as_at;
    let (stands, last) = match (first.filter(by_then), ended.filter(by_then)) {
        (Some(stop), _) => (if date(stop) <= due { Stands::Met } else { Stands::Late }, date(stop)),
        (None, Some(end)) => {
            (if date(end) <= due { Stands::NotApplicable } else { Stands::Missed }, date(end))
        }
        (None, None) => (if date(as_at) <= due { Stands::Running } else { Stands::Overdue }, date(as_at)),
    };
    (stands, (date(start), last.min(due)))
}

/// The story where its acts name the process: none was done before that began, unless it surely was.
fn named(story: &Story) -> Story {
    let from = story.start.0;
    let cut = |(first, last): (i64, i64)| if last < from { (first, last) } else { (first.max(from), last) };
    let acts = story.acts.iter().map(|act| Some(cut(act.unwrap_or(EVERY_DAY)))).collect();
    Story { acts, ..story.clone() }
}

/// What the readings say of a rule that starts with the process. Those in which the record contradicts itself are no
/// readings, unless all do.
pub(crate) fn of_process(rule: Rule, story: &Story, as_at: i64) -> Vec<Said> {
    let story = &if rule.names_process { named(story) } else { story.clone() };
    let mut said = Vec::new();
    for reading in readings(story).into_iter().filter(|reading| reading.start <= as_at) {
        let Reading { start, acts, end } = reading;
        if end.is_some_and(|end| end < start) {
            continue;
        }
        let counts = |act: &i64| match (rule.names_process, rule.early_is_met) {
            (_, true) => end.is_none_or(|end| *act <= end),
            (_, false) => *act >= start && end.is_none_or(|end| *act <= end),
        };
        let first = acts.iter().copied().filter(counts).min();
        // An act that names the process does not lie before its start, unless it surely does.
        let may_be_in_it = |act: When| act.is_some_and(|(_, last)| last >= story.start.0);
        let mut acts_of_it = story.acts.iter().zip(&acts).filter(|(act, _)| may_be_in_it(**act));
        if rule.names_process && acts_of_it.any(|(_, act)| *act < start) {
            continue;
        }
        // What certainly came after the end is no act of the process. Acts of it cannot all lie before its start.
        let is_after = |act: When| act.zip(story.end).is_some_and(|((from, _), (_, end))| from > end);
        let mut own = story.acts.iter().zip(&acts).filter(|(act, _)| !is_after(**act)).peekable();
        if rule.names_process && own.peek().is_some() && own.all(|(_, act)| *act < start) {
            continue;
        }
        said.push(match first {
            Some(act) if rule.early_is_met && act < start => {
                (Stands::Met, (date(act.max(story.start.0)), date(act.max(story.start.0))))
            }
            first => answered(first, end, (start, rule.limit), as_at),
        });
    }
    said
}

/// What all readings say, `Unclear` where two differ. A last day that passed is a breach, whether or not the process has ended
/// or the act was done since: it is overdue while it may be open.
pub(crate) fn agreed(said: impl Iterator<Item = Stands>) -> Option<Stands> {
    let said: BTreeSet<Stands> = said.collect();
    let all: Vec<Stands> = said.into_iter().collect();
    Some(match all.as_slice() {
        [] => return None,
        [Stands::Missed] | [Stands::Late, Stands::Missed] => Stands::Late,
        [Stands::Overdue, rest @ ..] if rest.iter().all(|it| matches!(it, Stands::Late | Stands::Missed)) => {
            Stands::Overdue
        }
        [only] => *only,
        [_, _, ..] => Stands::Unclear,
    })
}

/// Every order of the acts that their days allow; two with certain days keep their own.
fn orders(days: &[i64], certain: &[bool]) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for act in 0..days.len() {
        let with = |order: &Vec<usize>| {
            let places = 0..=order.len();
            places.map(|place| [&order[..place], &[act], &order[place..]].concat()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(with).collect();
    }
    let is_possible = |order: &Vec<usize>| {
        let pairs = order
            .iter()
            .enumerate()
            .flat_map(|(at, one)| order[at + 1..].iter().map(move |other| (*one, *other)));
        pairs.into_iter().all(|(one, other)| {
            let keeps = !(certain[one] && certain[other]) || one < other;
            days[one] < days[other] || (days[one] == days[other] && keeps)
        })
    };
    orders.retain(is_possible);
    orders
}

/// Which link of a chain is meant: the one that starts with the act of this place among some of the acts.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) among: Vec<usize>,
    pub(crate) rank: usize,
}

/// The links of a chain that begins with the occurrence of a number, each with the act under which it is shown. Acts that
/// may be the last one, or that may come before the beginning, are told by their place among each other.
pub(crate) fn links(story: &Story, begins: usize) -> Vec<(usize, Link)> {
    let is_after = |act: &When| act.zip(story.end).is_some_and(|((from, _), (_, end))| from > end);
    let span = |act: usize| story.acts[act].unwrap_or(EVERY_DAY);
    let mut acts: Vec<usize> = (0..story.acts.len()).filter(|act| !is_after(&story.acts[*act])).collect();
    // In practice order one of an uncertain day stands after those of its last day.
    acts.sort_by_key(|act| (span(*act).1, span(*act).0 != span(*act).1, span(*act).0));
    let is_last = |act: &usize| acts.iter().all(|other| span(*other).0 <= span(*act).1);
    let surely_before = |act: usize| acts.iter().filter(|other| span(**other).1 < span(act).0).count();
    let last: Vec<usize> = acts.iter().copied().filter(is_last).collect();
    let early: Vec<usize> = acts.iter().copied().filter(|act| surely_before(*act) + 1 < begins).collect();
    let groups = if early.iter().any(|act| last.contains(act)) {
        let both = acts.iter().copied().filter(|act| early.contains(act) || last.contains(act));
        vec![both.collect::<Vec<usize>>()]
    } else {
        vec![early.clone(), last]
    };
    let link = |act: usize| {
        let alone = vec![act];
        let among = groups.iter().find(|group| group.contains(&act)).unwrap_or(&alone).clone();
        let rank = among.iter().position(|other| *other == act).unwrap();
        let begins_it = among.iter().any(|act| early.contains(act));
        (!begins_it || rank + 1 >= begins).then_some((act, Link { among, rank }))
    };
    acts.iter().filter_map(|act| link(*act)).collect()
}

/// What the readings say of a link of a chain.
pub(crate) fn of_link(rule: Rule, story: &Story, link: &Link, as_at: i64) -> Vec<Said> {
    let certain: Vec<bool> = story.acts.iter().map(|act| act.is_some_and(|(a, b)| a == b)).collect();
    let mut said = Vec::new();
    for reading in readings(story) {
        for order in orders(&reading.acts, &certain) {
            let places = order.iter().enumerate().filter(|(_, act)| link.among.contains(act));
            let place = places.map(|(place, _)| place).nth(link.rank).unwrap();
            let start = reading.acts[order[place]];
            let in_time = |act: &i64| reading.end.is_none_or(|end| *act <= end);
            // What came after the end of the process is no act of it, and starts nothing.
            if start > as_at || !in_time(&start) {
                continue;
            }
            let next = order.get(place + 1).map(|act| reading.acts[*act]).filter(in_time);
            said.push(answered(next, reading.end, (start, rule.limit), as_at));
        }
    }
    said
}

/// What the readings say of the link from the first act to the second, whichever they are.
pub(crate) fn of_first_link(rule: Rule, story: &Story, as_at: i64) -> Vec<Said> {
    let mut said = Vec::new();
    for mut reading in readings(story) {
        reading.acts.sort_unstable();
        reading.acts.retain(|act| reading.end.is_none_or(|end| *act <= end));
        let [start, rest @ ..] = &reading.acts[..] else { continue };
        if *start <= as_at {
            said.push(answered(rest.first().copied(), reading.end, (*start, rule.limit), as_at));
        }
    }
    said
}
