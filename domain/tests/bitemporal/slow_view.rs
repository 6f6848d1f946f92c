//! What was known, found by going through all that was ever said, for each fact from the beginning.

use chrono::NaiveDate;
use domain::events::{EntityRole, Kind, Stage};
use domain::journey::Basis;

use crate::world::{Entry, Fact, Moment, Say, WHAT};

/// A fact as it was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The entry that first said it.
    pub(crate) entry: usize,
    /// As last corrected.
    pub(crate) fact: Fact,
    /// The entries that amended it, in the order in which they became known.
    pub(crate) amended_by: Vec<usize>,
    pub(crate) withdrawn: bool,
}

/// From when an entry is known on a basis.
pub(crate) fn known_since(entry: &Entry, basis: Basis) -> Moment {
    let by_extract = entry.extract.map(|day| 2 * day + 1);
    match basis {
        Basis::Ledger => entry.recorded,
        Basis::Source => entry.source.or(by_extract).unwrap_or(entry.recorded),
        Basis::Extract => by_extract.unwrap_or(entry.recorded),
    }
}

/// Everything known by a moment, in the order of the entries that first said it.
pub(crate) fn known(entries: &[Entry], basis: Basis, until: Moment) -> Vec<Known> {
    let is_known = |entry: usize| known_since(&entries[entry], basis) <= until;
    let mut all = Vec::new();
    for (entry, said) in entries.iter().enumerate() {
        if let Say::Happened(fact) = &said.say
            && is_known(entry)
        {
            all.push(one(entries, basis, entry, *fact, &is_known));
        }
    }
    all
}

fn one(entries: &[Entry], basis: Basis, entry: usize, fact: Fact, is_known: &dyn Fn(usize) -> bool) -> Known {
    let about = |other: &usize| is_known(*other) && root(entries, *other) == Some(entry) && *other != entry;
    let mut amending: Vec<usize> = (0..entries.len()).filter(about).collect();
    amending.sort_by_key(|other| (known_since(&entries[*other], basis), *other));
    // Another kind of event cannot be what this one should have been.
    amending.retain(|other| corrected(entries, *other).is_none_or(|(_, new)| new.what == fact.what));
    let last = amending.iter().rev().find_map(|other| {
        let (_, new) = corrected(entries, *other)?;
        stands(entries, &amending, *other).then_some(new)
    });
    let withdrawn = is_taken_back(entries, &amending, entry);
    Known { entry, fact: last.unwrap_or(fact), amended_by: amending, withdrawn }
}

/// Whether an amendment does anything: neither it nor, for a correction, what it corrects is taken back.
fn stands(entries: &[Entry], known: &[usize], entry: usize) -> bool {
    let Some((corrected, _)) = corrected(entries, entry) else {
        return !is_taken_back(entries, known, entry);
    };
    let original = matches!(entries[corrected].say, Say::Happened(_));
    !is_taken_back(entries, known, entry) && (original || stands(entries, known, corrected))
}

/// Whether the last known word on an entry that is not itself taken back is that it never happened.
fn is_taken_back(entries: &[Entry], known: &[usize], entry: usize) -> bool {
    let on_it = known.iter().rev().filter(|other| {
        target(entries, **other) == Some(entry)
            && corrected(entries, **other).is_none()
            && stands(entries, known, **other)
    });
    on_it.take(1).any(|other| matches!(entries[*other].say, Say::Withdrawn(_)))
}

/// What an entry corrects, and what it says should have stood there.
fn corrected(entries: &[Entry], entry: usize) -> Option<(usize, Fact)> {
    if let Say::Corrected(target, new) = entries[entry].say { Some((target, new)) } else { None }
}

fn target(entries: &[Entry], entry: usize) -> Option<usize> {
    match entries[entry].say {
        Say::Corrected(target, _) | Say::Withdrawn(target) | Say::Reinstated(target) => Some(target),
        Say::Happened(_) | Say::Disputed(_) | Say::Whole => None,
    }
}

/// What an entry is about in the end: an amendment is about what it amends is about. What would correct a withdrawal is about
/// nothing.
fn root(entries: &[Entry], entry: usize) -> Option<usize> {
    let Some(earlier) = target(entries, entry) else { return Some(entry) };
    let corrects = matches!(entries[entry].say, Say::Corrected(..));
    if corrects && matches!(entries[earlier].say, Say::Withdrawn(_) | Say::Reinstated(_)) {
        return None;
    }
    root(entries, earlier)
}

/// The facts that are known, each of the process that it can be of: what names one that was withdrawn is of the other of its
/// role, where that can hold it. There are never more than two of a role here.
pub(crate) fn facts(view: &[Known], as_at: NaiveDate) -> Vec<Fact> {
    let held: Vec<Fact> = view.iter().filter(|known| !known.withdrawn).map(|known| known.fact).collect();
    let held: Vec<Fact> = once(&held);
    let withdrawn: Vec<Fact> = view.iter().filter(|known| known.withdrawn).map(|known| known.fact).collect();
    held.iter().map(|fact| Fact { number: number(fact, &held, &withdrawn, as_at), ..*fact }).collect()
}

/// Without what was entered twice: a meeting of one day and process that another entry tells, too.
fn once(held: &[Fact]) -> Vec<Fact> {
    let meetings = [
        Kind::InitialConferenceHeld,
        Kind::ReviewConferenceHeld,
        Kind::LookedAfterReviewHeld,
        Kind::CoreGroupHeld,
    ];
    let mut all: Vec<Fact> = Vec::new();
    for fact in held {
        let day = |it: &Fact| it.event().occurred.day();
        let times = |it: &Fact| it.event().occurred.instant().zip(fact.event().occurred.instant());
        let is_it = |it: &&mut Fact| {
            it.what == fact.what
                && it.number == fact.number
                && day(it).is_some()
                && day(it) == day(fact)
                && times(it).is_none_or(|(one, other)| one == other)
        };
        if !(meetings.contains(&WHAT[fact.what].0) && all.iter_mut().any(|it| is_it(&it))) {
            all.push(*fact);
        }
    }
    all
}

fn number(fact: &Fact, held: &[Fact], withdrawn: &[Fact], as_at: NaiveDate) -> u128 {
    let role = WHAT[fact.what].2;
    let began = |facts: &[Fact], number: u128| -> Option<Fact> {
        let opened = facts.iter().copied().filter(|it| is(it, Stage::Opens, role, number));
        opened.min_by_key(|it| days(it).0)
    };
    let happened = |it: &&Fact| days(it).0 <= as_at;
    let held: Vec<Fact> = held.iter().filter(happened).copied().collect();
    let (own, other) = (fact.number, 3 - fact.number);
    let Some(gone) = began(withdrawn, own).filter(|_| began(&held, own).is_none()) else { return own };
    let begins: Vec<&Fact> = held.iter().filter(|it| is(it, Stage::Opens, role, other)).collect();
    let by_then = |opened: &&Fact| !surely_before(fact, opened) || surely_before(fact, &gone);
    let ends = is(fact, Stage::Ends, role, own);
    let mut own_ends = held.iter().filter(|it| is(it, Stage::Ends, role, other));
    let is_over = own_ends.any(|end| ends || surely_before(end, fact));
    if begins.iter().any(by_then) && !is_over { other } else { own }
}

fn is(fact: &Fact, stage: Stage, role: EntityRole, number: u128) -> bool {
    let (kind, ..) = WHAT[fact.what];
    fact.number == number && kind.stage() == stage && kind.own_role() == Some(role)
}

fn days(fact: &Fact) -> (NaiveDate, NaiveDate) {
    let occurred = fact.event().occurred;
    (occurred.earliest_day().expect("a first day"), occurred.latest_day().expect("a last day"))
}

fn surely_before(one: &Fact, other: &Fact) -> bool {
    days(one).1 < days(other).0
}
