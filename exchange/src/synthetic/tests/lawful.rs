//! Every journey is lawful, by checks that are simple on purpose.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use domain::clocks::{ClockEngine, Question, State};
use domain::events::{Body, EntityRole, Kind};
use domain::ids::EntityId;
use domain::journey::{Journey, KnownEvent};
use domain::observations::{Standing, observe};
use domain::processes::{Processes, derived};
use domain::rules::{Effect, RuleBook};

use super::super::rates::Route;
use super::corpus::{Corpus, birth, day_of, mostly, ordinary, protection};

/// All corpora that are checked.
fn corpora() -> [&'static Corpus; 3] {
    use std::sync::OnceLock;
    static CARE: OnceLock<Corpus> = OnceLock::new();
    [ordinary(), protection(), CARE.get_or_init(|| Corpus::of(500, 7, "2024-12-31", mostly(Route::Care)))]
}

fn check(mut lawful: impl FnMut(&Corpus, &Journey)) {
    for corpus in corpora() {
        for journey in corpus.journeys.values() {
            lawful(corpus, journey);
        }
    }
}

#[test]
fn nothing_happened_or_was_entered_after_the_last_day() {
    for corpus in corpora() {
        for line in &corpus.lines {
            let until = corpus.options.until;
            assert!(line.read.occurred.latest_day().is_none_or(|told| told <= until), "line {}", line.line);
            let entered = line.event.context.source_recorded_at.unwrap().known_by();
            assert!(entered <= domain::time::end_of_london_day(until), "line {}", line.line);
        }
    }
}

#[test]
fn nothing_is_entered_before_it_happened() {
    for line in corpora().iter().flat_map(|corpus| &corpus.lines) {
        let entered = line.event.context.source_recorded_at.unwrap().known_by();
        if let Some(instant) = line.read.occurred.instant() {
            assert!(instant <= entered, "line {}", line.line);
        } else if let Some(told) = line.read.occurred.latest_day() {
            assert!(told <= domain::time::london_day(entered), "line {}", line.line);
        }
    }
}

#[test]
fn every_journey_starts_with_its_subject_and_with_the_coverage_of_its_history() {
    check(|_, journey| {
        let first = journey.events.first().unwrap().kind();
        let opens = [
            Kind::ChildRegistered,
            Kind::UnbornChildRegistered,
            Kind::WorkerRegistered,
            Kind::ProceedingsOpened,
            Kind::HouseholdFormed,
            Kind::AdopterRegistered,
            Kind::PopulationSet,
        ];
        assert!(opens.contains(&first), "{first:?}");
        let is_child = matches!(first, Kind::ChildRegistered | Kind::UnbornChildRegistered);
        assert_eq!(journey.coverage.is_empty(), !is_child);
        assert_eq!(journey.anomalies, []);
    });
}

#[test]
fn nothing_happens_before_conception_or_after_death() {
    check(|_, journey| {
        let died = journey.events.iter().find(|event| event.kind() == Kind::ChildDied).map(day_of);
        for event in &journey.events {
            let told = event.occurred.latest_day();
            if let (Some(born), Some(told)) = (birth(journey), told) {
                assert!(told + Days::new(280) >= born, "{:?} on {told}, born {born}", event.kind());
            }
            if let (Some(died), Some(told)) = (died, told) {
                assert!(told <= died, "{:?} after death", event.kind());
            }
        }
    });
}

#[test]
fn what_needs_a_born_child_happens_after_birth() {
    let needs_birth = |kind| {
        matches!(
            kind,
            Kind::BecameLookedAfter
                | Kind::PlacementStarted
                | Kind::ApplicationIssued
                | Kind::ChildProtectionVisitMade
                | Kind::ChildInNeedVisitMade
                | Kind::ChildSeen
                | Kind::HealthAssessmentCompleted
        )
    };
    check(|_, journey| {
        let Some(born) = birth(journey) else { return };
        for event in journey.events.iter().filter(|event| needs_birth(event.kind())) {
            assert!(event.occurred.latest_day().unwrap() >= born, "{:?}", event.kind());
        }
    });
}

#[test]
fn children_in_care_and_on_plans_are_under_18() {
    let kinds = [
        Kind::BecameLookedAfter,
        Kind::ChildProtectionPlanStarted,
        Kind::ReferralReceived,
        Kind::CeasedToBeLookedAfter,
        Kind::ChildProtectionPlanEnded,
    ];
    check(|_, journey| {
        let Some(born) = birth(journey) else { return };
        for event in journey.events.iter().filter(|event| kinds.contains(&event.kind())) {
            let age_years = day_of(event).years_since(born).unwrap_or(0);
            let last = u32::from(event.kind() == Kind::CeasedToBeLookedAfter) + 17;
            assert!(age_years <= last, "{:?} at {age_years}", event.kind());
        }
    });
}

/// Starts and stops of a process, each once, in order, and one at a time.
fn one_at_a_time(start: Kind, stop: Kind, role: EntityRole) {
    check(|corpus, journey| {
        let mut open: Option<EntityId> = None;
        let mut used = BTreeSet::new();
        for event in &journey.events {
            let id = event.entities.get(role);
            if event.kind() == start {
                assert_eq!(open, None, "{start:?} while another runs");
                open = id;
                assert!(used.insert(id.unwrap()), "{start:?} of a used id");
            } else if event.kind() == stop {
                assert!(open.is_some() && open == id, "{stop:?} without its start");
                open = None;
            }
        }
        assert!(used.len() < 60, "{} is no authority", corpus.options.seed);
    });
}

#[test]
fn one_child_protection_plan_at_a_time() {
    one_at_a_time(Kind::ChildProtectionPlanStarted, Kind::ChildProtectionPlanEnded, EntityRole::Plan);
}

#[test]
fn one_child_in_need_plan_at_a_time() {
    one_at_a_time(Kind::ChildInNeedPlanStarted, Kind::ChildInNeedPlanEnded, EntityRole::ChildInNeedPlan);
    one_at_a_time(Kind::ChildInNeedCaseOpened, Kind::ChildInNeedCaseClosed, EntityRole::ChildInNeedCase);
}

#[test]
fn one_period_of_care_and_one_placement_at_a_time() {
    one_at_a_time(Kind::BecameLookedAfter, Kind::CeasedToBeLookedAfter, EntityRole::PeriodOfCare);
    one_at_a_time(Kind::PlacementStarted, Kind::PlacementEnded, EntityRole::Placement);
}

#[test]
fn one_case_at_a_time() {
    one_at_a_time(Kind::ReferralReceived, Kind::CaseClosed, EntityRole::Referral);
    one_at_a_time(Kind::AssessmentStarted, Kind::AssessmentAuthorised, EntityRole::Assessment);
}

#[test]
fn no_child_in_need_plan_beside_a_child_protection_plan() {
    check(|_, journey| {
        let mut running = 0;
        for event in &journey.events {
            let starts = [Kind::ChildInNeedPlanStarted, Kind::ChildProtectionPlanStarted];
            let ends = [Kind::ChildInNeedPlanEnded, Kind::ChildProtectionPlanEnded];
            running += i32::from(starts.contains(&event.kind())) - i32::from(ends.contains(&event.kind()));
            assert!((0..=1).contains(&running), "{running} plans at once");
        }
    });
}

/// Which events open a process, for every role that the synthetic authority gives.
const OPENERS: [(EntityRole, &[Kind]); 35] = [
    (EntityRole::Contact, &[Kind::ContactReceived]),
    (EntityRole::Referral, &[Kind::ReferralReceived]),
    (EntityRole::Assessment, &[Kind::AssessmentStarted]),
    (EntityRole::StrategyDiscussion, &[Kind::StrategyDiscussionHeld]),
    (EntityRole::Enquiry, &[Kind::StrategyDiscussionHeld, Kind::Section47EnquiryStarted]),
    (
        EntityRole::Conference,
        &[Kind::ConferenceRequested, Kind::InitialConferenceHeld, Kind::ReviewConferenceHeld],
    ),
    (EntityRole::Plan, &[Kind::ChildProtectionPlanStarted]),
    (EntityRole::ChildInNeedCase, &[Kind::ChildInNeedCaseOpened]),
    (EntityRole::ChildInNeedPlan, &[Kind::ChildInNeedPlanStarted]),
    (EntityRole::PreProceedings, &[Kind::PreProceedingsStarted]),
    (EntityRole::Proceedings, &[Kind::ProceedingsOpened, Kind::ApplicationIssued]),
    (EntityRole::Application, &[Kind::ApplicationIssued]),
    (EntityRole::Hearing, &[Kind::HearingHeld]),
    (EntityRole::PeriodOfCare, &[Kind::BecameLookedAfter]),
    (EntityRole::Placement, &[Kind::PlacementStarted, Kind::PlacementPanelHeld]),
    (EntityRole::Review, &[Kind::LookedAfterReviewHeld]),
    (EntityRole::AdoptionCase, &[Kind::AdoptionDecisionMade]),
    (EntityRole::Adopter, &[Kind::AdopterRegistered]),
    (EntityRole::EarlyHelpAssessment, &[Kind::EarlyHelpAssessmentStarted]),
    (EntityRole::EarlyHelpCase, &[Kind::EarlyHelpRequested]),
    (EntityRole::FamilyProgramme, &[Kind::PriorityFamilyIdentified]),
    (EntityRole::EdgeOfCareService, &[Kind::EdgeOfCareReferred]),
    (EntityRole::FamilyGroupConference, &[Kind::FgcReferred]),
    (EntityRole::CarePlan, &[Kind::CarePlanMade]),
    (EntityRole::Alert, &[Kind::IroAlertRaised]),
    (EntityRole::Incident, &[Kind::SeriousIncidentKnown]),
    (EntityRole::MissingEpisode, &[Kind::MissingReported]),
    (EntityRole::Detention, &[Kind::PoliceDetentionStarted]),
    (EntityRole::HomelessReferral, &[Kind::HomelessReferralReceived]),
    (EntityRole::PathwayPlan, &[Kind::PathwayPlanMade]),
    (EntityRole::PoliceProtection, &[Kind::PolicePowersUsed]),
    (EntityRole::EmergencyOrder, &[Kind::EpoGranted]),
    (EntityRole::ChildAssessmentOrder, &[Kind::ChildAssessmentOrderGranted]),
    (EntityRole::PrivateFostering, &[Kind::PrivateFosteringArrangementStarted]),
    (EntityRole::ImprovementAction, &[Kind::ImprovementActionAgreed]),
];

fn opener(role: EntityRole) -> &'static [Kind] {
    let found = OPENERS.iter().find(|(of, _)| *of == role);
    found.unwrap_or_else(|| panic!("nothing is said of what opens {}", role.name())).1
}

fn opens(event: &KnownEvent, role: EntityRole) -> bool {
    opener(role).contains(&event.kind())
}

#[test]
fn every_process_is_opened_before_anything_else_belongs_to_it() {
    check(|_, journey| {
        let mut opened = BTreeMap::new();
        for event in &journey.events {
            for (role, id) in event.entities.iter() {
                if opens(event, role) {
                    opened.entry((role, id)).or_insert(event.kind());
                }
                assert!(opened.contains_key(&(role, id)), "{:?} before its {role}", event.kind());
            }
        }
    });
}

#[test]
fn parents_are_entered_before_what_belongs_to_them() {
    for corpus in corpora() {
        let mut opened = BTreeSet::new();
        for line in &corpus.lines {
            for (role, id) in line.read.entities.iter() {
                let own = opener(role).iter().any(|kind| kind.name() == line.event.kind);
                if own {
                    opened.insert((line.stream, role, id));
                }
                assert!(opened.contains(&(line.stream, role, id)), "line {}: {role}", line.line);
            }
        }
    }
}

#[test]
fn no_conference_decision_or_hearing_is_at_a_weekend() {
    let working = [
        Kind::InitialConferenceHeld,
        Kind::ReviewConferenceHeld,
        Kind::ReferralDecisionMade,
        Kind::HearingHeld,
        Kind::AssessmentAuthorised,
        Kind::ApplicationIssued,
    ];
    let is_weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    check(|_, journey| {
        let contacts: BTreeSet<NaiveDate> =
            journey.events.iter().filter(|event| event.kind() == Kind::ContactReceived).map(day_of).collect();
        for event in journey.events.iter().filter(|event| working.contains(&event.kind())) {
            let on_duty = event.kind() == Kind::ReferralDecisionMade && contacts.contains(&day_of(event));
            assert!(on_duty || !is_weekend(day_of(event)), "{:?}", event.kind());
        }
    });
}

#[test]
fn a_plan_starts_on_the_day_of_its_conference_and_its_reviews_come_later() {
    check(|_, journey| {
        let mut conferences = BTreeMap::new();
        let mut plans = BTreeMap::new();
        for event in &journey.events {
            let (conference, plan) =
                (event.entities.get(EntityRole::Conference), event.entities.get(EntityRole::Plan));
            if event.kind() == Kind::InitialConferenceHeld {
                conferences.insert(conference, day_of(event));
            } else if event.kind() == Kind::ChildProtectionPlanStarted {
                assert_eq!(conferences.get(&conference), Some(&day_of(event)));
                plans.insert(plan, day_of(event));
            } else if event.kind() == Kind::ReviewConferenceHeld {
                assert!(plans[&plan] < day_of(event));
            }
        }
    });
}

#[test]
fn an_extension_lasts_at_most_eight_weeks_from_the_later_of_the_end_and_its_grant() {
    check(|_, journey| {
        let mut ends: BTreeMap<EntityId, NaiveDate> = BTreeMap::new();
        for event in &journey.events {
            let Some(application) = event.entities.get(EntityRole::Application) else { continue };
            if event.kind() == Kind::ApplicationIssued {
                ends.insert(application, day_of(event) + Days::new(181));
            } else if let Body::TimetableExtended(extended) = &event.body {
                let end = ends.get_mut(&application).unwrap();
                assert!(extended.new_end <= day_of(event).max(*end) + Days::new(56));
                assert!(extended.new_end > *end);
                *end = extended.new_end;
            }
        }
    });
}

#[test]
fn siblings_share_conferences_and_sets_of_proceedings() {
    let corpus = corpora()[2];
    let mut sets: BTreeMap<EntityId, usize> = BTreeMap::new();
    for (_, event) in corpus.of_kind(Kind::ApplicationIssued) {
        *sets.entry(event.entities.get(EntityRole::Proceedings).unwrap()).or_default() += 1;
    }
    let opened: BTreeSet<EntityId> =
        corpus.of_kind(Kind::ProceedingsOpened).map(|(_, event)| event.own_entity().unwrap()).collect();
    assert_eq!(opened, sets.keys().copied().collect());
    assert!(sets.values().any(|children| *children > 2) && sets.values().any(|children| *children == 1));
}

#[test]
fn the_domain_finds_nothing_impossible_and_little_that_is_odd() {
    for corpus in corpora() {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for journey in corpus.journeys.values() {
            for observation in observe(journey, corpus.options.until, RuleBook::built_in().endings()) {
                let code = observation.code;
                assert_eq!(code.standing(), Standing::Odd, "{}: {:?}", code.name(), observation.events);
                *found.entry(code.name()).or_default() += 1;
            }
        }
        let odd: usize = found.values().sum();
        assert!(odd * 100 < corpus.lines.len(), "{found:?} in {} events", corpus.lines.len());
    }
}

/// What the table of endings closes is in no list of what is overdue.
#[test]
fn nothing_is_overdue_whose_process_is_over() {
    let book = RuleBook::built_in();
    let (engine, endings) = (ClockEngine::new(book), book.endings());
    let mut closed = 0;
    check(|corpus, journey| {
        let until = corpus.options.until;
        let events: Vec<&KnownEvent> = journey.events.iter().collect();
        let derived = derived(&events, endings, until);
        let processes = Processes::of(&events, &derived, endings);
        for clock in engine.run(journey, &Question::as_at(until)).clocks {
            let Some(process) = clock.per.role().and_then(|role| processes.get(role, clock.entity)) else {
                continue;
            };
            let closes = process.ends().iter().filter_map(|end| end.line).any(|line| {
                let mut shapes = clock.rule.clocks(clock.version).iter();
                shapes.any(|shape| endings.effect(line, &clock.rule.id, shape) == Some(Effect::Closes))
            });
            closed += usize::from(closes);
            assert!(!(closes && clock.state == State::Overdue), "{} {:?}", clock.rule.id, clock.start);
        }
    });
    assert!(closed > 1_000, "{closed}");
}
