//! What callers ask for: commands that follow from (run, caller, number) alone, so that the oracle can say what
//! should be stored, and ask again, without having been told. Every child in them is invented.

use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::ids::{CommandId, EventId, Revision, StreamId};
use domain::time::Occurred;
use ledger::{Command, Expected, StreamAppend};
use uuid::Uuid;

use super::prng::Prng;

/// Events that a caller's own stream gets by its successive commands, over and over.
const OWN_EVENTS: [u32; 8] = [1, 1, 1, 2, 1, 1, 1, 3];
/// Streams that callers of all runs share.
const SHARED: u64 = 4;

/// One command of one caller in one run of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Asked {
    pub(super) run: u64,
    pub(super) caller: u32,
    pub(super) number: u32,
}

/// One event as it should stand in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) stream: Uuid,
    pub(super) event_id: Uuid,
    pub(super) facts: String,
}

impl Asked {
    /// The caller's own stream in this run.
    fn own_stream(self) -> StreamId {
        StreamId(Prng::new(self.run ^ (u64::from(self.caller) << 40)).uuid())
    }

    /// The last revision of the own stream before this command.
    fn own_revision(self) -> u32 {
        let whole: u32 = OWN_EVENTS.iter().sum();
        let (rounds, rest) = (self.number / 8, self.number % 8);
        let begun: u32 = OWN_EVENTS.iter().zip(0..rest).map(|(events, _)| *events).sum();
        rounds * whole + begun
    }

    /// The command; the same one whenever it is asked for.
    pub(super) fn command(self) -> Command {
        let mut chance = Prng::new(self.run ^ (u64::from(self.caller) << 40) ^ (u64::from(self.number) + 1));
        let command_id = CommandId(chance.uuid());
        let expected = match self.own_revision() {
            0 => Expected::NoStream,
            last => Expected::Exactly(Revision(last)),
        };
        let own = OWN_EVENTS.iter().cycle().nth(self.number as usize % 8).copied().unwrap_or(1);
        let mut events: Vec<NewEvent> = (0..own).map(|part| self.event(part, &mut chance)).collect();
        let seals = self.caller.is_multiple_of(8) && self.number.is_multiple_of(4);
        if let Some(first) = events.first_mut().filter(|_| seals) {
            first.sealed = SealedFields::none().with("note", format!("invented note {}", self.number));
        }
        let mut appends = vec![StreamAppend::new(self.own_stream(), Category::Child, expected, events)];
        if self.number % 8 == 5 {
            let shared = StreamId(Uuid::from_u64_pair(1, 1 + chance.below(SHARED)));
            let event = self.event(own, &mut chance);
            appends.push(StreamAppend::new(shared, Category::Child, Expected::Any, vec![event]));
        }
        Command { command_id, appends }
    }

    fn event(self, part: u32, chance: &mut Prng) -> NewEvent {
        let Self { run, caller, number } = self;
        NewEvent {
            event_id: EventId(chance.uuid()),
            occurred: Occurred::UNKNOWN,
            kind: "contact_received".into(),
            schema_version: 1,
            facts: format!(
                "{{\"details\":{{\"caller\":{caller},\"number\":{number},\"part\":{part},\"run\":\"{run:016x}\"}}}}"
            ),
            sealed: SealedFields::none(),
            context: EventContext::new(Uuid::nil(), "social_worker"),
        }
    }

    /// The command's events as they should stand, in order.
    pub(super) fn lines(self) -> Vec<Line> {
        let of = |append: StreamAppend| {
            let stream = append.stream.0;
            append.events.into_iter().map(move |event| Line {
                stream,
                event_id: event.event_id.0,
                facts: event.facts,
            })
        };
        self.command().appends.into_iter().flat_map(of).collect()
    }

    /// Whose event it is, read from its facts; `None` for one that no caller wrote.
    pub(super) fn of_facts(facts: &str) -> Option<Self> {
        let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
        let details = facts.get("details")?;
        let number = |name| u32::try_from(details.get(name)?.as_u64()?).ok();
        let run = u64::from_str_radix(details.get("run")?.as_str()?, 16).ok()?;
        Some(Self { run, caller: number("caller")?, number: number("number")? })
    }

    /// The caller's next command.
    pub(super) fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn commands_repeat_and_follow_each_other_in_their_own_stream() {
        let mut revisions: HashMap<StreamId, u32> = HashMap::new();
        let mut asked = Asked { run: 7, caller: 3, number: 0 };
        for _ in 0..100 {
            let command = asked.command();
            assert_eq!(format!("{command:?}"), format!("{:?}", asked.command()));
            for append in &command.appends {
                let last = revisions.entry(append.stream).or_default();
                match append.expected {
                    Expected::Any => {}
                    Expected::NoStream => assert_eq!(*last, 0),
                    Expected::Exactly(revision) => assert_eq!(*last, revision.0),
                }
                *last += u32::try_from(append.events.len()).unwrap();
            }
            assert!(asked.lines().iter().all(|line| Asked::of_facts(&line.facts) == Some(asked)));
            asked = asked.next();
        }
        assert!(revisions.len() > 1, "some commands reach into a shared stream");
    }

    #[test]
    fn facts_are_canonical() {
        let line = Asked { run: 1, caller: 0, number: 0 }.lines().remove(0);
        assert_eq!(domain::canonical::check(&line.facts), Ok(()));
    }
}
