//! How much of a child's history the file holds, kind by kind.
//!
//! A clock needs this: a list that gives only the latest visit says nothing of the one before.
//! What is stated: every beginning within the list's window; every end of a listed record from the
//! record's own beginning on; and of a kind given only by its latest, the days from that one on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};

use super::claims::{Emptied, Follow, Mode, Record};
use super::planning::Planner;

/// Kinds that a list holds one by one: those that begin records, and those that end or follow them.
struct Held {
    list: &'static str,
    begins: &'static [Kind],
    follows: &'static [Kind],
}

const HELD: [Held; 17] = [
    Held { list: "list_1", begins: &[Kind::ContactReceived], follows: &[] },
    Held {
        list: "list_2",
        begins: &[Kind::EarlyHelpAssessmentStarted],
        follows: &[Kind::EarlyHelpAssessmentCompleted],
    },
    Held { list: "list_3", begins: &[Kind::ReferralReceived], follows: &[Kind::ReferralDecisionMade] },
    Held { list: "list_4", begins: &[Kind::AssessmentStarted], follows: &[Kind::AssessmentAuthorised] },
    Held {
        list: "list_5",
        begins: &[Kind::StrategyDiscussionHeld, Kind::Section47EnquiryStarted],
        follows: &[Kind::InitialConferenceHeld, Kind::ConferenceNotRequired],
    },
    Held { list: "list_6", begins: &[Kind::ChildInNeedCaseOpened], follows: &[Kind::ChildInNeedCaseClosed] },
    Held {
        list: "list_7",
        begins: &[Kind::ChildProtectionPlanStarted],
        follows: &[Kind::ChildProtectionPlanEnded],
    },
    Held { list: "list_8", begins: &[Kind::BecameLookedAfter], follows: &[Kind::CeasedToBeLookedAfter] },
    Held {
        list: "list_10",
        begins: &[Kind::AdoptionDecisionMade],
        follows: &[
            Kind::PlacementOrderMade,
            Kind::MatchApproved,
            Kind::PlacedForAdoption,
            Kind::AdoptionOrderMade,
            Kind::AdoptionDecisionReversed,
        ],
    },
    Held { list: "referral", begins: &[Kind::ReferralReceived], follows: &[Kind::CaseClosed] },
    Held {
        list: "assessment",
        begins: &[Kind::AssessmentStarted],
        follows: &[Kind::AssessmentAuthorised, Kind::AssessmentCheckpointHeld],
    },
    Held {
        list: "in_need_plan",
        begins: &[Kind::ChildInNeedPlanStarted],
        follows: &[Kind::ChildInNeedPlanEnded],
    },
    Held {
        list: "section_47",
        begins: &[Kind::StrategyDiscussionHeld, Kind::Section47EnquiryStarted],
        follows: &[Kind::InitialConferenceHeld, Kind::ConferenceNotRequired],
    },
    Held {
        list: "protection_plan",
        begins: &[Kind::ChildProtectionPlanStarted],
        follows: &[Kind::ChildProtectionPlanEnded],
    },
    Held { list: "review_conference", begins: &[Kind::ReviewConferenceHeld], follows: &[] },
    Held {
        list: "pre_proceedings",
        begins: &[Kind::PreProceedingsStarted],
        follows: &[Kind::LetterBeforeProceedingsSent],
    },
    Held { list: "list_11", begins: &[], follows: &[] },
];

/// States the coverage that the file gives, where it is not stated already. A statement is about the
/// file: it makes no row a new one.
pub(super) fn state(planner: &mut Planner<'_>, records: &[Record], history: &[RecordedEvent]) {
    let stated: Vec<HistoryCoverageStated> = history.iter().filter_map(stated_in).collect();
    let mut statements = listed(planner, records);
    statements.extend(latest(planner, records));
    for statement in statements {
        if stated.iter().any(|held| is_same(held, &statement)) {
            continue;
        }
        let row = (0..planner.rows.rows.len()).find(|row| !planner.is_lost(*row));
        let Some(row) = row else { return };
        let event = CaseEvent::new(planner.by_now(""), statement);
        planner.emit(&event, SealedFields::none(), row);
    }
}

fn stated_in(event: &RecordedEvent) -> Option<HistoryCoverageStated> {
    if let Body::HistoryCoverageStated(statement) = &event.event.body {
        Some(statement.clone())
    } else {
        None
    }
}

fn is_same(left: &HistoryCoverageStated, right: &HistoryCoverageStated) -> bool {
    (&left.kinds, left.extent, left.from, left.to) == (&right.kinds, right.extent, right.from, right.to)
}

/// Kinds of the lists that the file holds, gathered by their days.
fn listed(planner: &Planner<'_>, records: &[Record]) -> Vec<HistoryCoverageStated> {
    let mut by_start: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    for list in planner.import.lists() {
        let sheet = planner.import.sheet(list);
        let held = HELD.iter().find(|held| held.list == sheet);
        let from = list.window_from(planner.import.as_at).filter(|_| planner.import.holds(list).is_some());
        let Some((held, from)) = held.zip(from) else { continue };
        let first = records
            .iter()
            .filter(|record| held.begins.contains(&record.opening.body.kind()))
            .filter_map(|record| record.key)
            .min();
        let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name().to_owned()).collect::<Vec<_>>();
        by_start.entry(from).or_default().extend(names(held.begins));
        by_start.entry(first.unwrap_or(from).min(from)).or_default().extend(names(held.follows));
    }
    by_start
        .into_iter()
        .filter(|(_, kinds)| !kinds.is_empty())
        .map(|(from, kinds)| statement(planner, kinds, CoverageExtent::Complete, Some(from)))
        .collect()
}

/// Kinds of which the file gives the newest: nothing is said of the days before it.
fn latest(planner: &Planner<'_>, records: &[Record]) -> Vec<HistoryCoverageStated> {
    let mut newest: BTreeMap<&'static str, Option<NaiveDate>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.mode == Mode::Latest) {
        let day = newest.entry(record.opening.body.kind().name()).or_default();
        *day = (*day).max(record.key);
    }
    for record in records {
        for follow in &record.then {
            if let Follow::Nothing { kind, meaning: Emptied::LatestWithdrawn, .. } = follow {
                // The column is empty: none since the record began.
                newest.entry(kind.name()).or_insert(record.key);
            }
        }
    }
    let mut statements = Vec::new();
    let mut by_day: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    let kinds: BTreeSet<String> = newest.keys().map(|kind| (*kind).to_owned()).collect();
    for (kind, day) in newest {
        if let Some(day) = day.filter(|day| *day <= planner.import.as_at) {
            by_day.entry(day).or_default().insert(kind.to_owned());
        }
    }
    if !kinds.is_empty() {
        statements.push(statement(planner, kinds, CoverageExtent::LatestOnly, None));
    }
    let complete = |(day, kinds)| statement(planner, kinds, CoverageExtent::Complete, Some(day));
    statements.extend(by_day.into_iter().map(complete));
    statements
}

fn statement(
    planner: &Planner<'_>,
    kinds: BTreeSet<String>,
    extent: CoverageExtent,
    from: Option<NaiveDate>,
) -> HistoryCoverageStated {
    let to = (extent == CoverageExtent::Complete).then_some(planner.import.as_at);
    HistoryCoverageStated { kinds, extent, from, to, import: Some(planner.import.id) }
}
