//! Journey, status, clocks, figures and observations never disagree on whether a process runs on a day: every arrangement
//! of an opening, an end of its own and another ending on a few days.

#![expect(clippy::unwrap_used, reason = "invented journeys are written by hand")]

use chrono::{Days, NaiveDate};
use domain::clocks::{ClockEngine, Question, State};
use domain::envelope::{Category, EventContext};
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::observations::{ObservationCode, observe};
use domain::rules::RuleBook;
use projections::episodes::episodes;
use projections::status::Running;
use projections::summary::summarise;
use uuid::Uuid;

/// A process: what it is, what opens and ends it, the clock that its own end stops, and the figure of what is open.
struct Process {
    role: EntityRole,
    opens: (&'static str, &'static str),
    ends: &'static str,
    status: Running,
    clock: &'static str,
    figure: Option<&'static str>,
}

const PROCESSES: [Process; 5] = [
    Process {
        role: EntityRole::Plan,
        opens: ("child_protection_plan_started", "{}"),
        ends: "child_protection_plan_ended",
        status: Running::OnPlan,
        clock: "CP-14",
        figure: Some("RT-01"),
    },
    Process {
        role: EntityRole::Application,
        opens: ("application_issued", r#"{"orders":["care"]}"#),
        ends: "application_dismissed",
        status: Running::InProceedings,
        clock: "CT-01",
        figure: Some("CT-09"),
    },
    Process {
        role: EntityRole::ChildInNeedPlan,
        opens: ("child_in_need_plan_started", "{}"),
        ends: "child_in_need_plan_ended",
        status: Running::ChildInNeed,
        clock: "CIN-01",
        figure: None,
    },
    Process {
        role: EntityRole::PreProceedings,
        opens: ("pre_proceedings_started", "{}"),
        ends: "pre_proceedings_concluded",
        status: Running::PreProceedings,
        clock: "PLO-01",
        figure: None,
    },
    Process {
        role: EntityRole::PrivateFostering,
        opens: ("private_fostering_arrangement_started", "{}"),
        ends: "private_fostering_arrangement_ended",
        status: Running::PrivatelyFostered,
        clock: "PF-01",
        figure: None,
    },
];

/// What may end something else; the eighteenth birthday is the day in `date_of_birth`.
const ENDINGS: [(&str, &str); 8] = [
    ("child_died", "{}"),
    ("pregnancy_ended", "{}"),
    ("transferred_out", "{}"),
    ("case_closed", "{}"),
    ("adoption_order_made", "{}"),
    ("sgo_made", "{}"),
    ("age_assessment_completed", r#"{"outcome":"adult","estimated":false}"#),
    ("child_registered", "18"),
];

fn on(number: u64) -> NaiveDate {
    "2024-03-01".parse::<NaiveDate>().unwrap().checked_add_days(Days::new(number)).unwrap()
}

fn recorded(number: u32, day: NaiveDate, kind: &str, details: &str, role: EntityRole) -> RecordedEvent {
    let own = Kind::from_name(kind).unwrap();
    let facts = format!("{{\"details\":{details}}}");
    let mut event =
        CaseEvent::read(day.to_string().parse().unwrap(), kind, own.schema_version(), &facts).unwrap();
    let role = own.own_role().unwrap_or(role);
    event = event
        .of(role, EntityId(Uuid::from_u128(u128::from(own.own_role().map_or(1, |role| role as u32 + 10)))));
    event = event.of(EntityRole::Referral, EntityId(Uuid::from_u128(5)));
    RecordedEvent {
        position: Position(number.into()),
        stream: StreamId(Uuid::from_u128(9)),
        category: Category::Child,
        revision: Revision(number),
        event_id: EventId(Uuid::from_u128(number.into())),
        command_id: CommandId(Uuid::from_u128(number.into())),
        recorded_at: "2025-01-01T12:00:00Z".parse().unwrap(),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event,
    }
}

/// Whether a state says that the process goes on; `None` where it says neither.
fn says_open(state: State) -> Option<bool> {
    match state {
        State::Running | State::DueSoon | State::Overdue => Some(true),
        State::Met | State::Late | State::TooEarly | State::NotApplicable => Some(false),
        State::CannotTell(_) | State::HistoryIncomplete => None,
    }
}

/// The events of one arrangement.
fn events(process: &Process, own_end: Option<u64>, ending: (&str, &str), ended: u64) -> Vec<RecordedEvent> {
    let role = process.role;
    let mut events = vec![recorded(1, on(0), "referral_received", "{}", role)];
    events.push(recorded(2, on(3), process.opens.0, process.opens.1, role));
    events.extend(own_end.map(|end| recorded(3, on(end), process.ends, "{}", role)));
    let (kind, details) = ending;
    let born = format!(
        "{{\"date_of_birth\":\"{}\",\"disabilities\":[]}}",
        on(ended).to_string().replace("2024", "2006")
    );
    let (day, details) = if details == "18" { (on(0), born.as_str()) } else { (on(ended), details) };
    let mut last = recorded(4, day, kind, details, role);
    if Kind::from_name(kind).unwrap().own_role().is_none() {
        last.event.entities = domain::events::Entities::none();
    }
    events.push(last);
    events
}

#[test]
fn every_answer_says_the_same_of_what_runs() {
    let book = RuleBook::built_in();
    let engine = ClockEngine::new(book);
    let mut asked = 0;
    for process in &PROCESSES {
        for own_end in [None, Some(1), Some(3), Some(5), Some(8)] {
            for ending in ENDINGS {
                for ended in [1, 3, 4, 6, 9] {
                    let recorded = events(process, own_end, ending, ended);
                    let journey = Journey::known(&recorded, KnownAt::NOW);
                    for day in [2, 3, 4, 5, 6, 8, 9, 40].map(on) {
                        let case =
                            format!("{} {own_end:?} {ending:?} on {ended}, asked {day}", process.opens.0);
                        let answers = engine.run(&journey, &Question::as_at(day));
                        let all = episodes(&journey, book.endings(), day);
                        let episode = all.iter().find(|episode| episode.role == process.role).unwrap();
                        let runs = episode.ran_on(day);
                        let status = summarise(&journey, book.endings(), day).status;
                        assert_eq!(status.has(process.status), runs, "status: {case}");
                        let clock =
                            answers.clocks.iter().find(|clock| clock.rule.id.as_str() == process.clock);
                        // A clock of contradictory dates says that it cannot tell, which contradicts neither.
                        let told = clock.and_then(|clock| says_open(clock.state));
                        assert!(told.is_none_or(|open| open == runs), "clock: {case}: {told:?}");
                        if let Some(figure) = process.figure {
                            let member = |it: &&domain::clocks::Tallied<'_>| it.rule.id.as_str() == figure;
                            assert_eq!(answers.tallies.iter().any(|it| member(&it)), runs, "figure: {case}");
                        }
                        let left_open =
                            observe(&journey, day, book.endings()).into_iter().any(|observation| {
                                observation.code == ObservationCode::LeftOpen
                                    && Some(observation.events[0]) == episode.opened_by
                            });
                        assert!(!(left_open && runs), "observation: {case}");
                        asked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(asked, 5 * 5 * 8 * 5 * 8);
}
