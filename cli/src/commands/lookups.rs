//! The look-up tables beside the log: held against the events by `doctor`, filled again from them by `reindex`.

use std::collections::HashSet;

use domain::events::identity::{IDENTIFYING, identifiers};
use domain::events::{CaseEvent, RecordedEvent};
use domain::ids::{Position, StreamId};
use ledger::{Identifier, IndexDifference, Ledger, refill_kinds};
use recording::indexed;

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};
use crate::place::Server;
use crate::signing;

/// Events that are read at once.
const PAGE: u32 = 2_000;

/// Fills both tables again from the events, and says what was wrong in them.
///
/// # Errors
/// A [`Failure`] where the keys are not there, or the database is away.
pub(crate) async fn reindex(server: &Server, name: &str) -> Result<Outcome, Failure> {
    let open = server.open(name).await?;
    // Nothing is recorded; but what cannot be opened would be taken for an identifier that nobody said.
    let signing = open.begin_writing().await?;
    let admin = server.administrator(name);
    let kinds = refill_kinds(&admin).await.or_fail(Outcome::Fault)?;
    let index = compare_index(&open.ledger).await?;
    open.ledger.mend_index(&admin, &index).await.or_fail(Outcome::Fault)?;
    signing::finish(signing, &open.ledger).await?;
    let mut answer = Answer::new(&["look_up", "added", "taken_out", "unchanged", "cannot_be_told"]);
    answer.row(vec![
        "identifiers".into(),
        index.missing().into(),
        index.extra().into(),
        index.agreeing.into(),
        index.unknown.into(),
    ]);
    answer.note("first_positions_of_kinds_put_right", kinds);
    answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// In what the index of identifiers differs from what the events say.
pub(super) async fn compare_index(ledger: &Ledger) -> Result<IndexDifference, Failure> {
    let before = ledger.index_rows().await.or_fail(Outcome::Fault)?;
    let (mut said, mut unknown, mut after) = (Vec::new(), HashSet::new(), Position(0));
    let kinds = IDENTIFYING.map(domain::events::Kind::name);
    loop {
        let events = ledger.read_kinds(&kinds, after, PAGE).await.or_fail(Outcome::Fault)?;
        let Some(last) = events.last() else { break };
        after = last.position;
        for event in events.into_iter().filter(|event| event.facts.is_some()) {
            let stream = event.stream;
            // Where the key is gone the child is found as before, so that an import does not make it anew.
            let Some(sealed) = ledger.unseal_what_is_left(&event).await.or_fail(Outcome::Integrity)? else {
                unknown.insert(stream);
                continue;
            };
            let read = RecordedEvent::try_from(event).or_fail(Outcome::Integrity)?;
            said.extend(of_event(stream, &read.event, &sealed));
        }
    }
    ledger.compare_index(before, &said, &unknown).await.or_fail(Outcome::Fault)
}

fn of_event(
    stream: StreamId,
    event: &CaseEvent,
    sealed: &domain::envelope::SealedFields,
) -> Vec<(StreamId, Identifier)> {
    let found = identifiers(event, sealed).into_iter();
    found.flat_map(|(kind, value)| indexed(kind, value)).map(|one| (stream, one)).collect()
}
