//! The events of one row, by the rules of its list.

use domain::events::EntityRole;
use domain::time::Occurred;

use super::undated::{could_not_say, is_date, is_left_out, is_placeholder};
use super::values::{Facts, Row, Stated, refused};
use super::{Claim, Emptied, Follow, Gathering, Mode, Record, Refused};
use crate::extract::{Reading, Refusal, SourceRow, SourceValue, SubjectRows};
use crate::layout::{Act, Blank, EventRule, List, Owner, Role};

impl Gathering {
    /// Gathers what one row gives.
    pub(super) fn row(&mut self, row: Row<'_>, rows: &SubjectRows) {
        let list = row.source.list;
        // A row that is refused gives nothing, also not the records that it only names.
        list.events
            .iter()
            .filter(|rule| list.is_own_key(rule))
            .for_each(|rule| self.refuse_without_key(row, rule));
        for rule in &list.events {
            if self.is_refused(row.index) {
                return;
            }
            match list.column(&rule.on).map(|column| column.role) {
                Some(Role::Key) if list.is_own_key(rule) => self.own(row, rule, rows),
                Some(Role::Key) => self.listed(row, rule, rows),
                Some(Role::Latest) => self.latest(row, rule, rows),
                Some(Role::State) => self.state(row, rule, rows),
                Some(Role::Attribute | Role::Child | Role::Adopter | Role::Identifier | Role::Derived) => {
                    self.once(row, rule, rows);
                }
                None => {}
            }
            if !self.is_refused(row.index) {
                self.undated(row, rule, rows);
            }
            if could_not_say(row, rule) && !self.is_refused(row.index) {
                let unsaid = Follow::Unsaid { rule, row: row.index };
                self.follow(self.owner(row, rule, rows), unsaid);
            }
            if !self.is_refused(row.index) {
                self.silent(row, rule, rows);
            }
        }
    }

    /// A key that cannot be read, or is not stated, refuses the row.
    fn refuse_without_key(&mut self, row: Row<'_>, rule: &'static EventRule) {
        let Some(value) = row.source.value(&rule.on) else { return };
        if row.date(&rule.on).value().is_none() && !self.is_refused(row.index) {
            self.refuse_row(row, value, why_no_key(&value.reading));
        }
    }

    /// The record that the row is.
    fn own(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        let Stated::Value(day) = row.date(&rule.on) else { return };
        let facts = row.facts(&rule.facts, &rule.sealed);
        let claim = row.claim((rule.kind, &rule.on), (Occurred::on(day), true), facts);
        let claim = claim.map(|claim| Claim { apart_by: rule.apart_by.as_deref(), ..claim });
        self.record(row, rule, rows, Mode::Listed, claim);
    }

    /// A row that names its child and is not read: it may be any record of its list.
    pub(super) fn refuse_unread(&mut self, row: usize, source: &SourceRow, refusal: Refusal) {
        self.refuse_whole(row, source, &refusal.reason());
    }

    /// Refuses a row for what is wrong with all of it. The records that it would open count as not said.
    pub(super) fn refuse_whole(&mut self, row: usize, source: &SourceRow, reason: &str) {
        let named = source.names();
        self.claims.refused.push(Refused {
            row,
            place: source.place.clone(),
            column: named.map_or("", |value| value.column.header()).to_owned(),
            value: named.map(|value| value.raw.clone()).unwrap_or_default(),
            reason: reason.to_owned(),
            whole_row: true,
        });
        let kinds = source.list.events.iter().map(|rule| rule.kind);
        self.claims.unsaid.extend(kinds.map(|kind| (source.list.code.as_str(), kind)));
    }

    fn refuse_row(&mut self, row: Row<'_>, value: &SourceValue, reason: &str) {
        self.claims.refused.push(refused(row.index, value, reason, true));
        for rule in openings(row.source.list) {
            self.claims.unsaid.push((&row.source.list.code, rule.kind));
        }
    }

    /// A further record that the row names only where its key is stated.
    fn listed(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        match row.date(&rule.on) {
            Stated::Value(_) if stands_below(row, rule, rows) => {}
            Stated::Value(day) | Stated::Unsure(day) => {
                let facts = row.facts(&rule.facts, &rule.sealed);
                let claim = row.claim((rule.kind, &rule.on), (Occurred::on(day), true), facts);
                self.record(row, rule, rows, Mode::Listed, claim);
            }
            Stated::Blank if !is_left_out(row, rule) => {}
            Stated::Blank | Stated::Silent if row.source.value(&rule.on).is_some() => {
                self.claims.unsaid.push((&row.source.list.code, rule.kind));
            }
            Stated::Blank | Stated::Silent => {}
        }
    }

    /// The newest of many; an empty cell says that there is none.
    fn latest(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        match row.date(&rule.on) {
            Stated::Value(day) | Stated::Unsure(day) => {
                let facts = row.facts(&rule.facts, &rule.sealed);
                let claim = row.claim((rule.kind, &rule.on), (Occurred::on(day), true), facts);
                self.record(row, rule, rows, Mode::Latest, claim);
            }
            // There is one whose day is not stated.
            Stated::Blank if is_left_out(row, rule) => {}
            Stated::Blank if rule.blank == Blank::Withdraws && self.has_needed(row, rule) => {
                let nothing = nothing(row, rule, Emptied::LatestWithdrawn);
                self.follow(self.owner(row, rule, rows), nothing);
            }
            Stated::Silent if rule.blank == Blank::Withdraws && is_placeholder(row, rule) => {
                let nothing = nothing(row, rule, Emptied::NoneYet);
                self.follow(self.owner(row, rule, rows), nothing);
            }
            Stated::Blank | Stated::Silent => {}
        }
    }

    /// What a row says nothing of although a cell stands there: the event itself, or a fact on which its duties depend.
    fn silent(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        let (kind, of) = (rule.kind, row.index);
        let column = rule.on.as_str();
        // An empty cell says no more than an unreadable one where it is no sign that there is none.
        let is_blank = row.source.value(column).is_some_and(|value| value.reading == Reading::Blank);
        let is_empty = is_blank && !is_left_out(row, rule);
        let lacks_a_fact = !is_empty && row.source.value(column).is_some() && !self.has_needed(row, rule);
        let is_silent = row.is_silent(column)
            || lacks_a_fact
            || (is_blank && !is_empty)
            || (rule.starts_as.is_some() && is_empty);
        let may_be_empty = rule.blank == Blank::Withdraws || rule.starts_as.is_some();
        if is_silent && may_be_empty && !row.source.list.is_own_key(rule) {
            self.follow(self.owner(row, rule, rows), Follow::Silent { rule, row: of });
        }
        let Some(on) = row.source.date(column) else { return };
        let unsaid = |column: &str| row.source.values_of(column).any(|value| value.reading.is_unsaid());
        for (field, _) in
            rule.facts.iter().filter(|(_, fact)| fact.decides && fact.column().is_some_and(unsaid))
        {
            let doubtful = Follow::Doubtful { kind, row: of, field, on };
            self.follow(self.owner(row, rule, rows), doubtful);
        }
    }

    /// Whether the row states what an event of the rule cannot be without.
    fn has_needed(&self, row: Row<'_>, rule: &'static EventRule) -> bool {
        let facts = row.facts(&rule.facts, &rule.sealed);
        row.claim((rule.kind, &rule.on), (Occurred::UNKNOWN, false), facts).is_some()
    }

    fn record(
        &mut self,
        row: Row<'_>,
        rule: &'static EventRule,
        rows: &SubjectRows,
        mode: Mode,
        claim: Option<Claim>,
    ) {
        let Some(opening) = claim else { return };
        let links = self.links(row, rule, rows);
        let key = opening.occurred.day();
        let (own, one_a_day) = (rule.opened(), rule.one_a_day && key.is_some());
        let only_one = rule.only_one;
        let (row, then) = (row.index, Vec::new());
        self.add(Record { row, own, links, mode, key, one_a_day, only_one, opening, then });
    }

    /// What happens at most once in its process.
    fn once(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        let flag = row.flag_of(rule);
        let dated = row.date(&rule.on).value();
        let facts = row.facts(&rule.facts, &rule.sealed);
        let blank = row.source.value(&rule.on).is_some_and(|value| value.reading == Reading::Blank);
        let follow = if is_left_out(row, rule) {
            None
        } else if blank || flag == Some(false) {
            (rule.blank == Blank::Withdraws).then(|| nothing(row, rule, Emptied::ValueWithdrawn))
        } else if dated.is_some() || flag == Some(true) || (facts.any && !is_date(row, rule)) {
            let when = dated.map_or_else(|| row.by_then(rule.since.as_deref()), Occurred::on);
            let claim = row.claim((rule.kind, &rule.on), (when, dated.is_some()), facts);
            claim.map(|claim| Follow::Once(Claim { apart_by: rule.apart_by.as_deref(), ..claim }))
        } else {
            None
        };
        if let Some(follow) = follow {
            self.follow(self.owner(row, rule, rows), follow);
        }
    }

    /// The state on the day described.
    fn state(&mut self, row: Row<'_>, rule: &'static EventRule, rows: &SubjectRows) {
        let facts = row.facts(&rule.facts, &rule.sealed);
        let named = matches!(row.text(&rule.on), Stated::Value(_));
        let blank = row.source.value(&rule.on).is_some_and(|value| value.reading == Reading::Blank);
        let follow = if facts.any || named {
            self.state_claim(row, rule, facts)
        } else if blank && rule.blank == Blank::Withdraws {
            let emptied = rule.emptied.map_or(Emptied::ValueWithdrawn, Emptied::Gives);
            Some(nothing(row, rule, emptied))
        } else {
            None
        };
        if let Some(follow) = follow {
            self.follow(self.owner(row, rule, rows), follow);
        }
    }

    fn state_claim(&self, row: Row<'_>, rule: &'static EventRule, facts: Facts) -> Option<Follow> {
        let begun = rule.starts_as.as_deref();
        let as_begun = begun.is_some_and(|column| row.said(column) == row.said(&rule.on));
        let when = row.by_then(rule.since.as_deref());
        let claim = row.claim((rule.kind, &rule.on), (when, false), facts)?;
        Some(Follow::State { claim, as_begun })
    }

    /// Adds what follows to a record, or to the subject where there is none.
    pub(super) fn follow(&mut self, record: Option<usize>, follow: Follow) {
        match record.and_then(|index| self.claims.records.get_mut(index)) {
            Some(record) => record.then.push(follow),
            None => self.claims.own.push(follow),
        }
    }

    /// The record that an event follows; `None`: the subject itself.
    pub(super) fn owner(&self, row: Row<'_>, rule: &EventRule, rows: &SubjectRows) -> Option<usize> {
        match rule.of {
            Some(Owner::Subject) => None,
            Some(Owner::Process(role)) => self.process(row.index, rows, role),
            None => self.main(row, rows),
        }
    }

    fn main(&self, row: Row<'_>, rows: &SubjectRows) -> Option<usize> {
        let role = row.source.list.own_record().and_then(EventRule::opened)?;
        self.process(row.index, rows, role)
    }

    /// The records to whose processes an opening also belongs.
    fn links(&self, row: Row<'_>, rule: &EventRule, rows: &SubjectRows) -> Vec<usize> {
        if rule.act != Act::Opens {
            return self.owner(row, rule, rows).into_iter().collect();
        }
        let find = |role: &EntityRole| self.process(row.index, rows, *role);
        rule.within.iter().filter_map(find).collect()
    }
}

/// The records that a row of the list can open; enclosed rows are judged by their own rules.
fn openings(list: &'static List) -> impl Iterator<Item = &'static EventRule> {
    list.events.iter().filter(|rule| rule.act == Act::Opens)
}

/// Why a row without its key is refused.
fn why_no_key(reading: &Reading) -> &'static str {
    match reading {
        Reading::Unreadable { reason } => reason,
        Reading::Blank => "not stated, and the record needs it",
        Reading::NotThere => "the row ends before this cell, and the record needs it",
        Reading::SourceError => "an error text: the source could not say which record the row is",
        Reading::Placeholder => "a placeholder: the source does not say which record the row is",
        Reading::NoStoredValue => "a formula without a stored value: the row does not say which record it is",
        Reading::Date(_)
        | Reading::Count(_)
        | Reading::Decimal(_)
        | Reading::Flag(_)
        | Reading::Code { .. }
        | Reading::Text(_) => "not a date",
    }
}

fn nothing(row: Row<'_>, rule: &'static EventRule, meaning: Emptied) -> Follow {
    Follow::Nothing { rule, row: row.index, meaning }
}

/// Whether an enclosed row holds the same act: the same day in its column.
fn stands_below(row: Row<'_>, rule: &EventRule, rows: &SubjectRows) -> bool {
    let Some(below) = &rule.unless_below else { return false };
    let day = row.source.date(&rule.on);
    rows.rows
        .iter()
        .filter(|other| other.list.code == below.list && other.parent == Some(row.index))
        .any(|other| other.date(&below.column) == day)
}
