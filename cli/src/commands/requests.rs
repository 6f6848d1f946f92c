//! Requests of two officers as files: prepared, read, carried out.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use domain::envelope::EventContext;
use domain::events::Body;
use ledger::disposal::DisposalFault;
use ledger::officers::{
    Action, CarryOutFault, CustodyFault, Particulars, ParticularsFault, RecogniseFault, RequestFault, Signed,
};

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{self, OfFile as _, Outgoing};
use crate::place::{Open, clock};
use crate::signing;

/// Who the ledger says recorded what this program records about itself.
pub(super) fn by(open: &Open) -> EventContext {
    EventContext::new(open.ledger.id().0, "ledger")
}

/// Writes a request for two officers to sign, and beside it what they recognise the record by, where it is about one.
pub(super) async fn prepare(open: &Open, action: Action, path: &Path) -> Result<Outcome, Failure> {
    let prepared = open.ledger.prepare_request(action).await;
    let (request, particulars) = prepared.map_err(|fault| refusal(fault.into()))?;
    for path in [path.to_owned(), beside(path)] {
        refuse_to_replace(&path)?;
    }
    if let Some(particulars) = &particulars {
        write_new(&beside(path), &particulars.to_string())?;
    }
    write_new(path, &request.to_string())?;
    let file = path.display();
    eprintln!("{file} is to be signed by two officers: caseledger officer sign {file} --key FILE");
    if let Some(particulars) = &particulars {
        eprint!(
            "they need {} beside it: by it they recognise the record. It names the child; delete it, and every copy, \
             when the request was carried out\n\n{}",
            beside(path).display(),
            particulars.shown()
        );
    }
    Ok(Outcome::Done)
}

/// A new file that only its owner may read; durable and whole, or not there.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    refuse_to_replace(path)?;
    Outgoing::write_text(path, text).writing(path).or_fail(Outcome::Usage)
}

/// A request that somebody may have signed, and the particulars beside it, are never written over.
fn refuse_to_replace(path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    Err(std::io::Error::from(ErrorKind::AlreadyExists)).writing(path).or_fail(Outcome::Usage)
}

/// Where the particulars of a request stand.
fn beside(request: &Path) -> PathBuf {
    let mut name = request.as_os_str().to_owned();
    name.push(".particulars");
    PathBuf::from(name)
}

/// The particulars beside a request; `None` where there are none.
pub(super) fn particulars(request: &Path) -> Result<Option<Particulars>, Failure> {
    let path = beside(request);
    if !path.exists() {
        return Ok(None);
    }
    Particulars::parse(&read(&path)?).map(Some).or_fail(Outcome::DataProblem)
}

/// Says what is left to be deleted, where it is there.
pub(super) fn tell_particulars(request: &Path) {
    let path = beside(request);
    if path.exists() {
        eprintln!("delete {}, and every copy: it names the child", path.display());
    }
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
    let particulars = particulars(path)?;
    let carried = open.ledger.carry_out((&text, particulars.as_ref()), &by(open), clock().now()).await;
    let carried = carried.map_err(refusal)?;
    signing::finish(signing, &open.ledger).await?;
    eprintln!(
        "recorded at position {}, asked for by {}",
        carried.1.first_position,
        signed.officers.join(" and ")
    );
    tell_particulars(path);
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
        CarryOutFault::Record(RecogniseFault::Particulars(ParticularsFault::Malformed { .. })) => {
            Outcome::DataProblem
        }
        CarryOutFault::Request(_)
        | CarryOutFault::Irregular(_)
        | CarryOutFault::Record(RecogniseFault::Particulars(_) | RecogniseFault::NoSuchStream { .. }) => {
            Outcome::Refused
        }
        CarryOutFault::Custody(CustodyFault::Changed { .. }) => Outcome::Integrity,
        CarryOutFault::Record(_)
        | CarryOutFault::Custody(_)
        | CarryOutFault::Append { .. }
        | CarryOutFault::Key { .. } => Outcome::Fault,
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
        fault @ (DisposalFault::OtherRows { .. }
        | DisposalFault::Leaves { .. }
        | DisposalFault::Custody(CustodyFault::Changed { .. })) => {
            Failure { outcome: Outcome::Integrity, error: fault.into() }
        }
        fault @ (DisposalFault::Custody(_)
        | DisposalFault::Read { .. }
        | DisposalFault::HeldBack { .. }
        | DisposalFault::Database { .. }) => Failure { outcome: Outcome::Fault, error: fault.into() },
    }
}
