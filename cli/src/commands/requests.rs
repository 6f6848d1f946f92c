//! Requests of two officers as files: prepared, read, carried out.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use domain::envelope::EventContext;
use domain::events::Body;
use ledger::disposal::DisposalFault;
use ledger::officers::{Action, CarryOutFault, Request, RequestFault, Signed};
use uuid::Uuid;

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{self, OfFile as _};
use crate::place::{Open, clock};
use crate::signing;

/// Who the ledger says recorded what this program records about itself.
pub(super) fn by(open: &Open) -> EventContext {
    EventContext::new(open.ledger.id().0, "ledger")
}

/// Writes a request for two officers to sign.
pub(super) fn prepare(open: &Open, action: Action, path: &Path) -> Result<Outcome, Failure> {
    let request = Request { ledger: open.ledger.id(), id: Uuid::now_v7(), action };
    let written = File::create_new(path)
        .and_then(|mut file| file.write_all(request.to_string().as_bytes()).and_then(|()| file.sync_all()));
    written.writing(path).or_fail(Outcome::Usage)?;
    eprintln!(
        "{} is to be signed by two officers: caseledger officer sign {} --key FILE",
        path.display(),
        path.display()
    );
    Ok(Outcome::Done)
}

/// Reads a request's file.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    files::text(path, Outcome::DataProblem)
}

/// Carries out a signed request of the kind that the command is about, and has it signed by the log.
pub(super) async fn carry_out(
    open: &Open,
    path: &Path,
    is_meant: impl Fn(&Action) -> bool,
    expected: &'static str,
) -> Result<Signed, Failure> {
    let text = read(path)?;
    let signing = open.begin_writing().await?;
    let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
    let signed = custody.check(&text).map_err(|fault| refusal(fault.into()))?;
    if !is_meant(&signed.request.action) {
        let found = signed.request.action.name();
        return Err(refusal(RequestFault::OtherAction { expected, found }.into()));
    }
    let carried = open.ledger.carry_out(&text, &by(open), clock().now()).await.map_err(refusal)?;
    signing::finish(signing, &open.ledger).await?;
    eprintln!(
        "recorded at position {}, asked for by {}",
        carried.1.first_position,
        signed.officers.join(" and ")
    );
    Ok(carried.0)
}

/// Records something that needs no request, and has it signed by the log.
pub(super) async fn record(open: &Open, body: Body) -> Result<(), Failure> {
    let signing = open.begin_writing().await?;
    let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
    let recorded = open.ledger.record_custody(&custody, vec![body], &by(open), clock().now()).await;
    let recorded = recorded.map_err(refusal)?;
    signing::finish(signing, &open.ledger).await?;
    eprintln!("recorded at position {}", recorded.first_position);
    Ok(())
}

/// A refusal, a file that cannot be read and a fault have exit codes of their own.
pub(super) fn refusal(fault: CarryOutFault) -> Failure {
    let outcome = match &fault {
        CarryOutFault::Request(RequestFault::Note { .. } | RequestFault::Malformed { .. }) => {
            Outcome::DataProblem
        }
        CarryOutFault::Request(_) | CarryOutFault::Irregular(_) => Outcome::Refused,
        CarryOutFault::Custody(_) | CarryOutFault::Append { .. } | CarryOutFault::Key { .. } => {
            Outcome::Fault
        }
    };
    Failure { outcome, error: fault.into() }
}

/// The same for a disposal.
pub(super) fn disposal_refusal(fault: DisposalFault) -> Failure {
    match fault {
        DisposalFault::Refused(fault) => refusal(fault),
        fault @ (DisposalFault::NoSuchStream { .. } | DisposalFault::WentOn { .. }) => {
            Failure { outcome: Outcome::Refused, error: fault.into() }
        }
        fault @ (DisposalFault::Custody(_)
        | DisposalFault::Read { .. }
        | DisposalFault::Leaves { .. }
        | DisposalFault::HeldBack { .. }
        | DisposalFault::Database { .. }) => Failure { outcome: Outcome::Fault, error: fault.into() },
    }
}
