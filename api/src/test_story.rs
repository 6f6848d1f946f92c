//! Three invented children, held in memory, for tests of pages and schema.
//!
//! Every child is invented. One has a late, corrected conference, a withdrawn contact and a disputed row; one
//! comes from an import with source times and is looked after; of one nothing runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::clocks::{Answers, ClockEngine};
use domain::envelope::{Category, EventContext, ImportRef};
use domain::events::assessment::{AssessmentKind, AssessmentStarted};
use domain::events::child_protection::*;
use domain::events::front_door::{
    CaseClosed, ContactReceived, ReferralDecisionMade, ReferralOutcome, ReferralReceived,
};
use domain::events::identity::ChildRegistered;
use domain::events::looked_after::{
    BecameLookedAfter, LookedAfterReviewHeld, LookedAfterVisitMade, PlacementStarted,
};
use domain::events::record_keeping::*;
use domain::events::{Body, CaseEvent, Code, EntityRole as Role, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, ImportId, LedgerId, Position, Revision, StreamId};
use domain::journey::{Journey, RecordedKinds};
use domain::observations::observe;
use domain::rules::RuleBook;
use domain::time::SourceTime;
use projections::episodes::episodes;
use projections::indicators::{Indicators, Period};
use projections::summary::summarise;
use replay::{Asked, ChildReplay, Knowledge};
use uuid::Uuid;

use crate::reading::{Answer, ChildLine, ClockLine, Covered, LedgerState, Provenance, Reading};

/// The first child: late, corrected, withdrawn, disputed.
pub(crate) const FIRST: StreamId = StreamId(Uuid::from_u128(0xA1));
/// The second child: imported, looked after.
pub(crate) const SECOND: StreamId = StreamId(Uuid::from_u128(0xB2));
/// The third child: nothing runs.
pub(crate) const THIRD: StreamId = StreamId(Uuid::from_u128(0xC3));
/// The conference of the first child, which was recorded late and corrected.
pub(crate) const CONFERENCE: EventId = EventId(Uuid::from_u128(1007));

/// The server's clock in tests.
pub(crate) fn now() -> DateTime<Utc> {
    "2025-06-10T09:00:00Z".parse().expect("a valid time")
}

/// Answers from memory.
pub(crate) struct Story {
    children: BTreeMap<StreamId, (String, Vec<RecordedEvent>)>,
    engine: ClockEngine<'static>,
    /// Up to where witnesses signed; `None` where none is set up.
    pub(crate) witnessed: Option<u64>,
}

impl Story {
    pub(crate) fn told() -> Self {
        let mut telling =
            Telling { recorded: Vec::new(), context: EventContext::new(Uuid::from_u128(5), "social_worker") };
        telling.context.team = Some("North team".to_owned());
        telling.first();
        telling.third();
        telling.second();
        let mut children: BTreeMap<StreamId, (String, Vec<RecordedEvent>)> = BTreeMap::new();
        for event in telling.recorded {
            let name = [(FIRST, "INVENTED-1"), (SECOND, "INVENTED-2"), (THIRD, "INVENTED-3")];
            let name =
                name.into_iter().find(|(stream, _)| *stream == event.stream).map_or("", |(_, name)| name);
            children.entry(event.stream).or_insert_with(|| (name.to_owned(), Vec::new())).1.push(event);
        }
        Self { children, engine: ClockEngine::new(RuleBook::built_in()), witnessed: Some(1) }
    }

    /// What is recorded of a child.
    pub(crate) fn history(&self, stream: StreamId) -> &[RecordedEvent] {
        self.children.get(&stream).map_or(&[], |(_, events)| events)
    }

    fn state(&self) -> LedgerState {
        let last = self.children.values().flat_map(|(_, events)| events).max_by_key(|event| event.position);
        let last = last.expect("the story holds events");
        LedgerState {
            id: LedgerId(Uuid::from_u128(0xEE)),
            epoch: 1,
            authority: "E09000001".to_owned(),
            began: "2025-03-01T08:00:00Z".parse().expect("a valid time"),
            head: last.position,
            head_recorded_at: last.recorded_at,
        }
    }

    fn resolved(&self, asked: Asked) -> Knowledge {
        let state = self.state();
        let events = self.children.values().flat_map(|(_, events)| events);
        let until = asked.known.until.filter(|_| asked.known.basis == domain::journey::Basis::Ledger);
        let known = events.filter(|event| until.is_none_or(|until| event.recorded_at <= until));
        let moment = asked.known.until.map_or(asked.now, |until| until.min(asked.now));
        let day = domain::time::london_day(moment);
        Knowledge {
            known: asked.known,
            as_at: asked.as_at.unwrap_or(day),
            ledger: state.id,
            epoch: 1,
            position: known.map(|event| event.position).max(),
            provisional: asked.known.until.is_none_or(|until| until > state.head_recorded_at),
            ledger_began: state.began,
            calendar_known: domain::calendar::KnownDay::new(day),
            recorded: self.recorded(until),
        }
    }

    /// What an authority must return, and what stands in the story by then.
    fn recorded(&self, until: Option<DateTime<Utc>>) -> RecordedKinds {
        let events = self.children.values().flat_map(|(_, events)| events);
        let known = events.filter(|event| until.is_none_or(|until| event.recorded_at <= until));
        RecordedKinds::of_any_authority().and(known.map(|event| event.event.body.kind()).collect())
    }

    fn endings(&self) -> &'static domain::rules::Endings {
        RuleBook::built_in().endings()
    }

    fn fold(&self, events: &[RecordedEvent], knowledge: &Knowledge) -> (Journey, Answers<'static>) {
        let journey = Journey::known(events, knowledge.known);
        let answers = self.engine.run(&journey, &knowledge.question());
        (journey, answers)
    }
}

impl Reading for Story {
    fn ledger(&self) -> Answer<'_, LedgerState> {
        Box::pin(async { Ok(self.state()) })
    }

    fn covered(&self, _: DateTime<Utc>) -> Answer<'_, Covered> {
        let (signed, witnessed) = (Some(self.state().head.0), self.witnessed);
        Box::pin(async move { Ok(Covered { signed, witnessed }) })
    }

    fn resolve(&self, asked: Asked) -> Answer<'_, Knowledge> {
        Box::pin(async move { Ok(self.resolved(asked)) })
    }

    fn find<'a>(&'a self, reference: &'a str) -> Answer<'a, Vec<StreamId>> {
        Box::pin(async move {
            let named = self
                .children
                .iter()
                .filter(|(stream, (name, _))| name == reference || stream.to_string() == reference);
            Ok(named.map(|(stream, _)| *stream).collect())
        })
    }

    fn child(&self, stream: StreamId, knowledge: Knowledge) -> Answer<'_, Option<ChildReplay>> {
        Box::pin(async move {
            let Some((_, recorded)) = self.children.get(&stream) else { return Ok(None) };
            let (journey, answers) = self.fold(recorded, &knowledge);
            Ok(Some(ChildReplay {
                category: domain::envelope::Category::Child,
                stream,
                summary: summarise(&journey, self.endings(), knowledge.as_at),
                episodes: episodes(&journey, self.endings(), knowledge.as_at),
                observations: observe(&journey, knowledge.as_at, self.endings()),
                recorded: recorded.clone(),
                journey,
                answers,
                knowledge,
                disposed: Vec::new(),
            }))
        })
    }

    fn reference(&self, stream: StreamId) -> Answer<'_, Option<String>> {
        Box::pin(async move { Ok(self.children.get(&stream).map(|(name, _)| name.clone())) })
    }

    fn provenance(&self, stream: StreamId, event: EventId) -> Answer<'_, Option<Provenance>> {
        Box::pin(async move {
            let held = self
                .children
                .get(&stream)
                .and_then(|(_, events)| events.iter().find(|held| held.event_id == event));
            Ok(held.map(|held| Provenance {
                revision: held.revision,
                schema_version: 1,
                leaf_hash: Some("ab".repeat(32)),
            }))
        })
    }

    fn population(&self, knowledge: Knowledge) -> Answer<'_, Arc<Vec<ChildLine>>> {
        Box::pin(async move {
            let folded =
                self.children.iter().map(|(stream, (_, events))| (*stream, self.fold(events, &knowledge)));
            let known = folded.filter(|(_, (journey, _))| journey.last_position.is_some());
            let lines = known.map(|(stream, (journey, answers))| ChildLine {
                stream,
                summary: summarise(&journey, self.endings(), knowledge.as_at),
                clocks: answers
                    .clocks
                    .iter()
                    .filter(|clock| !clock.marks.repeated)
                    .map(ClockLine::of)
                    .collect(),
            });
            Ok(Arc::new(lines.collect()))
        })
    }

    fn indicators(&self, knowledge: Knowledge, period: Period) -> Answer<'_, Indicators> {
        Box::pin(async move {
            let mut indicators = Indicators::default();
            for (stream, (_, events)) in &self.children {
                indicators.count(*stream, &self.fold(events, &knowledge).1, period);
            }
            Ok(indicators)
        })
    }
}

/// Records events one after the other, as a ledger would.
struct Telling {
    recorded: Vec<RecordedEvent>,
    context: EventContext,
}

impl Telling {
    fn tell(
        &mut self,
        stream: StreamId,
        recorded_at: &str,
        occurred: &str,
        body: impl Into<Body>,
        processes: &[(Role, u128)],
    ) {
        let mut event = CaseEvent::new(occurred.parse().expect("a valid occurrence"), body);
        for (role, number) in processes {
            event = event.of(*role, EntityId(Uuid::from_u128(*number)));
        }
        let number = u64::try_from(self.recorded.len() + 1).expect("few events");
        let revision = self.recorded.iter().filter(|held| held.stream == stream).count() + 1;
        self.recorded.push(RecordedEvent {
            position: Position(number),
            stream,
            category: Category::Child,
            revision: Revision(u32::try_from(revision).expect("few events")),
            event_id: EventId(Uuid::from_u128(1000 + u128::from(number))),
            command_id: CommandId(Uuid::from_u128(u128::from(number))),
            recorded_at: format!("{recorded_at}:00Z").parse().expect("a valid time"),
            context: self.context.clone(),
            event,
        });
    }

    fn first(&mut self) {
        let covered = HistoryCoverageStated {
            kinds: std::collections::BTreeSet::new(),
            extent: CoverageExtent::Complete,
            from: None,
            to: None,
            import: None,
        };
        self.tell(FIRST, "2025-03-03T09:10", "2025-03-03", registered("2019-05-02"), &[]);
        self.tell(FIRST, "2025-03-03T09:11", "2025-03-03", covered, &[]);
        self.tell(
            FIRST,
            "2025-03-03T09:12",
            "2025-03-03T08:55+00:00",
            ReferralReceived {
                source: Some(code("2A")),
                primary_need: Some(code("N1")),
                ..Default::default()
            },
            &[(Role::Referral, 1)],
        );
        self.tell(
            FIRST,
            "2025-03-04T10:00",
            "2025-03-04",
            ReferralDecisionMade { outcome: ReferralOutcome::Progressed },
            &[(Role::Referral, 1)],
        );
        self.tell(
            FIRST,
            "2025-03-05T16:30",
            "2025-03-05",
            AssessmentStarted { kind: AssessmentKind::Single },
            &[(Role::Assessment, 2), (Role::Referral, 1)],
        );
        self.tell(
            FIRST,
            "2025-03-10T17:00",
            "2025-03-10T14:30+00:00",
            StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() },
            &[(Role::StrategyDiscussion, 3), (Role::Enquiry, 4)],
        );
        let held = InitialConferenceHeld {
            kind: InitialConferenceKind::Initial,
            led_to_plan: Some(true),
            ..Default::default()
        };
        let conference = [(Role::Conference, 5), (Role::Enquiry, 4)];
        self.tell(FIRST, "2025-04-14T11:00", "2025-03-29", held.clone(), &conference);
        self.tell(
            FIRST,
            "2025-03-11T09:00",
            "2025-03-10",
            Section47EnquiryStarted { stated_conference_target: None },
            &[(Role::Enquiry, 4)],
        );
        self.tell(
            FIRST,
            "2025-04-14T11:05",
            "2025-04-02",
            ChildProtectionPlanStarted { category: Some(code("NEG")), stated_previous_plans: Some(0) },
            &[(Role::Plan, 6), (Role::Conference, 5)],
        );
        for day in ["2025-04-11", "2025-04-25", "2025-05-09"] {
            self.tell(
                FIRST,
                &format!("{day}T18:00"),
                day,
                ChildProtectionVisitMade { alone: Some(true), ..Default::default() },
                &[(Role::Plan, 6)],
            );
        }
        self.tell(FIRST, "2025-04-16T09:00", "2025-04-12", CoreGroupHeld::default(), &[(Role::Plan, 6)]);
        self.correct(&held);
        self.tell(
            FIRST,
            "2025-05-07T09:00",
            "2025-04-30",
            ContactReceived { source: None, ..Default::default() },
            &[(Role::Contact, 7)],
        );
        let target = self.last();
        self.tell(
            FIRST,
            "2025-05-08T09:00",
            "2025-05-08",
            EventWithdrawn {
                target,
                reason: CorrectionReason::WrongChild,
                authorised_by: None,
                inferred: false,
            },
            &[],
        );
        let claim = CaseEvent::new("2025-03-20".parse().expect("a day"), held)
            .of(Role::Conference, EntityId(Uuid::from_u128(8)));
        self.tell(
            FIRST,
            "2025-05-20T09:00",
            "2025-03-20",
            SourceClaimDisputed {
                claim: Box::new(claim),
                contradicts: Some(CONFERENCE),
                reason: DisputeReason::ContradictsHeldFact,
            },
            &[],
        );
    }

    /// The conference was held on 2 April, not on 29 March, a Saturday.
    fn correct(&mut self, held: &InitialConferenceHeld) {
        let mut replacement = CaseEvent::new("2025-04-02".parse().expect("a day"), held.clone());
        for (role, number) in [(Role::Conference, 5), (Role::Enquiry, 4)] {
            replacement = replacement.of(role, EntityId(Uuid::from_u128(number)));
        }
        let correction = EventCorrected {
            target: CONFERENCE,
            replacement: Box::new(replacement),
            changed: ["occurred".to_owned()].into(),
            reason: CorrectionReason::TypingError,
            authorised_by: None,
            inferred: false,
        };
        self.tell(FIRST, "2025-05-06T12:00", "2025-05-06", correction, &[]);
    }

    fn last(&self) -> EventId {
        self.recorded.last().expect("something was told").event_id
    }

    fn third(&mut self) {
        self.tell(THIRD, "2025-05-21T09:00", "2025-05-21", registered("2012-11-30"), &[]);
        self.tell(
            THIRD,
            "2025-05-21T09:05",
            "2025-05-20",
            ReferralReceived { source: None, primary_need: None, ..Default::default() },
            &[(Role::Referral, 20)],
        );
        self.tell(
            THIRD,
            "2025-05-22T09:05",
            "2025-05-21",
            ReferralDecisionMade { outcome: ReferralOutcome::NoFurtherAction },
            &[(Role::Referral, 20)],
        );
        self.tell(
            THIRD,
            "2025-05-22T09:06",
            "2025-05-21",
            CaseClosed { reason: None },
            &[(Role::Referral, 20)],
        );
    }

    /// From one import of 2 June, with the entry times that the source states.
    fn second(&mut self) {
        let mut row = 1;
        let mut import = |this: &mut Self, entered: &str| {
            row += 1;
            let import = ImportId(Uuid::from_u128(0x1F));
            let as_at = "2025-05-31".parse().expect("a day");
            this.context = EventContext::new(Uuid::from_u128(0x1F), "import");
            this.context.import = Some(ImportRef { import, as_at, sheet: "list_8".to_owned(), row });
            this.context.source_recorded_at = entered.parse::<SourceTime>().ok();
        };
        let care = [(Role::PeriodOfCare, 30)];
        let at = "2025-06-02T07:30";
        import(self, "2024-09-02");
        self.tell(SECOND, at, "2024-09-02", registered("2010-02-14"), &[]);
        import(self, "2024-09-03");
        self.tell(
            SECOND,
            at,
            "2024-09-02",
            BecameLookedAfter {
                category_of_need: Some(code("N1")),
                legal_status: Some(code("V2")),
                ..Default::default()
            },
            &care,
        );
        import(self, "2024-09-30");
        self.tell(
            SECOND,
            at,
            "2024-09-02",
            PlacementStarted {
                placement_type: Some(code("U4")),
                provider: None,
                short_break: Some(false),
                ..Default::default()
            },
            &[(Role::Placement, 31), (Role::PeriodOfCare, 30)],
        );
        import(self, "2024-09-27");
        self.tell(
            SECOND,
            at,
            "2024-09-27",
            LookedAfterReviewHeld { participation: Some(code("PN1")), ..Default::default() },
            &[(Role::Review, 32), (Role::PeriodOfCare, 30)],
        );
        import(self, "2025-01-10");
        self.tell(
            SECOND,
            at,
            "2025-01-03/2025-01-09",
            LookedAfterVisitMade { alone: None, ..Default::default() },
            &care,
        );
    }
}

fn registered(born_on: &str) -> ChildRegistered {
    ChildRegistered {
        date_of_birth: born_on.parse().ok(),
        expected_date_of_birth: None,
        sex: None,
        ethnicity: None,
        disabilities: std::collections::BTreeSet::new(),
        upn_unknown: None,
    }
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}
