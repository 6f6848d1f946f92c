//! `caseledger dispose`: prepared for two officers, then carried out step by step.

use std::path::Path;

use domain::ids::StreamId;
use ledger::disposal::{KeyOutcome, LogFiles, empty_rows, rewrite};
use ledger::officers::{Action, Authorisation};
use projections::read_models;

use super::requests::{by, disposal_refusal};
use super::{knowledge, requests};
use crate::arguments::DisposeArguments;
use crate::database::connect;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server, clock};
use crate::{signing, writing};

/// Prepares a disposal, or carries one out.
///
/// # Errors
/// A [`Failure`]; whatever was done stays done, and the same command goes on from there.
pub(crate) async fn run(
    server: &Server,
    name: &str,
    arguments: &DisposeArguments,
) -> Result<Outcome, Failure> {
    let open = server.open(name).await?;
    match (arguments, &arguments.prepare, &arguments.request) {
        (DisposeArguments { child: Some(child), rule: Some(rule), .. }, Some(path), _) => {
            let stream = knowledge::child(&open.replayer, child).await?;
            let up_to = open.ledger.last_position(stream).await.map_err(disposal_refusal)?;
            let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
            if let Some(done) =
                custody.authorisation_of(stream, up_to).filter(|done| !done.disposed.is_empty())
            {
                let message = format!(
                    "record {stream} was disposed of under rule {}, authorised at position {}: nothing is left to dispose of",
                    done.rule, done.position
                );
                return Err(Failure::new(Outcome::Refused, message));
            }
            requests::prepare(&open, Action::Dispose { stream, up_to, rule: rule.clone() }, path).await
        }
        (_, _, Some(request)) => carry_out(server, name, &open, arguments, request).await,
        (_, _, None) => Err(Failure::new(Outcome::Usage, "name the child and --rule to prepare a request")),
    }
}

async fn carry_out(
    server: &Server,
    name: &str,
    open: &Open,
    arguments: &DisposeArguments,
    request: &Path,
) -> Result<Outcome, Failure> {
    let text = requests::read(request)?;
    let signing = open.begin_writing().await?;
    let particulars = requests::particulars(request)?;
    let asked = (text.as_str(), particulars.as_ref());
    let known = open.ledger.authorise_disposal(asked, &by(open), clock().now()).await;
    let known = known.map_err(disposal_refusal)?;
    eprintln!("authorised at position {}, rule {}", known.position, known.rule);
    let disposed = empty_rows(&server.administrator(name), known.event).await.map_err(disposal_refusal)?;
    forget_rows(server, name, known.stream).await?;
    eprintln!("{} events of stream {} are empty; their leaf hashes stay", disposed.len(), known.stream);
    match arguments.backups_until.filter(|_| arguments.rewrite) {
        Some(horizon) => {
            rewritten(server, name).await?;
            let (now, event) = (clock().now(), known.event);
            let concluded = open.ledger.conclude_disposal(event, &disposed, horizon, &by(open), now).await;
            // What was concluded before keeps its day.
            tell(&known, concluded.map_err(disposal_refusal)?, known.backup_horizon.unwrap_or(horizon));
            requests::tell_particulars(request);
        }
        None => eprintln!(
            "the database's files still hold what was emptied: go on with the same request and --rewrite --backups-until DATE"
        ),
    }
    writing::note_keys(&open.ledger).await;
    open.project().await?;
    signing::finish(signing, &open.ledger).await?;
    Ok(Outcome::Done)
}

/// Read models are folded from the record, so its rows there go too.
async fn forget_rows(server: &Server, name: &str, stream: StreamId) -> Result<(), Failure> {
    let client = connect(&server.administrator(name)).await?;
    read_models::remove(&client, &[stream]).await.or_fail(Outcome::Fault)?;
    Ok(())
}

async fn rewritten(server: &Server, name: &str) -> Result<(), Failure> {
    let done =
        rewrite(&server.administrator(name), &read_models::CHILD_TABLES).await.map_err(disposal_refusal)?;
    match done.log {
        LogFiles::Gone => eprintln!("tables are rewritten, and the write-ahead log begins after them"),
        LogFiles::Kept { files } => eprintln!(
            "tables are rewritten; {files} older files of the write-ahead log are kept by a replication slot, \
             wal_keep_size or an archive that is behind: --backups-until has to cover them"
        ),
        LogFiles::CannotTell => eprintln!(
            "tables are rewritten; this database server does not say how long its write-ahead log is kept: \
             --backups-until has to cover it"
        ),
    }
    Ok(())
}

fn tell(known: &Authorisation, key: KeyOutcome, horizon: chrono::NaiveDate) {
    match key {
        KeyOutcome::Destroyed => eprintln!("disposed of under rule {}; the key is destroyed", known.rule),
        KeyOutcome::KeptForLaterEvents => eprintln!(
            "disposed of up to position {}; the key is kept, because later events are sealed with it",
            known.up_to
        ),
    }
    eprintln!("a backup may hold the record until {horizon}, and not after");
}
