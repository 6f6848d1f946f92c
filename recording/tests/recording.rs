//! Requests over a real ledger: what is recorded, what is refused, and that asking again changes nothing. Every child is
//! invented.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]

use chrono::{DateTime, Utc};
use domain::decider::Refusal;
use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::record_keeping::CorrectionReason;
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::observations::ObservationCode;
use ledger::test_support::{TestDatabase, fresh_ledger};
use ledger::{Clock, Ledger};
use recording::{Act, Amendment, Amends, Change, Receipt, RecordFault, Recorder, Request, To};
use serde_json::json;
use uuid::Uuid;

/// A ledger with a recorder whose day is 1 July 2024 for what is decided; the ledger itself keeps its own time.
struct Desk {
    _database: TestDatabase,
    ledger: Ledger,
    recorder: Recorder,
    commands: std::cell::Cell<u128>,
}

impl Desk {
    async fn new() -> Self {
        let (_database, ledger) = fresh_ledger().await;
        let recorder = Recorder::new(ledger.clone(), Clock::system());
        Self { _database, ledger, recorder, commands: std::cell::Cell::new(1) }
    }

    fn request(&self, acts: Vec<Act>) -> Request {
        let number = self.commands.get();
        self.commands.set(number + 1);
        let context = EventContext::new(Uuid::from_u128(7), "social_worker");
        Request { command_id: CommandId(Uuid::from_u128(number << 64)), acts, context }
    }

    async fn record(&self, acts: Vec<Act>) -> Receipt {
        self.try_record(acts).await.unwrap_or_else(|fault| panic!("{fault}"))
    }

    async fn try_record(&self, acts: Vec<Act>) -> Result<Receipt, RecordFault> {
        self.recorder.record(&self.request(acts)).await
    }

    /// A child whose record begins.
    async fn child(&self, id: &str) -> StreamId {
        self.record(vec![registered(id)]).await.events[0].stream
    }

    async fn journey(&self, stream: StreamId) -> Journey {
        Journey::known(&self.held(stream).await, KnownAt::NOW)
    }

    async fn held(&self, stream: StreamId) -> Vec<RecordedEvent> {
        let stored = self.ledger.read_stream(stream, Revision(1)).await.unwrap();
        stored.into_iter().map(|event| event.try_into().unwrap()).collect()
    }
}

fn event(kind: Kind, occurred: &str, facts: &serde_json::Value) -> CaseEvent {
    let version = kind.schema_version();
    CaseEvent::read(occurred.parse().unwrap(), kind.name(), version, &facts.to_string()).unwrap()
}

fn to(stream: StreamId, event: CaseEvent) -> Act {
    Act::Record { to: To::Held(stream), event: Box::new(event), sealed: SealedFields::none() }
}

fn registered(id: &str) -> Act {
    let event = event(Kind::ChildRegistered, "2024-06-03", &json!({ "details": {} }));
    let to = To::New { stream: None, category: Category::Child };
    Act::Record { to, event: Box::new(event), sealed: SealedFields::none().with("la_child_id", id) }
}

fn enquiry(day: &str) -> CaseEvent {
    event(Kind::Section47EnquiryStarted, day, &json!({ "details": {} }))
}

fn conference(day: &str, conference: u128, enquiry: EntityId) -> CaseEvent {
    let facts = json!({ "details": { "kind": "initial" } });
    let held = event(Kind::InitialConferenceHeld, day, &facts);
    held.of(EntityRole::Conference, EntityId(Uuid::from_u128(conference))).of(EntityRole::Enquiry, enquiry)
}

fn amend(event: EventId, what: Amends, reason: CorrectionReason) -> Act {
    Act::Amend(Amendment { event, what, reason, authorised_by: None })
}

fn correct(event: EventId, occurred: &str) -> Act {
    let change = Change { occurred: Some(occurred.parse().unwrap()), ..Change::default() };
    amend(event, Amends::Correct(change), CorrectionReason::TypingError)
}

fn withdraw(event: EventId) -> Act {
    amend(event, Amends::Withdraw, CorrectionReason::Disputed)
}

fn refusal(fault: RecordFault) -> (usize, Refusal) {
    let RecordFault::Refused { act, refusal } = fault else { panic!("{fault}") };
    (act, refusal)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_begins_and_goes_on_and_the_receipt_says_where_each_event_stands() {
    let desk = Desk::new().await;
    let begun = desk.record(vec![registered("77")]).await;
    let child = begun.events[0].stream;
    assert_eq!(desk.ledger.find_by_identifier("la_child_id", "77").await.unwrap(), [child]);
    let receipt = desk.record(vec![to(child, enquiry("2024-06-10")), to(child, enquiry("2024-06-11"))]).await;
    let held = desk.held(child).await;
    let told: Vec<_> =
        receipt.events.iter().map(|told| (told.event, told.revision, told.position.unwrap())).collect();
    let recorded: Vec<_> =
        held[1..].iter().map(|event| (event.event_id, event.revision, event.position)).collect();
    assert_eq!(told, recorded);
    // Two enquiries at a time are odd, and not impossible.
    let codes: Vec<_> = receipt.events[1].observed.iter().map(|observed| observed.code).collect();
    assert!(codes.contains(&ObservationCode::OverlappingEnquiries), "{codes:?}");
    let processes: Vec<_> = held[1..].iter().map(|event| event.event.own_entity().unwrap()).collect();
    assert_ne!(processes[0], processes[1], "each begins a process of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conference_before_its_enquiry_is_refused_with_the_enquiry_and_nothing_is_recorded() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let started = desk.record(vec![to(child, enquiry("2024-06-10"))]).await.events[0].event;
    let process = desk.held(child).await[1].event.own_entity().unwrap();
    let acts = vec![to(child, enquiry("2024-06-20")), to(child, conference("2024-06-07", 5, process))];
    let fault = desk.try_record(acts).await.unwrap_err();
    assert!(fault.to_string().contains(&started.to_string()), "{fault}");
    let (act, Refusal::Impossible { code, events, .. }) = refusal(fault) else { panic!("another refusal") };
    assert_eq!((act, code, events), (1, ObservationCode::BeforeWhatLedToIt, vec![started]));
    assert_eq!(desk.held(child).await.len(), 2, "a request is recorded whole or not at all");
    desk.record(vec![to(child, conference("2024-06-24", 5, process))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_command_again_gets_the_first_answer_and_another_request_under_its_id_none() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let mut requests =
        vec![desk.request(vec![registered("78")]), desk.request(vec![to(child, enquiry("2024-06-10"))])];
    let first: Vec<Receipt> = [
        desk.recorder.record(&requests[0]).await.unwrap(),
        desk.recorder.record(&requests[1]).await.unwrap(),
    ]
    .into();
    let started = first[1].events[0].event;
    requests.push(desk.request(vec![correct(started, "2024-06-12")]));
    requests.push(desk.request(vec![withdraw(started)]));
    let mut answers = first;
    for request in &requests[2..] {
        answers.push(desk.recorder.record(request).await.unwrap());
    }
    let head = desk.ledger.head().await.unwrap().position;
    for (request, answer) in requests.iter().zip(&answers) {
        let again = desk.recorder.record(request).await.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(again.events, answer.events);
        assert!(again.recorded.unwrap().already);
        assert_eq!(desk.recorder.check(request).await.unwrap().events, answer.events);
    }
    assert_eq!(desk.ledger.head().await.unwrap().position, head, "nothing was recorded twice");
    let others = [
        registered("79"),
        to(child, enquiry("2024-06-11")),
        correct(started, "2024-06-13"),
        withdraw(EventId(Uuid::nil())),
    ];
    for (request, other) in requests.iter().zip(others) {
        let other = Request { acts: vec![other], ..request.clone() };
        let fault = desk.recorder.record(&other).await.unwrap_err();
        assert!(matches!(fault, RecordFault::CommandIdReused { .. }), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_replaces_what_it_names_and_leaves_the_rest() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let started = desk.record(vec![to(child, enquiry("2024-06-10"))]).await.events[0].event;
    let facts = json!({ "details": { "stated_conference_target": "2024-07-01" } });
    let change = Change { facts: facts.as_object().unwrap().clone(), occurred: None };
    let reason = CorrectionReason::LateInformation;
    desk.record(vec![correct(started, "2024-06-11")]).await;
    desk.record(vec![amend(started, Amends::Correct(change), reason)]).await;
    let journey = desk.journey(child).await;
    let now = journey.event(started).unwrap();
    assert_eq!((now.occurred.to_string(), now.amendments.len()), ("2024-06-11".to_owned(), 2));
    assert_eq!(now.body.fields()["stated_conference_target"], "2024-07-01");
    assert!(now.entities.get(EntityRole::Enquiry).is_some());
    let nothing = desk.try_record(vec![correct(started, "2024-06-11")]).await.unwrap_err();
    assert_eq!(refusal(nothing), (0, Refusal::NothingChanged { target: started }));
    let wrong = Change {
        facts: json!({ "details": { "no_field": 1 } }).as_object().unwrap().clone(),
        occurred: None,
    };
    let wrong = amend(started, Amends::Correct(wrong), reason);
    assert!(matches!(desk.try_record(vec![wrong]).await, Err(RecordFault::NotFacts { act: 0, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_act_is_corrected_withdrawn_and_reinstated_in_every_copy() {
    let desk = Desk::new().await;
    let (first, second) = (desk.child("77").await, desk.child("78").await);
    let mut processes = Vec::new();
    for child in [first, second] {
        desk.record(vec![to(child, enquiry("2024-06-10"))]).await;
        processes.push(desk.held(child).await[1].event.own_entity().unwrap());
    }
    // One conference of two siblings, and on the same day a conference of its own for the second.
    let acts = vec![
        to(first, conference("2024-06-24", 5, processes[0])),
        to(second, conference("2024-06-24", 5, processes[1])),
        to(second, conference("2024-06-24", 6, processes[1])),
    ];
    let receipt = desk.record(acts).await;
    let (shared, own) = (receipt.events[0].event, receipt.events[2].event);
    let days = async || {
        let mut days = Vec::new();
        for told in [&receipt.events[0], &receipt.events[1], &receipt.events[2]] {
            let journey = desk.journey(told.stream).await;
            days.push(
                journey.event(told.event).map_or("withdrawn".to_owned(), |held| held.occurred.to_string()),
            );
        }
        days
    };
    let corrected = desk.record(vec![correct(shared, "2024-06-25")]).await;
    assert_eq!(corrected.events.len(), 2, "the copies, and not the other conference");
    assert_eq!(days().await, ["2024-06-25", "2024-06-25", "2024-06-24"]);
    assert_eq!(corrected.recorded.unwrap().event_count, 2, "in one command");
    desk.record(vec![withdraw(receipt.events[1].event)]).await;
    assert_eq!(days().await, ["withdrawn", "withdrawn", "2024-06-24"]);
    let reason = CorrectionReason::Disputed;
    desk.record(vec![amend(shared, Amends::Reinstate, reason)]).await;
    assert_eq!(days().await, ["2024-06-25", "2024-06-25", "2024-06-24"]);
    desk.record(vec![withdraw(own)]).await;
    assert_eq!(days().await, ["2024-06-25", "2024-06-25", "withdrawn"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_that_was_decided_before_midnight_and_recorded_after_it_is_known_again() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let started = desk.record(vec![to(child, enquiry("2024-06-10"))]).await.events[0].event;
    let yesterday = Clock::new(|| Clock::system().now() - chrono::Duration::days(1));
    let before_midnight = Recorder::new(desk.ledger.clone(), yesterday);
    for act in [correct(started, "2024-06-11"), withdraw(started)] {
        let request = desk.request(vec![act]);
        let first = before_midnight.record(&request).await.unwrap();
        let again = desk.recorder.record(&request).await.unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(again.events, first.events);
    }
}

/// One conference of two siblings: its event for each.
async fn siblings_conference(desk: &Desk) -> [(StreamId, EventId); 2] {
    let children = [desk.child("77").await, desk.child("78").await];
    let mut acts = Vec::new();
    for child in children {
        desk.record(vec![to(child, enquiry("2024-06-10"))]).await;
        let process = desk.held(child).await[1].event.own_entity().unwrap();
        acts.push(to(child, conference("2024-06-24", 5, process)));
    }
    let receipt = desk.record(acts).await;
    [0, 1].map(|at| (receipt.events[at].stream, receipt.events[at].event))
}

/// The day of each sibling's conference; `None` where it is withdrawn.
async fn days(desk: &Desk, conference: [(StreamId, EventId); 2]) -> [Option<String>; 2] {
    let mut days = [None, None];
    for (day, (stream, event)) in days.iter_mut().zip(conference) {
        *day = desk.journey(stream).await.event(event).map(|held| held.occurred.to_string());
    }
    days
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_of_a_group_act_is_taken_back_for_all_of_the_group() {
    let desk = Desk::new().await;
    let conference = siblings_conference(&desk).await;
    let [(_, first), (_, second)] = conference;
    let both = |day: &str| [Some(day.to_owned()), Some(day.to_owned())];
    let corrected = desk.record(vec![correct(first, "2024-06-25")]).await;
    assert_eq!(days(&desk, conference).await, both("2024-06-25"));
    desk.record(vec![withdraw(corrected.events[1].event)]).await;
    assert_eq!(days(&desk, conference).await, both("2024-06-24"));
    let withdrawn = desk.record(vec![withdraw(first), withdraw(second)]).await;
    assert_eq!(withdrawn.events.len(), 2, "who names each copy asks for nothing more");
    assert_eq!(days(&desk, conference).await, [None, None]);
    let back = desk.record(vec![withdraw(withdrawn.events[0].event)]).await;
    assert_eq!(days(&desk, conference).await, both("2024-06-24"));
    let reason = CorrectionReason::Disputed;
    let event = back.events[1].event;
    desk.record(vec![withdraw(event)]).await;
    assert_eq!(days(&desk, conference).await, [None, None]);
    desk.record(vec![amend(event, Amends::Reinstate, reason)]).await;
    assert_eq!(days(&desk, conference).await, both("2024-06-24"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_of_the_wrong_child_goes_from_this_child_alone() {
    let desk = Desk::new().await;
    let conference = siblings_conference(&desk).await;
    let wrong = |event| amend(event, Amends::Withdraw, CorrectionReason::WrongChild);
    assert_eq!(desk.record(vec![wrong(conference[1].1)]).await.events.len(), 1);
    assert_eq!(days(&desk, conference).await, [Some("2024-06-24".to_owned()), None]);
    // What the others keep is corrected as before.
    desk.record(vec![correct(conference[0].1, "2024-06-25")]).await;
    assert_eq!(days(&desk, conference).await, [Some("2024-06-25".to_owned()), None]);
    // The other copy goes with a withdrawal for all; the one that went before is no reason to refuse it.
    assert_eq!(desk.record(vec![withdraw(conference[0].1)]).await.events.len(), 1);
    assert_eq!(days(&desk, conference).await, [None, None]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identifier_that_leads_to_a_record_leads_to_no_other() {
    let desk = Desk::new().await;
    let (one, other) = (desk.child("77").await, desk.child("78").await);
    let linked = json!({ "details": { "identifier": "la_child_id" } });
    let linked = event(Kind::IdentifierLinked, "2024-06-04", &linked);
    let link = |stream, id: &str| Act::Record {
        to: To::Held(stream),
        event: Box::new(linked.clone()),
        sealed: SealedFields::none().with("value", id),
    };
    for acts in [
        vec![link(one, "78")],
        vec![registered("79"), registered(" 79")],
        vec![registered("79"), link(other, "79")],
    ] {
        let fault = desk.try_record(acts).await.unwrap_err();
        assert!(matches!(fault, RecordFault::Held { .. }), "{fault}");
    }
    desk.record(vec![link(one, "80"), link(one, "80")]).await;
    assert_eq!(desk.ledger.find_by_identifier("la_child_id", "80").await.unwrap(), [one]);
    let worker = event(Kind::WorkerRegistered, "2024-06-04", &json!({ "details": {} }));
    let unregistered = |event: CaseEvent, category| Act::Record {
        to: To::New { stream: None, category },
        event: Box::new(event),
        sealed: SealedFields::none(),
    };
    desk.record(vec![unregistered(worker, Category::Worker)]).await;
    let fault =
        desk.try_record(vec![unregistered(enquiry("2024-06-10"), Category::Child)]).await.unwrap_err();
    assert!(matches!(fault, RecordFault::NotABeginning { act: 0, .. }), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_on_the_wrong_child_moves_in_one_request() {
    let desk = Desk::new().await;
    let (wrong, right) = (desk.child("77").await, desk.child("78").await);
    let started = desk.record(vec![to(wrong, enquiry("2024-06-10"))]).await.events[0].event;
    let reason = CorrectionReason::WrongChild;
    let away = amend(started, Amends::Withdraw, reason);
    let moved = desk.record(vec![away, to(right, enquiry("2024-06-10"))]).await;
    assert_eq!(moved.recorded.unwrap().event_count, 2);
    assert!(desk.journey(wrong).await.event(started).is_none());
    assert_eq!(desk.journey(right).await.events.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_recorded_is_said_by_its_kind() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let nobody = StreamId(Uuid::from_u128(1));
    let no_event = EventId(Uuid::from_u128(2));
    let ahead: DateTime<Utc> = Clock::system().now() + chrono::Duration::days(2);
    let ahead = ahead.date_naive().to_string();
    let (act, future) = refusal(desk.try_record(vec![to(child, enquiry(&ahead))]).await.unwrap_err());
    assert!(matches!((act, future), (0, Refusal::Impossible { code: ObservationCode::AfterRecording, .. })));
    let unknown = event(
        Kind::InitialConferenceHeld,
        "2024-06-20",
        &json!({ "details": { "kind": "initial", "categories": ["NOT"] } }),
    );
    let (_, unknown) = refusal(desk.try_record(vec![to(child, unknown)]).await.unwrap_err());
    assert!(matches!(unknown, Refusal::UnknownCode { field: "categories", .. }));
    let worker = event(Kind::WorkerRegistered, "2024-06-20", &json!({ "details": {} }));
    let (_, worker) = refusal(desk.try_record(vec![to(child, worker)]).await.unwrap_err());
    assert!(matches!(worker, Refusal::WrongCategory { .. }));
    let fault = desk.try_record(vec![to(nobody, enquiry("2024-06-20"))]).await.unwrap_err();
    assert!(matches!(fault, RecordFault::NoStream { act: 0, stream } if stream == nobody));
    let fault = desk.try_record(vec![registered("77")]).await.unwrap_err();
    assert!(matches!(fault, RecordFault::Held { stream, .. } if stream == child), "{fault}");
    let fault = desk.try_record(vec![registered("79"), withdraw(no_event)]).await.unwrap_err();
    assert!(matches!(fault, RecordFault::NoEvent { act: 1, event } if event == no_event));
    assert!(matches!(desk.try_record(Vec::new()).await, Err(RecordFault::Empty)));
    assert_eq!(
        desk.ledger.find_by_identifier("la_child_id", "79").await.unwrap(),
        [],
        "nothing half-written"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_records_nothing() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    let request = desk.request(vec![to(child, enquiry("2024-06-10"))]);
    let checked = desk.recorder.check(&request).await.unwrap();
    assert_eq!((checked.recorded, checked.events[0].position), (None, None));
    assert_eq!(desk.held(child).await.len(), 1);
    let recorded = desk.recorder.record(&request).await.unwrap();
    assert_eq!(checked.events[0].revision, recorded.events[0].revision);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_record_at_once_all_get_an_answer_that_holds_beside_the_others() {
    let desk = Desk::new().await;
    let child = desk.child("77").await;
    // Eight begin a child protection plan: one of them is right, for the others there is one already.
    let plan = |number: u128| {
        let facts = json!({ "details": { "category": "NEG" } });
        let started = event(Kind::ChildProtectionPlanStarted, "2024-06-20", &facts);
        to(child, started.of(EntityRole::Plan, EntityId(Uuid::from_u128(number))))
    };
    let requests: Vec<Request> = (1..=8).map(|number| desk.request(vec![plan(number)])).collect();
    let all = requests.into_iter().map(|request| {
        let recorder = desk.recorder.clone();
        tokio::spawn(async move { recorder.record(&request).await })
    });
    let mut recorded = 0;
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(RecordFault::Refused { refusal: Refusal::Impossible { code, .. }, .. }) => {
                assert_eq!(code, ObservationCode::OverlappingPlans);
            }
            Err(fault) => panic!("{fault}"),
        }
    }
    assert_eq!(recorded, 1);
    assert_eq!(desk.held(child).await.len(), 2);
}
