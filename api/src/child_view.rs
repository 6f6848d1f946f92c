//! One child as known: what both the journey page and the schema's `Child` show.

use chrono::{DateTime, Utc};
use domain::clocks::Clock;
use domain::ids::{EntityId, EventId, StreamId};
use domain::journey::{Basis, KnownEvent, known_since};
use replay::ChildReplay;

use crate::asked::{Asked, Knowledge};
use crate::reading::{Reading, ReadingFault};

/// A child's replay with what is printed about its knowledge.
#[derive(Clone, Debug)]
pub(crate) struct ChildView {
    pub(crate) knowledge: Knowledge,
    pub(crate) reference: Option<String>,
    pub(crate) replay: ChildReplay,
}

impl ChildView {
    /// Folds one child; `None` where no child has this stream.
    pub(crate) async fn load(
        reading: &dyn Reading,
        stream: StreamId,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, ReadingFault> {
        let knowledge = Knowledge::resolve(reading, asked, now).await?;
        let Some(replay) = reading.child(stream, knowledge.resolved).await? else { return Ok(None) };
        let reference = reading.reference(stream).await?;
        Ok(Some(Self { knowledge, reference, replay }))
    }

    /// The known event with this id, withdrawn ones included.
    pub(crate) fn event(&self, id: EventId) -> Option<&KnownEvent> {
        let journey = &self.replay.journey;
        journey.event(id).or_else(|| journey.withdrawn.iter().find(|event| event.event_id == id))
    }

    /// The clock of a rule for a process.
    pub(crate) fn clock(&self, rule: &str, entity: EntityId, occurrence: usize) -> Option<&Clock<'static>> {
        self.replay.answers.clocks.iter().find(|clock| {
            clock.rule.id.as_str() == rule && clock.entity == entity && clock.occurrence == occurrence
        })
    }

    /// The distinct instants at which something about the child became known on a basis, oldest first, each with how much.
    pub(crate) fn moments(&self, basis: Basis) -> Vec<(DateTime<Utc>, usize)> {
        let mut instants: Vec<DateTime<Utc>> = self
            .replay
            .recorded
            .iter()
            .map(|event| known_since(basis, &event.context, event.recorded_at))
            .collect();
        instants.sort_unstable();
        let mut moments: Vec<(DateTime<Utc>, usize)> = Vec::new();
        for instant in instants {
            match moments.last_mut() {
                Some((last, count)) if *last == instant => *count += 1,
                _ => moments.push((instant, 1)),
            }
        }
        moments
    }

    /// What to call the child: the authority's id, else the stream's.
    pub(crate) fn name(&self) -> String {
        self.reference.clone().unwrap_or_else(|| format!("stream {}", self.replay.stream))
    }
}
