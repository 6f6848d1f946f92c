//! `caseledger witness`: remembers how far it has seen a partner's log, and countersigns only what goes on from there.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use ledger::notes::{KeyType, NoteSigner, Sign, VerifierKey, load_signer, store_signer};
use ledger::witness::Witness;
use tokio::net::TcpListener;

use crate::arguments::proof::WitnessArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::make_private;
use crate::terminated;

/// Serves until Ctrl-C or SIGTERM. Needs no database.
///
/// # Errors
/// A [`Failure`] where the folder is in use, a key cannot be read, or the address is taken.
pub(crate) async fn run(arguments: &WitnessArguments) -> Result<Outcome, Failure> {
    let key = |text: &String| VerifierKey::parse(text).with_context(|| format!("the log's key {text}"));
    let logs: Vec<VerifierKey> =
        arguments.logs.iter().map(key).collect::<Result<_, _>>().or_fail(Outcome::Usage)?;
    let signer = signer(arguments)?;
    let public = signer.verifier().of_type(KeyType::CosignatureV1);
    let witness = Witness::open(&arguments.state, signer, logs).or_fail(Outcome::Fault)?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| {
            format!("cannot listen on {}; choose another address with --listen", arguments.listen)
        })
        .or_fail(Outcome::Fault)?;
    writeln!(crate::stdout::stdout(), "{public}").or_fail(Outcome::Fault)?;
    eprintln!("witness at http://{}/add-checkpoint; stop with Ctrl-C", arguments.listen);
    api::serve_witness(Arc::new(witness), listener, terminated()).await;
    Ok(Outcome::Done)
}

fn signer(arguments: &WitnessArguments) -> Result<Arc<dyn Sign>, Failure> {
    make_private(&arguments.state)?;
    let file = arguments.state.join("witness.key");
    if !file.exists() {
        let made = NoteSigner::generate(&arguments.name).or_fail(Outcome::Usage)?;
        store_signer(&file, &made).or_fail(Outcome::Fault)?;
    }
    let signer = load_signer(&file).or_fail(Outcome::Fault)?;
    if signer.verifier().name() == arguments.name {
        Ok(Arc::new(signer))
    } else {
        let message = format!("{} is the key of {}", file.display(), signer.verifier().name());
        Err(Failure::new(Outcome::Refused, message))
    }
}
