//! Which held process each record of the file is: matched by kind, parent, key date and ordinal.
//!
//! One held record that no row names, beside one row that names no held record, under the same
//! parent, is taken for a corrected key date and marked inferred. More than that is a question.

use std::collections::BTreeSet;

use domain::events::{Entities, EntityRole, Kind};
use domain::ids::{EntityId, EventId};

use super::claims::{Mode, Record};
use super::decisions::{Answer, Question};
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::{absence, decisions};

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    /// It is held: by this opening event.
    Held {
        /// The opening event.
        opening: EventId,
        /// The process, where the record founds one.
        process: Option<EntityId>,
    },
    /// It is not held.
    New {
        /// The new process, where the record founds one.
        process: Option<EntityId>,
    },
    /// The same row stands earlier in the file.
    Duplicate {
        /// Index of the earlier record.
        of: usize,
    },
    /// A newer one is held, and the file is the newest: odd, not new.
    Earlier {
        /// The held one.
        newest: EventId,
    },
    /// Only one such process may begin on a day, and another did: what follows belongs to that one.
    Exclusive {
        /// The opening of the other; `None` where it stands in the same file.
        held: Option<EventId>,
        /// The other.
        process: Option<EntityId>,
    },
    /// It waits for an answer.
    Undecided,
}

/// A process by its role.
pub(super) type Process = (EntityRole, EntityId);

impl Planner<'_> {
    /// How many processes of the child the file names again: held, begun on the same day, and of a kind that
    /// opens a process. Several that one act opens on a day, as an enquiry with its discussion, count once.
    pub(super) fn recurring(&self, records: &[Record]) -> usize {
        let again = records.iter().filter(|record| {
            record.mode == Mode::Listed
                && record.own.is_some()
                && record.key.is_some()
                && self
                    .held
                    .of_kind(record.opening.body.kind(), None)
                    .any(|event| !event.withdrawn && event.occurred.day() == record.key)
        });
        let acts: BTreeSet<_> =
            again.map(|record| (record.key, act_of(record.opening.body.kind()))).collect();
        acts.len()
    }

    /// Resolves every record, parents before what they enclose.
    pub(super) fn resolve(&mut self, records: &[Record]) -> Vec<Resolution> {
        let mut resolved: Vec<Option<Resolution>> = vec![None; records.len()];
        let mut taken: BTreeSet<EventId> = BTreeSet::new();
        self.runs = self.runs_of(records);
        self.losers = self.losers(records);
        for index in 0..records.len() {
            if resolved.get(index).is_some_and(Option::is_none) {
                let group = group_of(records, index, &resolved);
                self.resolve_group(records, &group, &mut resolved, &mut taken);
            }
        }
        self.overturn(records, &mut resolved);
        resolved.into_iter().map(|resolution| resolution.unwrap_or(Resolution::Undecided)).collect()
    }

    fn resolve_group(
        &mut self,
        records: &[Record],
        group: &[usize],
        resolved: &mut [Option<Resolution>],
        taken: &mut BTreeSet<EventId>,
    ) {
        let Some(first) = group.first().and_then(|index| records.get(*index)) else {
            return;
        };
        let parent = match parent_process(records, first, resolved) {
            Parent::Is(process) => process,
            Parent::Undecided => {
                set_all(resolved, group, Resolution::Undecided);
                return;
            }
        };
        self.match_keys(records, group, parent, resolved, taken);
        self.begin_held(records, group, resolved);
        let mut left: Vec<usize> =
            group.iter().copied().filter(|index| resolved.get(*index).is_some_and(Option::is_none)).collect();
        // Of two at a time the one stands that a row is, and else the one that began first.
        left.sort_by_key(|index| self.run(*index).map(|run| (!run.own_row, run.from)));
        match first.mode {
            Mode::Latest => {
                let left = self.match_begun_with(records, &left, (parent, resolved), taken);
                self.resolve_latest(records, (group, left.as_slice()), parent, resolved);
            }
            Mode::Listed => self.resolve_listed(records, &left, parent, resolved, taken),
        }
    }

    /// Held openings of a kind under a parent; one that names no parent fits any.
    pub(super) fn under(&self, kind: Kind, parent: Option<Process>) -> impl Iterator<Item = &HeldEvent> {
        self.held.of_kind(kind, None).filter(move |event| {
            parent.is_none_or(|(role, id)| event.entities.get(role).is_none_or(|held| held == id))
        })
    }

    fn resolve_latest(
        &mut self,
        records: &[Record],
        (group, left): (&[usize], &[usize]),
        parent: Option<Process>,
        resolved: &mut [Option<Resolution>],
    ) {
        // A file that also names one as late as the newest held tells more of the history, and nothing odd.
        let latest_named = group.iter().filter_map(|index| records.get(*index)?.key).max();
        for &index in left {
            let Some(record) = records.get(index) else { continue };
            let standing = self.import.standing(self.list_of(record.row));
            let newest = self
                .under(record.opening.body.kind(), parent)
                // One that lies behind the day of this file has not happened by then: it is no measure.
                .filter(|event| !event.withdrawn && event.occurred.day() <= Some(self.import.as_at))
                .max_by_key(|event| event.occurred.day())
                .map(|event| (event.id, event.occurred.day()));
            let earlier = newest
                .filter(|(_, day)| standing == Standing::Newest && *day > record.key && *day > latest_named);
            let resolution = match earlier {
                Some((newest, _)) => Resolution::Earlier { newest },
                None => self.fresh(record, parent, index),
            };
            if let Some(slot) = resolved.get_mut(index) {
                *slot = Some(resolution);
            }
        }
    }

    fn resolve_listed(
        &mut self,
        records: &[Record],
        left: &[usize],
        parent: Option<Process>,
        resolved: &mut [Option<Resolution>],
        taken: &mut BTreeSet<EventId>,
    ) {
        let gone = match left.first().and_then(|index| records.get(*index)) {
            Some(record) => self.gone(record, parent, taken),
            None => return,
        };
        let later = |planner: &Self, index: usize, taken: &BTreeSet<EventId>| {
            let record = records.get(index);
            record.map_or_else(Vec::new, |it| planner.dated_later(it, parent, |id| taken.contains(&id)))
        };
        let left = &self.match_enclosed(records, left, resolved, taken)[..];
        let named_otherwise = left.iter().filter(|index| !later(self, **index, taken).is_empty()).count();
        for &index in left {
            let Some(record) = records.get(index) else { continue };
            let later = later(self, index, taken);
            let resolution = if later.is_empty() {
                self.pair(record, index, left.len(), &gone, (parent, taken))
            } else {
                self.pair(record, index, named_otherwise.max(later.len()), &later, (parent, taken))
            };
            if let Some(slot) = resolved.get_mut(index) {
                *slot = Some(resolution);
            }
        }
    }

    /// Held records of the same list and parent that the file should name and does not.
    pub(super) fn gone(
        &self,
        record: &Record,
        parent: Option<Process>,
        taken: &BTreeSet<EventId>,
    ) -> Vec<EventId> {
        let Some(list) = self.rows.rows.get(record.row).map(|row| row.list) else {
            return Vec::new();
        };
        self.under(record.opening.body.kind(), parent)
            .filter(|event| !taken.contains(&event.id) && !event.withdrawn)
            .filter(|event| absence::is_expected(self, event, list))
            .map(|event| event.id)
            .collect()
    }

    fn pair(
        &mut self,
        record: &Record,
        index: usize,
        left: usize,
        gone: &[EventId],
        (parent, taken): (Option<Process>, &mut BTreeSet<EventId>),
    ) -> Resolution {
        let open: Vec<EventId> =
            gone.iter().copied().filter(|id| !taken.contains(id) && self.may_be(record, *id)).collect();
        let questions: Vec<(EventId, Question)> =
            open.iter().filter_map(|id| Some((*id, self.question(record, *id)?))).collect();
        let answers: Vec<(EventId, Option<Answer>)> = questions
            .iter()
            .map(|(id, question)| (*id, self.import.decisions.answer(&question.id)))
            .collect();
        let said_same = answers.iter().find(|(_, answer)| *answer == Some(Answer::Same)).map(|(id, _)| *id);
        let unanswered = answers.iter().filter(|(_, answer)| answer.is_none()).count();
        if let Some(id) = said_same {
            return self.take(record, id, taken);
        }
        match (answers.as_slice(), left, unanswered) {
            (_, _, 0) => self.fresh(record, parent, index),
            ([(id, None)], 1, _) => {
                let inferred =
                    questions.into_iter().map(|(_, question)| Question { inferred: true, ..question });
                self.questions.extend(inferred);
                self.take(record, *id, taken)
            }
            _ => {
                self.questions.extend(questions.into_iter().map(|(_, question)| question));
                Resolution::Undecided
            }
        }
    }

    /// Whether a held record can be this one under another date: it began by the day of the earlier file of both.
    fn may_be(&self, record: &Record, held: EventId) -> bool {
        let Some(event) = self.held.get(held) else { return true };
        let Asserted::ByExtract { as_at, .. } = event.asserted else { return true };
        // A file between the two that should have named it, and of whose day it stands, did.
        let list = self.rows.rows.get(record.row).map(|row| row.list.code.as_str());
        let between = list.and_then(|list| self.import.previous_of((list, None), &self.spoken, None));
        let as_at = as_at.max(between.unwrap_or(as_at));
        let began = if as_at > self.import.as_at { event.occurred.day() } else { record.key };
        began.is_none_or(|began| began <= as_at.min(self.import.as_at))
    }

    pub(super) fn take(&self, record: &Record, id: EventId, taken: &mut BTreeSet<EventId>) -> Resolution {
        taken.insert(id);
        let process = self.held.get(id).and_then(|event| process_of(event, record.own));
        Resolution::Held { opening: id, process }
    }

    fn question(&self, record: &Record, held: EventId) -> Option<Question> {
        let event = self.held.get(held)?;
        Some(Question {
            id: decisions::name(held, record.opening.body.kind(), record.key),
            place: record.opening.place.clone(),
            kind: record.opening.body.kind(),
            held,
            held_on: event.occurred.day(),
            stated_on: record.key,
            inferred: false,
        })
    }

    /// A record that is not held: a new process, by child, kind, parent, key date and ordinal.
    fn fresh(&mut self, record: &Record, parent: Option<Process>, index: usize) -> Resolution {
        let kind = record.opening.body.kind();
        if record.one_a_day {
            let held = self.may_be_held_as(record, (None, false)).find(|event| !event.withdrawn);
            if let Some(event) = held {
                return Resolution::Exclusive {
                    held: Some(event.id),
                    process: process_of(event, record.own),
                };
            }
            if let Some(process) = self.begun.get(&(kind, record.apart())) {
                return Resolution::Exclusive { held: None, process: *process };
            }
        }
        if let Some(beside) = self.running_beside((kind, record.row), index) {
            return beside;
        }
        let process = record.own.map(|_| self.new_process(record, parent, index));
        self.begin(kind, index, None, process);
        if record.one_a_day {
            self.begun.insert((kind, record.apart()), process);
        }
        Resolution::New { process }
    }

    fn new_process(&mut self, record: &Record, parent: Option<Process>, index: usize) -> EntityId {
        let stream = self.stream.to_string();
        let parent = parent.map_or_else(String::new, |(_, id)| id.to_string());
        let key = record.key.map_or_else(|| format!("unknown-{index}"), |day| day.to_string());
        let kind = record.opening.body.kind().name();
        let mut ordinal: u32 = 1;
        loop {
            let id = self.import.ids.entity(&[&stream, kind, &parent, &key, &ordinal.to_string()]);
            if self.held.reserve(id) {
                return id;
            }
            ordinal = ordinal.saturating_add(1);
        }
    }

    /// The processes that a record's events belong to; `None` while it waits for an answer.
    pub(super) fn entities_of(
        &self,
        record: &Record,
        resolution: Resolution,
        all: &[Record],
        resolved: &[Resolution],
    ) -> Option<Entities> {
        let mut entities = Entities::none();
        if let (Some(role), Some(id)) = (record.own, process(resolution, resolved)) {
            entities.insert(role, id);
        }
        if resolution == Resolution::Undecided {
            return None;
        }
        for &link in &record.links {
            let role = all.get(link).and_then(|linked| linked.own)?;
            if let Some(id) = resolved.get(link).and_then(|resolution| process(*resolution, resolved)) {
                entities.insert(role, id);
            }
        }
        Some(entities)
    }
}

/// The kind that stands for all that one act opens.
fn act_of(kind: Kind) -> Kind {
    if kind == Kind::StrategyDiscussionHeld { Kind::Section47EnquiryStarted } else { kind }
}

enum Parent {
    Is(Option<Process>),
    Undecided,
}

fn parent_process(records: &[Record], record: &Record, resolved: &[Option<Resolution>]) -> Parent {
    let Some(&link) = record.links.first() else {
        return Parent::Is(None);
    };
    let role = records.get(link).and_then(|linked| linked.own);
    let mut resolution = resolved.get(link).copied().flatten();
    if let Some(Resolution::Duplicate { of }) = resolution {
        resolution = resolved.get(of).copied().flatten();
    }
    match resolution {
        Some(Resolution::Undecided) | None => Parent::Undecided,
        Some(
            Resolution::Held { process, .. }
            | Resolution::New { process }
            | Resolution::Exclusive { process, .. },
        ) => Parent::Is(role.zip(process)),
        Some(Resolution::Duplicate { .. } | Resolution::Earlier { .. }) => Parent::Is(None),
    }
}

/// The process of a record, through the earlier row that a doubled one repeats.
pub(super) fn process(resolution: Resolution, resolved: &[Resolution]) -> Option<EntityId> {
    match resolution {
        Resolution::Held { process, .. }
        | Resolution::New { process }
        | Resolution::Exclusive { process, .. } => process,
        Resolution::Duplicate { of } => match resolved.get(of) {
            Some(
                Resolution::Held { process, .. }
                | Resolution::New { process }
                | Resolution::Exclusive { process, .. },
            ) => *process,
            Some(Resolution::Duplicate { .. } | Resolution::Earlier { .. } | Resolution::Undecided)
            | None => None,
        },
        Resolution::Earlier { .. } | Resolution::Undecided => None,
    }
}

/// Records of the same kind under the same parent as the one at `index`, from there on.
fn group_of(records: &[Record], index: usize, resolved: &[Option<Resolution>]) -> Vec<usize> {
    let Some(first) = records.get(index) else {
        return Vec::new();
    };
    let parent = |record: &Record| {
        let link = record.links.first().copied()?;
        let mut at = link;
        if let Some(Resolution::Duplicate { of }) = resolved.get(link).copied().flatten() {
            at = of;
        }
        // Two rows that name one process are one parent, whichever of them was disputed.
        match resolved.get(at).copied().flatten() {
            Some(
                Resolution::Held { process: Some(id), .. }
                | Resolution::New { process: Some(id) }
                | Resolution::Exclusive { process: Some(id), .. },
            ) => Some((0, Some(id))),
            Some(_) | None => Some((at, None)),
        }
    };
    let same = |record: &Record| {
        record.opening.body.kind() == first.opening.body.kind() && parent(record) == parent(first)
    };
    records.iter().enumerate().skip(index).filter(|(_, record)| same(record)).map(|(at, _)| at).collect()
}

pub(super) fn process_of(event: &HeldEvent, own: Option<EntityRole>) -> Option<EntityId> {
    own.and_then(|role| event.entities.get(role))
}

pub(super) fn set_all(resolved: &mut [Option<Resolution>], group: &[usize], resolution: Resolution) {
    for &index in group {
        if let Some(slot) = resolved.get_mut(index) {
            *slot = Some(resolution);
        }
    }
}
