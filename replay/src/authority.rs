//! All streams of a ledger: children folded in parallel from ranges of streams, families, sets and all else beside them.
//!
//! Streams that are no child's are read first: their acts stand in children's journeys. Children follow, and nothing of them is
//! kept but what the fold returns and the acts that figures of families and sets ask about. Families, sets, adopters, workers and
//! the authority are folded last.
//!
//! Memory: what the fold keeps; the events of every stream that is no child's, decoded, for as long as the fold runs (about
//! 1 kB an event); and about 1 kB for each act of a child that a rule about families or sets names.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::clocks::{Answers, Question};
use domain::envelope::{Category, StoredEvent};
use domain::ids::{EventId, Position, StreamId};
use domain::journey::{Acts, Copies, Journey};
use futures::StreamExt as _;
use ledger::StreamRange;
use projections::indicators::{Indicators, Period};
use projections::populations::Populations;

use crate::disposed::understand;
use crate::groups::Others;
use crate::{Knowledge, ReplayFault, Replayer};

/// Events of one page of a range read.
const PAGE: u32 = 4_000;

/// Streams whose members' acts count for them too.
const WITH_MEMBERS: [Category; 2] = [Category::Household, Category::Proceedings];

/// A fold over all streams: made once per part, fed child by child, then merged and fed with all else.
pub trait ChildFold: Send + Sized + 'static {
    /// Whether it asks for the members of figures, which clocks do not need.
    const ASKS_MEMBERS: bool;

    /// Takes one child's journey and answers.
    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>);
    /// Takes what is known of one family, set of proceedings, adopter household, worker or of the authority, and what the rules
    /// that are asked of it answer.
    fn other(&mut self, _: StreamId, _: Category, _: &Journey, _: &Answers<'static>) {}
    /// Takes another part.
    fn merge(&mut self, other: Self);
}

/// One part of a fold.
struct Part<F> {
    fold: F,
    acts: Vec<Acts>,
    /// Acts of streams without members that a child's stream holds too: the child's copy counts.
    told: BTreeSet<EventId>,
}

/// What every part of a fold knows before it begins.
struct Before {
    others: Others,
    /// Acts of streams without members that children's streams may hold too.
    shared: Copies,
}

impl Replayer {
    /// Folds every stream with the given knowledge, children in `parts` parts at the same time.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read or an event not be understood; the event is named.
    pub async fn fold_children<F: ChildFold>(
        &self,
        knowledge: Knowledge,
        parts: u32,
        start: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<F, ReplayFault> {
        let start = Arc::new(start);
        let Some(up_to) = knowledge.position else { return Ok(start()) };
        let before = Arc::new(self.before(knowledge).await?);
        let mut whole = self.part(start());
        let tasks: Vec<_> = StreamRange::split(parts)
            .into_iter()
            .map(|range| {
                let (replayer, part, before) = (self.clone(), self.part(start()), Arc::clone(&before));
                tokio::spawn(async move { replayer.fold_range(range, up_to, knowledge, &before, part).await })
            })
            .collect();
        for task in tasks {
            whole.merge(task.await.map_err(|_| ReplayFault::GivenUp)??);
        }
        Ok(self.fold_others(&before, knowledge, whole))
    }

    async fn before(&self, knowledge: Knowledge) -> Result<Before, ReplayFault> {
        let others = self.others(knowledge).await?;
        let events = others.alone.iter().flat_map(|(_, _, journey)| &journey.events);
        let mut shared = Copies::default();
        events.filter(|event| event.kind().stands_in(Category::Child)).for_each(|event| shared.hold(event));
        Ok(Before { others, shared })
    }

    fn part<F>(&self, fold: F) -> Part<F> {
        let acts = WITH_MEMBERS
            .map(|category| Acts::of(category, self.book.asked_of(category), self.book.endings()));
        Part { fold, acts: acts.into(), told: BTreeSet::new() }
    }

    async fn fold_range<F: ChildFold>(
        &self,
        range: StreamRange,
        up_to: Position,
        knowledge: Knowledge,
        before: &Before,
        mut part: Part<F>,
    ) -> Result<Part<F>, ReplayFault> {
        let mut pages = self.ledger.read_stream_range(range, up_to, PAGE);
        let mut held: Vec<StoredEvent> = Vec::new();
        while let Some(page) = pages.next().await {
            for event in page? {
                if held.last().is_some_and(|last| last.stream != event.stream) {
                    self.feed(std::mem::take(&mut held), knowledge, before, &mut part)?;
                }
                held.push(event);
            }
        }
        self.feed(held, knowledge, before, &mut part)?;
        Ok(part)
    }

    fn feed<F: ChildFold>(
        &self,
        stored: Vec<StoredEvent>,
        knowledge: Knowledge,
        before: &Before,
        part: &mut Part<F>,
    ) -> Result<(), ReplayFault> {
        let Some((stream, category)) = stored.first().map(|first| (first.stream, first.category)) else {
            return Ok(());
        };
        if category != Category::Child {
            return Ok(());
        }
        let understood = understand(stored)?;
        let Some(journey) = understood.journey(stream, knowledge, &before.others.groups) else {
            return Ok(());
        };
        part.acts.iter_mut().for_each(|acts| acts.take(stream, &journey, &before.others.groups));
        if !before.shared.is_empty() {
            let told = journey.events.iter().flat_map(|event| before.shared.of(event));
            part.told.extend(told.map(|act| act.event_id));
        }
        part.fold.child(
            stream,
            &journey,
            &self.engine(Category::Child).run(&journey, &question::<F>(knowledge)),
        );
        Ok(())
    }

    fn fold_others<F: ChildFold>(&self, before: &Before, knowledge: Knowledge, part: Part<F>) -> F {
        let Part { mut fold, acts, told } = part;
        let mut answer = |stream: StreamId, category: Category, journey: &Journey| {
            fold.other(
                stream,
                category,
                journey,
                &self.engine(category).run(journey, &question::<F>(knowledge)),
            );
        };
        for (acts, category) in acts.into_iter().zip(WITH_MEMBERS) {
            for (stream, journey) in acts.journeys(&before.others.groups) {
                answer(stream, category, &journey);
            }
        }
        for (stream, category, journey) in &before.others.alone {
            let mut journey = journey.clone();
            journey.events.retain(|event| !told.contains(&event.event_id));
            if journey.last_position.is_some() {
                answer(*stream, *category, &journey);
            }
        }
        fold
    }

    /// The indicators of a period, with the given knowledge, as at the period's last day.
    ///
    /// # Errors
    /// [`ReplayFault`] as for [`Self::fold_children`].
    pub async fn indicators(
        &self,
        knowledge: Knowledge,
        period: Period,
        parts: u32,
    ) -> Result<Indicators, ReplayFault> {
        let knowledge = Knowledge { as_at: period.to, ..knowledge };
        let folded = self
            .fold_children(knowledge, parts, move || Counting {
                period,
                indicators: Indicators::default(),
                populations: Populations::default(),
            })
            .await?;
        let area = &self.ledger.genesis().authority;
        let population = folded.populations.under_18(area.as_str(), period.to);
        Ok(Indicators { population, ..folded.indicators })
    }
}

/// What a fold asks of each journey.
fn question<F: ChildFold>(knowledge: Knowledge) -> Question<'static> {
    let question = knowledge.question();
    if F::ASKS_MEMBERS { question } else { question.without_members() }
}

impl<F: ChildFold> Part<F> {
    fn merge(&mut self, other: Self) {
        self.fold.merge(other.fold);
        self.acts.iter_mut().zip(other.acts).for_each(|(acts, more)| acts.merge(more));
        self.told.extend(other.told);
    }
}

struct Counting {
    period: Period,
    indicators: Indicators,
    populations: Populations,
}

impl ChildFold for Counting {
    const ASKS_MEMBERS: bool = true;

    fn child(&mut self, stream: StreamId, _: &Journey, answers: &Answers<'static>) {
        self.indicators.count(stream, answers, self.period);
    }

    fn other(&mut self, stream: StreamId, category: Category, journey: &Journey, answers: &Answers<'static>) {
        self.indicators.count(stream, answers, self.period);
        if category == Category::Authority {
            self.populations.take(journey);
        }
    }

    fn merge(&mut self, other: Self) {
        self.indicators.merge(other.indicators);
        self.populations.merge(other.populations);
    }
}
