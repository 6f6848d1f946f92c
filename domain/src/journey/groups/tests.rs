//! Invented families; every expectation is counted by hand.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::clocks::{ClockEngine, Question, State, Why};
use crate::envelope::{EventContext, ImportRef};
use crate::events::child_protection::{
    InitialConferenceHeld, InitialConferenceKind, Section47EnquiryStarted,
};
use crate::events::conferences::AgencyAttended;
use crate::events::court::{ApplicationIssued, FinalOrderMade, HearingHeld, HearingKind};
use crate::events::court_sets::{ChildJoinedProceedings, ProceedingsConsolidated};
use crate::events::early_help::{EarlyHelpClosed, EarlyHelpRequested, LeadProfessionalAssigned};
use crate::events::households::{HouseholdMemberJoined, HouseholdMemberLeft};
use crate::events::record_keeping::{
    CorrectionReason, DisputeReason, EventCorrected, EventWithdrawn, SourceClaimDisputed,
};
use crate::events::{CaseEvent, Code, Kind};
use crate::ids::{CommandId, EventId, ImportId, Position, Revision};
use crate::journey::{Basis, RecordedKinds};
use crate::rules::RuleBook;

const HOUSEHOLD: StreamId = StreamId(Uuid::from_u128(100));
const SET: StreamId = StreamId(Uuid::from_u128(200));
const ANN: StreamId = StreamId(Uuid::from_u128(1));
const BEN: StreamId = StreamId(Uuid::from_u128(2));

fn entity(number: u128) -> EntityId {
    EntityId(Uuid::from_u128(number))
}

/// An event of a stream, recorded at noon of the day on which it happened.
fn event(number: u128, stream: StreamId, day: &str, body: impl Into<Body>) -> RecordedEvent {
    let of_group = [(HOUSEHOLD, Category::Household), (SET, Category::Proceedings)];
    let category =
        of_group.into_iter().find(|(group, _)| *group == stream).map_or(Category::Child, |(_, it)| it);
    RecordedEvent {
        position: Position(u64::try_from(number).unwrap()),
        stream,
        category,
        revision: Revision(u32::try_from(number).unwrap()),
        event_id: EventId(Uuid::from_u128(number)),
        command_id: CommandId(Uuid::from_u128(number)),
        recorded_at: noon(day),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event: CaseEvent::new(day.parse().unwrap(), body),
    }
}

fn about(mut event: RecordedEvent, processes: &[(EntityRole, u128)]) -> RecordedEvent {
    processes.iter().for_each(|(role, id)| event.event.entities.insert(*role, entity(*id)));
    event
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn joined(number: u128, child: StreamId, day: &str) -> RecordedEvent {
    event(number, HOUSEHOLD, day, HouseholdMemberJoined { child: Some(child), relation: None })
}

fn left(number: u128, child: StreamId, day: &str) -> RecordedEvent {
    event(number, HOUSEHOLD, day, HouseholdMemberLeft { child: Some(child), reason: None })
}

fn conference(number: u128, stream: StreamId, day: &str) -> RecordedEvent {
    about(event(number, stream, day, InitialConferenceHeld::default()), &[(EntityRole::Conference, 70)])
}

fn correction(number: u128, stream: StreamId, target: RecordedEvent, to: &str, day: &str) -> RecordedEvent {
    let replacement = CaseEvent { occurred: to.parse().unwrap(), ..target.event };
    let body = EventCorrected {
        target: target.event_id,
        replacement: Box::new(replacement),
        changed: BTreeSet::from(["occurred".to_owned()]),
        reason: CorrectionReason::TypingError,
        authorised_by: None,
        inferred: false,
    };
    event(number, stream, day, body)
}

fn withdrawal(
    number: u128,
    stream: StreamId,
    target: u128,
    reason: CorrectionReason,
    day: &str,
) -> RecordedEvent {
    let target = EventId(Uuid::from_u128(target));
    event(number, stream, day, EventWithdrawn { target, reason, authorised_by: None, inferred: false })
}

/// The journeys of Ann and of Ben, and the groups, as known on a day.
fn known(events: &[RecordedEvent], until: &str) -> (Journey, Journey, Groups) {
    let known = KnownAt { basis: Basis::Ledger, until: Some(noon(until)) };
    let of = |stream| events.iter().filter(move |event| event.stream == stream).cloned().collect::<Vec<_>>();
    let own = |child| Journey::known(&of(child), known);
    let groups = [HOUSEHOLD, SET].into_iter().filter_map(|stream| Group::known(&of(stream), known));
    let mut groups = Groups::new(groups.collect());
    for child in [ANN, BEN] {
        groups.absorb(child, &own(child));
    }
    (groups.complete(ANN, own(ANN)), groups.complete(BEN, own(BEN)), groups)
}

fn days(journey: &Journey, kind: Kind) -> Vec<String> {
    let of_kind = journey.events.iter().filter(|event| event.kind() == kind);
    of_kind.map(|event| event.occurred.to_string()).collect()
}

fn enquiry(number: u128, child: StreamId, id: u128) -> RecordedEvent {
    let started = Section47EnquiryStarted { stated_conference_target: None };
    about(event(number, child, "2024-03-01", started), &[(EntityRole::Enquiry, id)])
}

const HELD: Kind = Kind::InitialConferenceHeld;

#[test]
fn an_act_reaches_who_was_a_member_on_its_day() {
    let events = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        left(3, BEN, "2024-03-10"),
        joined(4, BEN, "2024-05-01"),
        conference(5, HOUSEHOLD, "2024-03-11"),
    ];
    let (ann, ben, _) = known(&events, "2025-01-01");
    assert_eq!(days(&ann, HELD), ["2024-03-11"]);
    assert!(ben.events.is_empty(), "Ben left the day before and came back later");
    let on_the_day = [events[0].clone(), left(3, ANN, "2024-03-11"), events[4].clone()];
    assert_eq!(days(&known(&on_the_day, "2025-01-01").0, HELD), ["2024-03-11"], "the last day counts");
}

#[test]
fn membership_and_act_count_as_they_were_known() {
    let mut late = joined(2, BEN, "2024-01-01");
    late.recorded_at = noon("2024-06-01");
    let events = [joined(1, ANN, "2024-01-01"), late, conference(3, HOUSEHOLD, "2024-03-11")];
    assert_eq!(days(&known(&events, "2024-03-10").0, HELD), [""; 0], "not yet recorded");
    let (ann, ben, _) = known(&events, "2024-05-31");
    assert_eq!((days(&ann, HELD).len(), days(&ben, HELD).len()), (1, 0));
    assert_eq!(days(&known(&events, "2024-06-01").1, HELD), ["2024-03-11"]);
}

#[test]
fn an_act_that_stands_in_both_streams_is_one_and_the_childs_own_word_on_it_stays() {
    let events = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        conference(3, HOUSEHOLD, "2024-03-11"),
        conference(4, ANN, "2024-03-12"),
    ];
    let (ann, ben, _) = known(&events, "2025-01-01");
    assert_eq!(days(&ann, HELD), ["2024-03-12"]);
    assert_eq!(days(&ben, HELD), ["2024-03-11"]);
}

#[test]
fn copies_without_a_process_are_known_by_the_request_that_recorded_them() {
    let lead = |number, stream, request| {
        let mut event = event(number, stream, "2024-02-01", LeadProfessionalAssigned { agency: None });
        event.command_id = CommandId(Uuid::from_u128(request));
        event
    };
    let with = |request| [joined(1, ANN, "2024-01-01"), lead(2, HOUSEHOLD, 77), lead(3, ANN, request)];
    let count = |request| days(&known(&with(request), "2025-01-01").0, Kind::LeadProfessionalAssigned).len();
    assert_eq!((count(77), count(78)), (1, 2));
}

#[test]
fn what_may_happen_more_than_once_in_a_process_is_not_one_act_for_its_process_alone() {
    let attended = |number, stream, agency: &str| {
        let body = AgencyAttended { agency: Code::try_new(agency).unwrap(), attended: true };
        about(event(number, stream, "2024-03-11", body), &[(EntityRole::Conference, 70)])
    };
    let events = [
        joined(1, ANN, "2024-01-01"),
        attended(2, HOUSEHOLD, "police"),
        attended(3, HOUSEHOLD, "health"),
        attended(4, HOUSEHOLD, "school"),
        attended(5, ANN, "health"),
    ];
    assert_eq!(days(&known(&events, "2025-01-01").0, Kind::AgencyAttended).len(), 3);
}

#[test]
fn a_correction_of_any_copy_reaches_every_copy() {
    let held = |stream, number| conference(number, stream, "2024-03-11");
    let base = [joined(1, ANN, "2024-01-01"), joined(2, BEN, "2024-01-01"), held(HOUSEHOLD, 3), held(ANN, 4)];
    let of_group = correction(5, HOUSEHOLD, held(HOUSEHOLD, 3), "2024-03-15", "2024-04-01");
    let of_child = correction(5, ANN, held(ANN, 4), "2024-03-15", "2024-04-01");
    for amended in [of_group, of_child] {
        let events: Vec<_> = base.iter().cloned().chain([amended]).collect();
        let (ann, ben, groups) = known(&events, "2025-01-01");
        assert_eq!(
            (days(&ann, HELD), days(&ben, HELD)),
            (vec!["2024-03-15".into()], vec!["2024-03-15".into()])
        );
        assert_eq!(days(&groups.of_stream(HOUSEHOLD).unwrap().journey, HELD), ["2024-03-15"]);
        assert_eq!(days(&known(&events, "2024-03-31").1, HELD), ["2024-03-11"], "as known before");
    }
}

#[test]
fn a_withdrawal_reaches_every_copy_unless_only_the_child_was_wrong() {
    let base = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        conference(3, HOUSEHOLD, "2024-03-11"),
        conference(4, ANN, "2024-03-11"),
    ];
    let count = |number, stream, target, reason| {
        let amended = withdrawal(number, stream, target, reason, "2024-04-01");
        let events: Vec<_> = base.iter().cloned().chain([amended]).collect();
        let (ann, ben, _) = known(&events, "2025-01-01");
        (days(&ann, HELD).len(), days(&ben, HELD).len())
    };
    assert_eq!(count(5, HOUSEHOLD, 3, CorrectionReason::TypingError), (0, 0));
    assert_eq!(count(5, ANN, 4, CorrectionReason::TypingError), (0, 0));
    assert_eq!(count(5, ANN, 4, CorrectionReason::WrongChild), (0, 1));
}

#[test]
fn a_disputed_row_is_disputed_in_every_copy() {
    let claim = Box::new(conference(9, ANN, "2024-03-11").event);
    let dispute = |stream| {
        let body = SourceClaimDisputed {
            claim: claim.clone(),
            contradicts: None,
            reason: DisputeReason::ContradictsHeldFact,
        };
        event(5, stream, "2024-04-01", body)
    };
    let base = [joined(1, ANN, "2024-01-01"), joined(2, BEN, "2024-01-01")];
    let in_group = [conference(4, ANN, "2024-03-11"), dispute(HOUSEHOLD)];
    let in_child = [conference(3, HOUSEHOLD, "2024-03-11"), dispute(ANN)];
    for rest in [in_group, in_child] {
        let events: Vec<_> = base.iter().cloned().chain(rest).collect();
        let (ann, ben, _) = known(&events, "2025-01-01");
        assert_eq!((days(&ann, HELD).len(), days(&ben, HELD).len()), (0, 0));
        assert_eq!((ann.disputes.len(), ben.disputes.len()), (1, 1));
    }
}

#[test]
fn a_familys_act_is_linked_to_each_childs_own_process() {
    let body = InitialConferenceHeld { kind: InitialConferenceKind::Initial, ..Default::default() };
    let of = [(EntityRole::Conference, 70), (EntityRole::Enquiry, 31)];
    let held = about(event(5, HOUSEHOLD, "2024-03-11", body), &of);
    let events = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        enquiry(3, ANN, 31),
        enquiry(4, BEN, 32),
        held,
    ];
    let (ann, ben, _) = known(&events, "2025-01-01");
    let named = |journey: &Journey| {
        journey
            .events
            .iter()
            .find(|event| event.kind() == HELD)
            .and_then(|event| event.entities.get(EntityRole::Enquiry))
    };
    assert_eq!((named(&ann), named(&ben)), (Some(entity(31)), None), "Ann's enquiry is none of Ben's");
    let answered = |journey: &Journey| states(journey, "CP-05");
    assert_eq!((answered(&ann), answered(&ben)), (vec![State::Met], vec![State::Met]));
}

fn states(journey: &Journey, rule: &str) -> Vec<State> {
    let question = Question::as_at("2024-12-31".parse().unwrap());
    let clocks = ClockEngine::new(RuleBook::built_in()).run(journey, &question).clocks;
    clocks.iter().filter(|clock| clock.rule.id.as_str() == rule).map(|clock| clock.state).collect()
}

/// Ann has one enquiry, or two that run beside each other.
#[test]
fn an_act_that_names_nothing_is_answered_alike_in_whichever_stream_it_stands() {
    let untold = State::CannotTell(Why::UnlinkedEvent);
    for (enquiries, expected) in [(1, vec![State::Met]), (2, vec![untold, untold])] {
        let answers = [ANN, HOUSEHOLD].map(|stream| {
            let body = InitialConferenceHeld { kind: InitialConferenceKind::Initial, ..Default::default() };
            let mut events =
                vec![joined(1, ANN, "2024-01-01"), event(5, stream, "2024-03-11", body), enquiry(3, ANN, 31)];
            let later = Section47EnquiryStarted { stated_conference_target: None };
            let later = about(event(4, ANN, "2024-03-04", later), &[(EntityRole::Enquiry, 33)]);
            events.extend((enquiries > 1).then_some(later));
            let (ann, ..) = known(&events, "2025-01-01");
            [states(&ann, "CP-04"), states(&ann, "CP-05")]
        });
        assert_eq!(answers, [[expected.clone(), expected.clone()], [expected.clone(), expected]]);
    }
}

fn issued(number: u128, child: StreamId, application: u128, day: &str) -> RecordedEvent {
    let processes = [(EntityRole::Application, application), (EntityRole::Proceedings, 80)];
    about(event(number, child, day, ApplicationIssued::default()), &processes)
}

fn hearing(number: u128, day: &str) -> RecordedEvent {
    let body = HearingHeld { kind: HearingKind::CaseManagement, directions: None, next_on: None };
    about(event(number, SET, day, body), &[(EntityRole::Hearing, number), (EntityRole::Proceedings, 80)])
}

fn order(number: u128, stream: StreamId, application: u128, day: &str) -> RecordedEvent {
    let body = FinalOrderMade { order: Code::try_new("care_order").unwrap(), care_plan: None };
    let processes = [(EntityRole::Application, application), (EntityRole::Proceedings, 80)];
    about(event(number, stream, day, body), &processes)
}

#[test]
fn a_hearing_of_the_set_stands_with_each_child_from_issue_to_the_end_of_the_own_application() {
    let events = [
        issued(1, ANN, 61, "2024-01-10"),
        issued(2, BEN, 62, "2024-02-10"),
        hearing(3, "2024-01-20"),
        hearing(4, "2024-02-20"),
        order(5, SET, 62, "2024-03-01"),
        hearing(6, "2024-04-01"),
    ];
    let (ann, ben, _) = known(&events, "2025-01-01");
    assert_eq!(days(&ann, Kind::HearingHeld), ["2024-01-20", "2024-02-20", "2024-04-01"]);
    assert_eq!(days(&ben, Kind::HearingHeld), ["2024-02-20"]);
    assert_eq!(days(&ben, Kind::FinalOrderMade), ["2024-03-01"]);
    assert!(days(&ann, Kind::FinalOrderMade).is_empty(), "the order disposes of Ben's application");
    let linked = |journey: &Journey, application: u128| {
        let hearings = journey.events.iter().filter(|event| event.kind() == Kind::HearingHeld);
        hearings
            .map(|event| event.entities.get(EntityRole::Application))
            .all(|held| held == Some(entity(application)))
    };
    assert!(linked(&ann, 61) && linked(&ben, 62));
}

#[test]
fn who_joined_a_set_is_named_by_it_and_goes_with_it_into_another() {
    let join = |number, child, day| {
        let body = ChildJoinedProceedings { child: Some(child), issued_on: None };
        about(event(number, SET, day, body), &[(EntityRole::Proceedings, 80)])
    };
    let events = [join(1, ANN, "2024-01-10"), hearing(2, "2024-02-01")];
    let (ann, ben, groups) = known(&events, "2025-01-01");
    assert_eq!(days(&ann, Kind::HearingHeld), ["2024-02-01"]);
    assert_eq!(days(&ann, Kind::ChildJoinedProceedings), ["2024-01-10"]);
    assert!(ben.events.is_empty());
    let known_now = KnownAt { basis: Basis::Ledger, until: None };
    let mut first = groups.of_stream(SET).unwrap().clone();
    let into = ProceedingsConsolidated { into: entity(81) };
    let consolidated = about(event(3, SET, "2024-03-01", into), &[(EntityRole::Proceedings, 80)]);
    let all: Vec<_> = events.iter().cloned().chain([consolidated]).collect();
    first.journey = Journey::known(&all, known_now);
    let mut later = [hearing(4, "2024-02-20"), hearing(5, "2024-03-20")];
    for held in &mut later {
        held.stream = StreamId(Uuid::from_u128(201));
        held.event.entities.insert(EntityRole::Proceedings, entity(81));
    }
    let second = Group::known(&later, known_now).unwrap();
    let ann = Groups::new(vec![first, second]).complete(ANN, Journey::default());
    assert_eq!(days(&ann, Kind::HearingHeld), ["2024-02-01", "2024-03-20"]);
}

/// Journeys of families, as figures of families take them.
fn families(events: &[RecordedEvent]) -> Vec<Journey> {
    let asked: RecordedKinds = [Kind::LeadProfessionalAssigned, Kind::EarlyHelpClosed].into_iter().collect();
    let (ann, ben, groups) = known(events, "2025-01-01");
    let mut acts = Acts::of(Category::Household, asked, RuleBook::built_in().endings());
    acts.take(ANN, &ann, &groups);
    acts.take(BEN, &ben, &groups);
    acts.journeys(&groups).into_iter().map(|(_, journey)| journey).collect()
}

fn lead(number: u128, stream: StreamId, case: u128) -> RecordedEvent {
    let body = LeadProfessionalAssigned { agency: None };
    about(event(number, stream, "2024-02-01", body), &[(EntityRole::EarlyHelpCase, case)])
}

#[test]
fn one_act_counts_once_for_a_family_wherever_it_was_written_down() {
    let lead =
        |number, stream| event(number, stream, "2024-02-01", LeadProfessionalAssigned { agency: None });
    let alone = [lead(1, ANN), lead(2, BEN)];
    assert_eq!(families(&alone).len(), 2, "children of no household are families of their own");
    let mut together = alone.clone();
    together[1].command_id = together[0].command_id;
    assert_eq!(families(&together).len(), 1, "one request recorded one act with both");
    let members = [joined(3, ANN, "2024-01-01"), joined(4, BEN, "2024-01-01")];
    let all: Vec<_> = together.iter().cloned().chain(members.clone()).collect();
    let of_family = families(&all);
    assert_eq!(of_family.len(), 1);
    assert_eq!(days(&of_family[0], Kind::LeadProfessionalAssigned).len(), 1);
}

/// The same command for all.
fn by_one_command<const N: usize>(mut events: [RecordedEvent; N], command: CommandId) -> [RecordedEvent; N] {
    events.iter_mut().for_each(|event| event.command_id = command);
    events
}

#[test]
fn several_acts_of_one_kind_in_one_command_stay_several() {
    let request = CommandId(Uuid::from_u128(77));
    let led = |number, stream, day: &str, agency: &str| {
        let body = LeadProfessionalAssigned { agency: Some(Code::try_new(agency).unwrap()) };
        event(number, stream, day, body)
    };
    let school = led(1, ANN, "2024-02-01", "school");
    let count = |other| families(&by_one_command([school.clone(), other], request)).len();
    assert_eq!(count(led(2, BEN, "2024-02-01", "school")), 1, "the same was said of both");
    assert_eq!(count(led(2, BEN, "2024-02-01", "police")), 2, "other words");
    assert_eq!(count(led(2, BEN, "2024-02-02", "school")), 2, "another day");
    let of_case = |event, case| about(event, &[(EntityRole::EarlyHelpCase, case)]);
    let cases = [of_case(school.clone(), 41), of_case(led(2, BEN, "2024-02-01", "school"), 42)];
    assert_eq!(families(&by_one_command(cases, request)).len(), 2, "other processes");
    let twice = [school.clone(), led(2, ANN, "2024-02-01", "school")];
    let of_ann = families(&by_one_command(twice, request));
    assert_eq!(days(&of_ann[0], Kind::LeadProfessionalAssigned).len(), 2, "one stream holds no copies");
}

#[test]
fn rows_of_one_import_are_not_one_act_for_their_command() {
    let lead =
        |number, stream| event(number, stream, "2024-02-01", LeadProfessionalAssigned { agency: None });
    // 1 January 2000 in milliseconds, as the first 48 bits of the id.
    let chunk = CommandId(Uuid::from_u128((946_684_800_000 << 80) | (7 << 76) | (2 << 62) | 5));
    assert!(chunk.is_chunk());
    assert_eq!(families(&by_one_command([lead(1, ANN), lead(2, BEN)], chunk)).len(), 2, "a file of events");
    let mut rows = by_one_command([lead(1, ANN), lead(2, BEN)], CommandId(Uuid::from_u128(77)));
    for (row, event) in (1..).zip(&mut rows) {
        event.context.import = Some(ImportRef {
            import: ImportId(Uuid::from_u128(6)),
            as_at: "2024-03-31".parse().unwrap(),
            sheet: "list_1".to_owned(),
            row,
        });
    }
    assert_eq!(families(&rows).len(), 2, "an extract");
}

#[test]
fn applications_of_one_command_are_as_many_as_their_processes() {
    let application = |number, child, id| {
        let issued = event(number, child, "2024-01-10", ApplicationIssued::default());
        about(issued, &[(EntityRole::Application, id)])
    };
    let sets = |second| {
        let events = by_one_command([application(1, ANN, 61), second], CommandId(Uuid::from_u128(77)));
        let (ann, ben, groups) = known(&events, "2025-01-01");
        let asked: RecordedKinds = [Kind::ApplicationIssued].into_iter().collect();
        let mut acts = Acts::of(Category::Proceedings, asked, RuleBook::built_in().endings());
        acts.take(ANN, &ann, &groups);
        acts.take(BEN, &ben, &groups);
        acts.journeys(&groups).len()
    };
    assert_eq!((sets(application(2, BEN, 62)), sets(application(2, BEN, 61))), (2, 1));
}

#[test]
fn a_correction_does_not_part_copies_of_one_request() {
    let lead =
        |number, stream| event(number, stream, "2024-02-01", LeadProfessionalAssigned { agency: None });
    let [of_group, own] = by_one_command([lead(2, HOUSEHOLD), lead(3, ANN)], CommandId(Uuid::from_u128(77)));
    let corrected = correction(4, HOUSEHOLD, of_group.clone(), "2024-02-05", "2024-03-01");
    let events = [joined(1, ANN, "2024-01-01"), of_group, own, corrected];
    assert_eq!(days(&known(&events, "2025-01-01").0, Kind::LeadProfessionalAssigned), ["2024-02-05"]);
}

#[test]
fn help_for_a_family_ends_with_the_last_of_its_children() {
    let begun = |number, child, case| {
        let body = EarlyHelpRequested { source: None, consent: None };
        about(event(number, child, "2024-01-15", body), &[(EntityRole::EarlyHelpCase, case)])
    };
    let closed = |number, child, case, day| {
        let body = EarlyHelpClosed { reason: None, outcome: None };
        about(event(number, child, day, body), &[(EntityRole::EarlyHelpCase, case)])
    };
    let events = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        begun(3, ANN, 41),
        begun(4, BEN, 42),
        lead(5, HOUSEHOLD, 41),
        closed(6, ANN, 41, "2024-06-01"),
        closed(7, BEN, 42, "2024-08-01"),
    ];
    let of_family = families(&events);
    assert_eq!(days(&of_family[0], Kind::EarlyHelpClosed), ["2024-08-01"]);
}

/// Most sources link an order to its application and say of the application alone in which set it was made.
#[test]
fn an_order_that_names_its_application_alone_ends_it_in_the_applications_set() {
    let order = FinalOrderMade { order: Code::try_new("care_order").unwrap(), care_plan: None };
    let made = about(event(2, ANN, "2024-06-01", order), &[(EntityRole::Application, 60)]);
    let (ann, _, groups) = known(&[issued(1, ANN, 60, "2024-01-10"), made], "2024-12-31");
    let asked: RecordedKinds = [Kind::ApplicationIssued, Kind::FinalOrderMade].into_iter().collect();
    let mut acts = Acts::of(Category::Proceedings, asked, RuleBook::built_in().endings());
    acts.take(ANN, &ann, &groups);
    let sets = acts.journeys(&groups);
    assert_eq!(sets.len(), 1, "the order made a set of its own");
    assert_eq!(sets[0].1.events.len(), 2);
}
mod ended;
mod of_files;
