//! All children of a ledger, folded in parallel from ranges of streams.
//!
//! Nothing is kept but what the fold returns, so memory does not grow with the ledger.

use std::sync::Arc;

use domain::clocks::Answers;
use domain::envelope::{Category, StoredEvent};
use domain::ids::{Position, StreamId};
use domain::journey::Journey;
use futures::StreamExt as _;
use ledger::StreamRange;
use projections::indicators::{Indicators, Period};
use projections::populations::Populations;

use crate::disposed::understand;
use crate::{Knowledge, ReplayFault, Replayer};

/// Events of one page of a range read.
const PAGE: u32 = 4_000;

/// A fold over all children: made once per part, fed child by child, then merged.
pub trait ChildFold: Send + Sized + 'static {
    /// Takes one child's journey and answers.
    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>);
    /// Takes what is known of one stream of the authority's own: populations, targets, published figures.
    fn authority(&mut self, _: &Journey) {}
    /// Takes another part.
    fn merge(&mut self, other: Self);
}

impl Replayer {
    /// Folds every child with the given knowledge, in `parts` parts at the same time.
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
        let mut whole = start();
        let Some(up_to) = knowledge.position else { return Ok(whole) };
        let tasks: Vec<_> = StreamRange::split(parts)
            .into_iter()
            .map(|range| {
                let (replayer, part) = (self.clone(), start());
                tokio::spawn(async move { replayer.fold_range(range, up_to, knowledge, part).await })
            })
            .collect();
        for task in tasks {
            whole.merge(task.await.map_err(|_| ReplayFault::GivenUp)??);
        }
        Ok(whole)
    }

    async fn fold_range<F: ChildFold>(
        &self,
        range: StreamRange,
        up_to: Position,
        knowledge: Knowledge,
        mut fold: F,
    ) -> Result<F, ReplayFault> {
        let mut pages = self.ledger.read_stream_range(range, up_to, PAGE);
        let mut held: Vec<StoredEvent> = Vec::new();
        while let Some(page) = pages.next().await {
            for event in page? {
                if held.last().is_some_and(|last| last.stream != event.stream) {
                    self.feed(std::mem::take(&mut held), knowledge, &mut fold)?;
                }
                held.push(event);
            }
        }
        self.feed(held, knowledge, &mut fold)?;
        Ok(fold)
    }

    fn feed<F: ChildFold>(
        &self,
        stored: Vec<StoredEvent>,
        knowledge: Knowledge,
        fold: &mut F,
    ) -> Result<(), ReplayFault> {
        let Some((stream, category)) = stored.first().map(|first| (first.stream, first.category)) else {
            return Ok(());
        };
        if !matches!(category, Category::Child | Category::Authority) {
            return Ok(());
        }
        let journey = Journey::known(&understand(stored)?.recorded, knowledge.known);
        if journey.last_position.is_none() {
            return Ok(());
        }
        if category == Category::Authority {
            fold.authority(&journey);
        } else {
            fold.child(stream, &journey, &self.engine.run(&journey, &knowledge.question()));
        }
        Ok(())
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

struct Counting {
    period: Period,
    indicators: Indicators,
    populations: Populations,
}

impl ChildFold for Counting {
    fn child(&mut self, stream: StreamId, _: &Journey, answers: &Answers<'static>) {
        self.indicators.count(stream, answers, self.period);
    }

    fn authority(&mut self, journey: &Journey) {
        self.populations.take(journey);
    }

    fn merge(&mut self, other: Self) {
        self.indicators.merge(other.indicators);
        self.populations.merge(other.populations);
    }
}
