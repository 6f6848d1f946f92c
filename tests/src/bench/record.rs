//! One action recorded live, decided over its child's record, beside a plain append of the same event to the same stream.

use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::envelope::{EventContext, NewEvent, SealedFields};
use domain::events::{CaseEvent, Kind};
use domain::ids::{CommandId, EventId, Revision, StreamId};
use ledger::{Clock, Command, Expected, Ledger, StreamAppend};
use recording::{Act, Recorder, Request, To};
use uuid::Uuid;

use super::import::{Authorities, UNTIL};
use super::load::{median, percentile};
use super::table::{milliseconds, table, times};
use super::{Scale, tell};

/// Lengths of the records that are added to, at least; each shows the next longer ones.
const LENGTHS: [i64; 3] = [1, 40, 120];

/// Records and appends by turns, and writes a table.
pub(super) async fn measure(
    scale: &Scale,
    authorities: &Authorities,
    out: &mut String,
) -> anyhow::Result<()> {
    tell("one action, recorded and appended");
    let authority = &authorities.fifth;
    let recorder = Recorder::new(authority.ledger.clone(), Clock::system());
    let mut rows = Vec::new();
    for length in LENGTHS {
        let sql = "SELECT stream FROM caseledger.events WHERE category = 1 GROUP BY stream \
                   HAVING count(*) >= $1 ORDER BY count(*), stream LIMIT $2";
        let most = i64::try_from(scale.replays)?;
        let streams = authority.tables.admin.query(sql, &[&length, &most]).await?;
        let (mut recorded, mut appended) = (Vec::new(), Vec::new());
        for row in &streams {
            let stream = StreamId(row.try_get(0)?);
            let began = Instant::now();
            let receipt = recorder.record(&request(stream)?).await?;
            recorded.push(began.elapsed());
            ensure!(receipt.events.len() == 1, "one act is one event");
            let command = append(&authority.ledger, stream).await?;
            let began = Instant::now();
            authority.ledger.append(command).await?;
            appended.push(began.elapsed());
        }
        if !recorded.is_empty() {
            rows.push(compared(length, recorded, appended));
        }
    }
    let columns = [
        "events of the record, at least",
        "actions",
        "append p50 ms",
        "record p50 ms",
        "record p99 ms",
        "record to append",
    ];
    table(out, "One action: recorded, and appended without a decision", &columns, &rows);
    Ok(())
}

fn compared(length: i64, mut recorded: Vec<Duration>, mut appended: Vec<Duration>) -> Vec<String> {
    let pairs = recorded.iter().zip(&appended);
    let ratio = median(pairs.map(|(record, append)| record.as_secs_f64() / append.as_secs_f64()));
    recorded.sort_unstable();
    appended.sort_unstable();
    vec![
        length.to_string(),
        recorded.len().to_string(),
        milliseconds(percentile(&appended, 50)),
        milliseconds(percentile(&recorded, 50)),
        milliseconds(percentile(&recorded, 99)),
        times(ratio),
    ]
}

/// Something that can be done with any child at any time.
fn visit() -> anyhow::Result<CaseEvent> {
    let kind = Kind::DutyVisitMade;
    let facts = r#"{"details":{"crisis":false,"joint":false}}"#;
    Ok(CaseEvent::read(UNTIL.to_string().parse()?, kind.name(), kind.schema_version(), facts)?)
}

fn context() -> EventContext {
    EventContext::new(Uuid::from_u128(1), "duty_worker")
}

fn request(stream: StreamId) -> anyhow::Result<Request> {
    let act = Act::Record { to: To::Held(stream), event: Box::new(visit()?), sealed: SealedFields::none() };
    Ok(Request { command_id: CommandId(Uuid::now_v7()), acts: vec![act], context: context() })
}

/// The same event at the revision that its stream has, which whoever appends knows.
async fn append(ledger: &Ledger, stream: StreamId) -> anyhow::Result<Command> {
    let held = ledger.read_stream(stream, Revision(1)).await?;
    let new: NewEvent = visit()?.to_new(EventId(Uuid::now_v7()), SealedFields::none(), context())?;
    let revision = Revision(u32::try_from(held.len())?);
    let category = held.first().map_or(domain::envelope::Category::Child, |first| first.category);
    let append = StreamAppend::new(stream, category, Expected::Exactly(revision), vec![new]);
    Ok(Command { command_id: CommandId(Uuid::now_v7()), appends: vec![append] })
}
