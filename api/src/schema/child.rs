//! One child: what runs, the timeline, the clocks, what stands out.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::clock::Clock;
use super::failure::{fail, of_reading};
use super::knowledge::{Basis, Knowledge, versions};
use super::scalars::Date;
use super::timeline::{self, TimelineConnection};
use super::{lists, rules, state};
use crate::asked::{Asked, Moment};
use crate::child_view::ChildView;
use crate::errors::Code;

/// One child with one knowledge.
#[derive(Clone)]
pub(super) struct Child {
    view: Arc<ChildView>,
}

impl Child {
    pub(super) fn new(view: ChildView) -> Self {
        Self { view: Arc::new(view) }
    }

    /// The same child with other knowledge where a field asks for it.
    async fn with(&self, context: &Context<'_>, other: Other) -> Result<Arc<ChildView>> {
        let held = self.view.knowledge.asked;
        let asked = Asked {
            known_at: other.known_at.map(Moment::At).or(held.known_at),
            basis: other.basis.map_or(held.basis, Into::into),
            as_at: other.as_at.map(|day| day.0).or(held.as_at),
        };
        if asked == held {
            return Ok(Arc::clone(&self.view));
        }
        let state = state(context)?;
        let view =
            ChildView::load(state.reading.as_ref(), self.view.replay.stream, asked, (state.now)()).await;
        let view = view.map_err(of_reading)?;
        view.map(Arc::new).ok_or_else(|| fail(Code::NotFound, "no child has this stream any more"))
    }
}

/// What a field of a child may ask otherwise than its root.
struct Other {
    known_at: Option<DateTime<Utc>>,
    basis: Option<Basis>,
    as_at: Option<Date>,
}

/// One child, as known.
#[Object]
impl Child {
    /// The child's stream: random, with nothing inside it.
    async fn stream(&self) -> Uuid {
        self.view.replay.stream.as_uuid()
    }

    /// What the authority calls the child; null where the key to it is not held.
    async fn reference(&self) -> Option<&str> {
        self.view.reference.as_deref()
    }

    /// The knowledge that the child's own fields rest on.
    async fn knowledge(&self) -> Knowledge {
        knowledge(&self.view)
    }

    /// Date of birth.
    async fn born_on(&self) -> Option<Date> {
        self.view.replay.summary.life.born_on.map(Date)
    }

    /// Expected date of birth.
    async fn expected_on(&self) -> Option<Date> {
        self.view.replay.summary.life.expected_on.map(Date)
    }

    /// Date of death.
    async fn died_on(&self) -> Option<Date> {
        self.view.replay.summary.life.died_on.map(Date)
    }

    /// What is running, the most intensive first; with “: cannot tell” behind it where readings of the record differ; empty where
    /// nothing is.
    async fn running(&self) -> Vec<&'static str> {
        self.view.replay.summary.status.words()
    }

    /// The team of the last record that names one: on an extract, the team on the extract's day.
    async fn team(&self) -> Option<&str> {
        self.view.replay.summary.team.as_deref()
    }

    /// How much stands in the record, and how much of it stands out.
    async fn record(&self) -> Record {
        Record::of(&self.view.replay.summary)
    }

    /// Everything known, in practice order, the earliest first.
    #[graphql(complexity = "lists::rows(first) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each argument is one of the question's, named by the schema"
    )]
    async fn timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Rows of the page, 1 to 100.")] first: i32,
        after: Option<String>,
        #[graphql(desc = "Only these kinds, by their names, such as `initial_conference_held`.")]
        kinds: Option<Vec<String>>,
        #[graphql(desc = "What was known up to and including this instant; absent means as for the child.")]
        known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "According to whom; absent means as for the child.")] basis: Option<Basis>,
        #[graphql(desc = "The day that the question is about; absent means as for the child.")] as_at: Option<
            Date,
        >,
    ) -> Result<TimelineConnection> {
        let view = self.with(context, Other { known_at, basis, as_at }).await?;
        timeline::connection(&view, first, after.as_deref(), kinds.as_deref())
    }

    /// Every clock that a rule started, in order of rules.
    #[graphql(complexity = "10 * child_complexity")]
    async fn clocks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only clocks of this rule, for instance `CP-04`.")] rule: Option<String>,
        #[graphql(desc = "Only clocks that wait for their stop.", default)] open_only: bool,
        #[graphql(desc = "What was known up to and including this instant; absent means as for the child.")]
        known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "According to whom; absent means as for the child.")] basis: Option<Basis>,
        #[graphql(desc = "The day that the question is about; absent means as for the child.")] as_at: Option<
            Date,
        >,
    ) -> Result<Clocks> {
        rules::known(state(context)?.reading.book(), rule.as_deref())?;
        let view = self.with(context, Other { known_at, basis, as_at }).await?;
        let wanted = |clock: &&domain::clocks::Clock<'static>| {
            rule.as_deref().is_none_or(|rule| clock.rule.id.as_str() == rule)
                && (!open_only || clock.is_open())
        };
        let found = view.replay.answers.clocks.iter().filter(wanted).cloned();
        let clocks = found.map(|clock| Clock { clock, knowledge: view.knowledge.resolved }).collect();
        Ok(Clocks { clocks, knowledge: knowledge(&view) })
    }

    /// What is irregular in the record.
    async fn observations(&self) -> Vec<Observation> {
        let found = self.view.replay.observations.iter();
        found
            .map(|observation| Observation {
                code: observation.code.name(),
                sentence: observation.code.sentence(),
                events: observation.events.iter().map(|event| event.as_uuid()).collect(),
            })
            .collect()
    }
}

fn knowledge(view: &ChildView) -> Knowledge {
    let clocks = view.replay.answers.clocks.iter();
    let versions = versions(clocks.map(|clock| (clock.rule.id.as_str(), clock.version.name.as_ref())));
    Knowledge::of(&view.knowledge, versions)
}

/// Clocks with the knowledge that they rest on.
#[derive(SimpleObject)]
pub(super) struct Clocks {
    /// The clocks.
    clocks: Vec<Clock>,
    /// The knowledge that they rest on.
    knowledge: Knowledge,
}

/// How much stands in a child's record.
#[derive(SimpleObject)]
pub(super) struct Record {
    /// Known events.
    events: usize,
    /// Events that were entered more than 10 days after they happened.
    late: usize,
    /// Corrected events.
    corrected: usize,
    /// Withdrawn events.
    withdrawn: usize,
    /// Disputed rows of sources.
    disputed: usize,
    /// Observations.
    observations: usize,
    /// The last day on which something happened.
    last_event_on: Option<Date>,
}

impl Record {
    pub(super) fn of(summary: &projections::summary::ChildSummary) -> Self {
        Self {
            events: summary.events,
            late: summary.late_records,
            corrected: summary.corrected,
            withdrawn: summary.withdrawn,
            disputed: summary.disputed,
            observations: summary.observations,
            last_event_on: summary.last_event_on.map(Date),
        }
    }
}

/// Something irregular.
#[derive(SimpleObject)]
pub(super) struct Observation {
    /// What it is.
    code: &'static str,
    /// The same as a fragment of a sentence.
    sentence: &'static str,
    /// The events involved.
    events: Vec<Uuid>,
}
