//! `caseledger officer`: keys of officers, and their signatures under requests.

use std::io::Write as _;
use std::path::Path;

use domain::events::custody::OfficerKeyRegistered;
use ledger::notes::{NoteSigner, Sign as _, load_signer, store_signer};
use ledger::officers::{Action, sign_request};

use super::requests;
use crate::arguments::{KeyRequest, OfficerWhat};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{OfFile as _, Outgoing};
use crate::output::{Answer, Format};
use crate::place::Open;

/// Makes a key; prints its public half.
///
/// # Errors
/// A [`Failure`] where the name is none or the file is there already.
pub(crate) fn keygen(name: &str, out: &Path) -> Result<Outcome, Failure> {
    let signer = NoteSigner::generate(name).or_fail(Outcome::Usage)?;
    store_signer(out, &signer).or_fail(Outcome::Usage)?;
    let mut stdout = crate::stdout::stdout();
    writeln!(stdout, "{}", signer.verifier()).or_fail(Outcome::Fault)?;
    eprintln!("the private key is in {}; keep it with the officer, and nowhere else", out.display());
    Ok(Outcome::Done)
}

/// Shows a request, and the record that it is about, and adds the officer's signature to its file.
///
/// # Errors
/// A [`Failure`] for a file that holds no request, or one that the officer signed before.
pub(crate) fn sign(request: &Path, key: &Path) -> Result<Outcome, Failure> {
    let signer = load_signer(key).or_fail(Outcome::DataProblem)?;
    let particulars = requests::particulars(request)?;
    let signed = sign_request(&requests::read(request)?, particulars.as_ref(), &signer);
    let signed = signed.or_fail(Outcome::Refused)?;
    Outgoing::rewrite(request, &signed).writing(request).or_fail(Outcome::Fault)?;
    let record = particulars.as_ref().map_or("", |particulars| particulars.shown());
    eprintln!("{}{record}signed by {}", shown(&signed), signer.verifier().name());
    Ok(Outcome::Done)
}

/// The text above the signatures: what the officer put a name to.
fn shown(signed: &str) -> &str {
    signed.rfind("\n\n").and_then(|end| signed.get(..=end)).unwrap_or(signed)
}

/// What needs the ledger.
///
/// # Errors
/// A [`Failure`] that says what was refused.
pub(crate) async fn run(open: &Open, what: &OfficerWhat) -> Result<Outcome, Failure> {
    match what {
        OfficerWhat::Keygen { name, out } => keygen(name, out),
        OfficerWhat::Sign { request, key } => sign(request, key),
        OfficerWhat::Register(arguments) => register(open, arguments).await,
        OfficerWhat::Revoke(arguments) => revoke(open, arguments).await,
        OfficerWhat::List => list(open).await,
    }
}

async fn register(open: &Open, arguments: &KeyRequest) -> Result<Outcome, Failure> {
    let key = arguments.key.clone();
    match (&arguments.prepare, &arguments.request) {
        (Some(path), _) => requests::prepare(open, Action::RegisterOfficer { key }, path).await,
        (None, Some(path)) => {
            let meant = Action::RegisterOfficer { key };
            requests::carry_out(open, path, |action| *action == meant, meant.name()).await?;
            Ok(Outcome::Done)
        }
        (None, None) => {
            let body = OfficerKeyRegistered { key: key.to_string(), request: None };
            requests::record(open, body.into()).await?;
            Ok(Outcome::Done)
        }
    }
}

async fn revoke(open: &Open, arguments: &KeyRequest) -> Result<Outcome, Failure> {
    let meant = Action::RevokeOfficer { key: arguments.key.clone() };
    match (&arguments.prepare, &arguments.request) {
        (Some(path), _) => requests::prepare(open, meant, path).await,
        (None, Some(path)) => {
            requests::carry_out(open, path, |action| *action == meant, meant.name()).await?;
            Ok(Outcome::Done)
        }
        (None, None) => Err(Failure::new(
            Outcome::Usage,
            "two officers have to ask for it: write the request with --prepare FILE, have it signed, give it with --request FILE",
        )),
    }
}

async fn list(open: &Open) -> Result<Outcome, Failure> {
    let custody = open.ledger.custody().await.or_fail(Outcome::Fault)?;
    let mut answer = Answer::new(&["officer", "registered_at", "key"]);
    for officer in custody.officers() {
        answer.row(vec![
            officer.key.name().into(),
            officer.registered_at.0.into(),
            officer.key.to_string().into(),
        ]);
    }
    for entry in custody.irregular() {
        answer
            .also("not_authorised", format!("position {}: {}: {}", entry.position, entry.kind, entry.cause));
    }
    answer.when_empty("No officer is registered. Register the first two with `caseledger officer register`.");
    answer.print(Format::Table).or_fail(Outcome::Fault)?;
    Ok(if custody.irregular().is_empty() { Outcome::Done } else { Outcome::Integrity })
}
