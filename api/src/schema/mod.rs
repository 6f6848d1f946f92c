//! The GraphQL schema. A resolver asks `reading` and words nothing; it decides nothing about practice.
//!
//! Invariants: every root that answers with facts takes `knownAt`, `basis` and `asAt` and returns the resolved
//! `knowledge`; every list takes `first` from 1 to 100; positions are strings. `docs/schema.graphql` is this
//! schema, held equal by a test.

mod child;
mod clock;
mod cursor;
mod failure;
mod figures;
mod indicators;
mod knowledge;
mod lists;
mod rules;
mod scalars;
mod timeline;

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Result, Schema};
use chrono::{DateTime, Utc};
use projections::status::Running;

use crate::access::{Action, Decision, decide};
use crate::asked::{Asked, Knowledge, Moment};
use crate::child_view::ChildView;
use crate::errors::Code;
use crate::state::AppState;
use child::Child;
use failure::{fail, of_reading};
use indicators::IndicatorsAnswer;
use knowledge::{Basis, LedgerAnswer};
use lists::{ChildConnection, DueConnection};
use rules::Rule;
use scalars::Date;

/// The schema of the server.
pub type LedgerSchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// The most that one document may cost: about a page of 100 rows with 40 fields each.
const COMPLEXITY: usize = 5_000;

/// The schema over a state.
pub fn schema(state: AppState) -> LedgerSchema {
    Schema::build(Query, EmptyMutation, EmptySubscription)
        .data(state)
        .limit_complexity(COMPLEXITY)
        .limit_directives(4)
        .finish()
}

/// The schema in the schema definition language, as `docs/schema.graphql` holds it.
pub fn sdl() -> String {
    let options =
        async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items().use_space_ident();
    Schema::build(Query, EmptyMutation, EmptySubscription).finish().sdl_with_options(options)
}

/// Questions about the record. All of them read.
#[derive(Debug)]
pub struct Query;

#[Object]
impl Query {
    /// The ledger, its head, and how a moment of knowledge resolves in it.
    async fn ledger(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Up to and including this instant; absent means all that the ledger holds.")]
        known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "According to whom something was known.", default)] basis: Basis,
        #[graphql(desc = "The day that the question is about; absent means the day of `knownAt`, or today.")]
        as_at: Option<Date>,
    ) -> Result<LedgerAnswer> {
        permit(context, Action::SeeLedger)?;
        Ok(LedgerAnswer(resolve(context, asked(known_at, basis, as_at)).await?))
    }

    /// One child, by the authority's own id (or another identifier) or by the stream's id: exactly one of them.
    /// Null where nobody has it.
    #[graphql(complexity = "5 + child_complexity")]
    async fn child(
        &self,
        context: &Context<'_>,
        reference: Option<String>,
        stream: Option<uuid::Uuid>,
        known_at: Option<DateTime<Utc>>,
        #[graphql(default)] basis: Basis,
        as_at: Option<Date>,
    ) -> Result<Option<Child>> {
        permit(context, Action::SeeJourney)?;
        let state = state(context)?;
        let stream = match (reference, stream) {
            (None, Some(stream)) => Some(domain::ids::StreamId(stream)),
            (Some(reference), None) => only_one(state.reading.find(&reference).await.map_err(of_reading)?)?,
            (Some(_), Some(_)) | (None, None) => {
                return Err(fail(Code::BadArgument, "give either reference or stream"));
            }
        };
        let Some(stream) = stream else { return Ok(None) };
        let asked = asked(known_at, basis, as_at);
        let view = ChildView::load(state.reading.as_ref(), stream, asked, (state.now)()).await;
        Ok(view.map_err(of_reading)?.map(Child::new))
    }

    /// Children, ascending by stream; `search` narrows to those whom an identifier names.
    #[graphql(complexity = "10 + lists::rows(first) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each argument is one of the question's, named by the schema"
    )]
    async fn children(
        &self,
        context: &Context<'_>,
        search: Option<String>,
        #[graphql(
            desc = "Only children for whom this runs, in the words of `running`, for instance `pre-proceedings`."
        )]
        running: Option<String>,
        #[graphql(desc = "Rows of the page, 1 to 100.")] first: i32,
        after: Option<String>,
        known_at: Option<DateTime<Utc>>,
        #[graphql(default)] basis: Basis,
        as_at: Option<Date>,
    ) -> Result<ChildConnection> {
        permit(context, Action::SeeLists)?;
        let running = running.map(|words| Running::read(&words)).transpose();
        let running = running.map_err(|unknown| fail(Code::BadArgument, unknown))?;
        let knowledge = resolve(context, asked(known_at, basis, as_at)).await?;
        lists::children(state(context)?, knowledge, lists::Wanted { search, running }, first, after).await
    }

    /// Open clocks whose last day in time is on or before a day, the earliest first; overdue ones are included.
    #[graphql(complexity = "10 + lists::rows(first) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each argument is one of the question's, named by the schema"
    )]
    async fn due(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The last day of the look ahead, inclusive; absent means 14 days after `asAt`.")] by: Option<Date>,
        #[graphql(desc = "Only clocks of this rule, for instance `CP-04`.")] rule: Option<String>,
        #[graphql(desc = "Rows of the page, 1 to 100.")] first: i32,
        after: Option<String>,
        known_at: Option<DateTime<Utc>>,
        #[graphql(default)] basis: Basis,
        as_at: Option<Date>,
    ) -> Result<DueConnection> {
        permit(context, Action::SeeLists)?;
        let knowledge = resolve(context, asked(known_at, basis, as_at)).await?;
        lists::due(
            state(context)?,
            knowledge,
            lists::DueQuestion { by: by.map(|by| by.0), rule, first, after },
        )
        .await
    }

    /// What the clocks of all children say of a period, open clocks included, as at the period's last day.
    #[graphql(complexity = "200 + child_complexity")]
    async fn indicators(
        &self,
        context: &Context<'_>,
        period: indicators::PeriodInput,
        known_at: Option<DateTime<Utc>>,
        #[graphql(default)] basis: Basis,
        #[graphql(
            desc = "The day of the answer; absent means the period's last day, and nothing else is allowed."
        )]
        as_at: Option<Date>,
    ) -> Result<IndicatorsAnswer> {
        permit(context, Action::SeeLists)?;
        let period = period.checked(as_at.map(|day| day.0))?;
        let knowledge = resolve(context, asked(known_at, basis, Some(Date(period.to)))).await?;
        indicators::answer(state(context)?, knowledge, period).await
    }

    /// The rule book, in order of ids: the program's, with the authority's own file on top. No knowledge is asked for.
    async fn rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only the rule with this id, for instance `CP-04`.")] id: Option<String>,
    ) -> Result<Vec<Rule>> {
        permit(context, Action::SeeLedger)?;
        let book = state(context)?.reading.book();
        rules::known(book, id.as_deref())?;
        Ok(book
            .rules()
            .filter(|rule| id.as_deref().is_none_or(|id| rule.id.as_str() == id))
            .map(Rule)
            .collect())
    }
}

fn asked(known_at: Option<DateTime<Utc>>, basis: Basis, as_at: Option<Date>) -> Asked {
    Asked { known_at: known_at.map(Moment::At), basis: basis.into(), as_at: as_at.map(|day| day.0) }
}

fn only_one(streams: Vec<domain::ids::StreamId>) -> Result<Option<domain::ids::StreamId>> {
    match streams.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        [..] => Err(fail(
            Code::BadArgument,
            "several children share this identifier: ask children(search) for them",
        )),
    }
}

fn state<'a>(context: &Context<'a>) -> Result<&'a AppState> {
    context.data::<AppState>()
}

async fn resolve(context: &Context<'_>, asked: Asked) -> Result<Knowledge> {
    let state = state(context)?;
    Knowledge::resolve(state.reading.as_ref(), asked, (state.now)()).await.map_err(of_reading)
}

/// Every root asks this before it reads.
fn permit(context: &Context<'_>, action: Action) -> Result<()> {
    match decide(state(context)?.subject, action) {
        Decision::Permit => Ok(()),
        Decision::Deny => Err(fail(Code::Forbidden, "you may not see this")),
    }
}

#[cfg(test)]
mod tests;
