//! Which events of two streams are copies of one act.
//!
//! Copies agree in kind and in their own process. A kind that can happen more than once in a process (an agency attended, an
//! interim order) needs more: the same day and words, or that no other event of the process could be meant. Where neither
//! names an own process, one request that recorded the same day and words in two streams recorded one act. One command of
//! an import holds rows that have nothing to do with each other, so it says nothing; what came by one is one act where a
//! group and its member of that day, or two members of one group, were told the same day and words. What names different
//! processes is never one act.
//!
//! Day and words are compared as they were recorded: a correction of one copy does not part it from the others.
//!
//! Invariant: each event is in one pair at most.

use std::collections::BTreeMap;

use crate::events::{Body, Kind, Stage};
use crate::ids::CommandId;
use crate::journey::{Change, KnownEvent};
use crate::time::Occurred;

/// Places of copies: in `own`, in `others`. `of_one_group` says of an event of `others` whether its stream and the other one
/// belong to one group on a day.
pub(super) fn pairs(
    own: &[KnownEvent],
    others: &[&KnownEvent],
    of_one_group: impl Fn(&Occurred) -> bool,
) -> Vec<(usize, usize)> {
    let mut by_kind: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (at, other) in others.iter().enumerate() {
        by_kind.entry(other.kind()).or_default().push(at);
    }
    let mut own_of: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (at, event) in own.iter().enumerate().filter(|(_, event)| by_kind.contains_key(&event.kind())) {
        own_of.entry(event.kind()).or_default().push(at);
    }
    let mut pairs = Vec::new();
    for (kind, mut mine) in own_of {
        let Some(mut theirs) = by_kind.remove(&kind) else { continue };
        for pass in PASSES {
            pair(own, others, (&mut mine, &mut theirs), *pass, &mut pairs);
        }
        theirs.retain(|at| others.get(*at).is_some_and(|other| of_one_group(&first_told(other).0)));
        pair(own, others, (&mut mine, &mut theirs), is_told_of_both, &mut pairs);
    }
    pairs
}

type Agrees = fn(&KnownEvent, &KnownEvent) -> bool;

/// From the surest sign to the weakest.
const PASSES: &[Agrees] = &[is_one_process, is_one_request, says_the_same_of_process, is_alone_in_process];

fn pair(
    own: &[KnownEvent],
    others: &[&KnownEvent],
    (mine, theirs): (&mut Vec<usize>, &mut Vec<usize>),
    agrees: Agrees,
    pairs: &mut Vec<(usize, usize)>,
) {
    let only_alone = std::ptr::fn_addr_eq(agrees, is_alone_in_process as Agrees);
    let all_mine = mine.clone();
    mine.retain(|at| {
        let Some(event) = own.get(*at) else { return false };
        let fits = |other: &usize| others.get(*other).is_some_and(|other| agrees(event, other));
        let mut fitting = theirs.iter().enumerate().filter(|(_, other)| fits(other));
        let Some((place, other)) = fitting.next().map(|(place, other)| (place, *other)) else { return true };
        if only_alone && (fitting.next().is_some() || rivals(own, &all_mine, event) > 1) {
            return true;
        }
        theirs.remove(place);
        pairs.push((*at, other));
        false
    });
}

/// How many of the places hold an event of the same process.
fn rivals(own: &[KnownEvent], places: &[usize], event: &KnownEvent) -> usize {
    let of_process = |at: &&usize| own.get(**at).is_some_and(|held| held.own_entity() == event.own_entity());
    places.iter().filter(of_process).count()
}

/// Whether two events of different streams are known to be copies of one act, whatever else the streams hold.
pub(super) fn is_copy(a: &KnownEvent, b: &KnownEvent) -> bool {
    let one_process = a.own_entity().is_some() && a.own_entity() == b.own_entity();
    a.kind() == b.kind() && a.stream != b.stream && (one_process || is_one_request(a, b))
}

/// One process begins once and ends once.
fn is_one_process(a: &KnownEvent, b: &KnownEvent) -> bool {
    matches!(a.kind().stage(), Stage::Opens | Stage::Ends) && is_alone_in_process(a, b)
}

fn is_one_request(a: &KnownEvent, b: &KnownEvent) -> bool {
    request(a).is_some_and(|held| request(b) == Some(held)) && agrees_without_process(a, b)
}

/// Whether an import told two streams of one group the same, on a day that is known. Two requests are two acts.
fn is_told_of_both(a: &KnownEvent, b: &KnownEvent) -> bool {
    let by_import = request(a).is_none() || request(b).is_none();
    by_import && first_told(a).0.day().is_some() && agrees_without_process(a, b)
}

/// Whether events of different streams that name no process of their own say the same, and nothing that differs.
fn agrees_without_process(a: &KnownEvent, b: &KnownEvent) -> bool {
    let without_process = a.own_entity().is_none() && b.own_entity().is_none();
    without_process && a.stream != b.stream && says_the_same(a, b) && !names_another(a, b)
}

/// The request that recorded one act; `None` where a command of an import did.
pub(super) fn request(event: &KnownEvent) -> Option<CommandId> {
    let command = event.command_id;
    let of_import = event.context.import.is_some() || command.is_chunk();
    (!of_import && !command.0.is_nil()).then_some(command)
}

/// Whether both name a process of one role, and not the same.
fn names_another(a: &KnownEvent, b: &KnownEvent) -> bool {
    let other = |(role, id)| b.entities.get(role).is_some_and(|held| held != id);
    a.entities.iter().any(other)
}

fn says_the_same_of_process(a: &KnownEvent, b: &KnownEvent) -> bool {
    is_alone_in_process(a, b) && says_the_same(a, b)
}

fn says_the_same(a: &KnownEvent, b: &KnownEvent) -> bool {
    first_told(a) == first_told(b)
}

/// Day and words before any correction.
fn first_told(event: &KnownEvent) -> (Occurred, &Body) {
    let before = event.amendments.iter().find_map(|amendment| match &amendment.change {
        Change::Corrected { before } => Some((before.occurred, &before.body)),
        Change::Withdrawn | Change::Reinstated => None,
    });
    before.unwrap_or((event.occurred, &event.body))
}

fn is_alone_in_process(a: &KnownEvent, b: &KnownEvent) -> bool {
    a.own_entity().is_some() && a.own_entity() == b.own_entity()
}
