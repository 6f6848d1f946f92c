//! Where a ledger's signing key and its signed heads live, and the signing task beside a command that writes.
//!
//! The key stands apart from the database, the key store and the proof folder: who copies one has not the others.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ledger::Ledger;
use ledger::notes::{KeyFileFault, NoteSigner, Sign, VerifierKey, load_signer, store_signer};
use ledger::proof::{ProofOptions, SignerFault, Signing};

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::make_private;
use crate::writing;

/// How long a command waits at its end for the signature over what it wrote.
const PATIENCE: Duration = Duration::from_secs(30);

/// The files of one ledger's signer.
#[derive(Clone, Debug)]
pub(crate) struct LogPlace {
    /// The private key.
    pub(crate) key: PathBuf,
    /// Tiles and the newest checkpoint.
    pub(crate) proof: PathBuf,
}

impl LogPlace {
    /// The places in a data folder.
    pub(crate) fn of(data: &Path, name: &str) -> Self {
        let key = data.join("signing").join(format!("{name}.key"));
        Self { key, proof: data.join("proof").join(name) }
    }

    /// What is noted of the key store, beside the database and apart from the store.
    pub(crate) fn key_store_note(&self) -> PathBuf {
        self.proof.with_extension("key-store")
    }

    /// The key for a new ledger: made, or the one that an interrupted attempt left.
    ///
    /// # Errors
    /// A [`Failure`] where the file cannot be written or read.
    pub(crate) fn new_key(&self, origin: &str) -> Result<VerifierKey, Failure> {
        if let Some(folder) = self.key.parent() {
            make_private(folder)?;
        }
        Ok(made_or_held(&self.key, origin)?.verifier().clone())
    }

    /// The present key.
    ///
    /// # Errors
    /// A [`Failure`] where it is not on this machine.
    pub(crate) fn signer(&self) -> Result<NoteSigner, Failure> {
        load_signer(&self.key).or_fail(Outcome::Fault)
    }

    /// A key to follow the present one: made, or the one that an interrupted rotation left.
    ///
    /// # Errors
    /// A [`Failure`] where the file cannot be written or read.
    pub(crate) fn next_key(&self, origin: &str) -> Result<NoteSigner, Failure> {
        made_or_held(&self.next(), origin)
    }

    /// Signs with the next key from now on. The present one goes: its public half stays in the log.
    ///
    /// # Errors
    /// A [`Failure`] where the file system refuses.
    pub(crate) fn take_next_key(&self) -> Result<(), Failure> {
        std::fs::rename(self.next(), &self.key).or_fail(Outcome::Fault)
    }

    fn next(&self) -> PathBuf {
        self.key.with_extension("next.key")
    }

    /// Puts the tiles and the checkpoint of an epoch aside, for ever.
    ///
    /// # Errors
    /// A [`Failure`] where the file system refuses.
    pub(crate) fn put_proof_aside(&self, epoch: u32) -> Result<(), Failure> {
        let aside = self.proof.with_extension(format!("epoch-{epoch}"));
        std::fs::rename(&self.proof, &aside).or_fail(Outcome::Fault)?;
        eprintln!("what was signed in epoch {epoch} is kept in {}", aside.display());
        Ok(())
    }

    /// After a rotation that was interrupted between its registration and the change of files; true where there was one.
    ///
    /// # Errors
    /// A [`Failure`] where the next key cannot be read or take its place.
    pub(crate) async fn finish_rotation(&self, ledger: &Ledger) -> Result<bool, Failure> {
        if !self.next().exists() {
            return Ok(false);
        }
        let name = ledger.log_name().await.or_fail(Outcome::Fault)?;
        let next = load_signer(&self.next()).or_fail(Outcome::Fault)?;
        if name.keys.last() != Some(next.verifier()) {
            return Ok(false);
        }
        self.take_next_key()?;
        Ok(true)
    }

    /// Signs what a command writes, as long as the answer lives. `None` where the key is not on this machine: then
    /// somebody else signs, or nobody, and a line says so.
    ///
    /// # Errors
    /// A [`Failure`] where the log is not the one that was signed: nothing must be appended then.
    pub(crate) async fn sign(&self, ledger: &Ledger) -> Result<Option<Signing>, Failure> {
        if !self.key.exists() {
            let signed = self.compare(ledger).await?;
            eprintln!(
                "not signed here: there is no key {}. The log is still the one that was signed up to {signed}",
                self.key.display()
            );
            return Ok(None);
        }
        self.finish_rotation(ledger).await?;
        self.sign_with(ledger, false).await.map(Some)
    }

    /// Holds the log against what was signed of it, with or without the key.
    ///
    /// # Errors
    /// A [`Failure`] where the log is not the one that was signed: nothing must be appended then.
    pub(crate) async fn compare(&self, ledger: &Ledger) -> Result<u64, Failure> {
        // Whoever signs has the folder; whoever does not may be on another machine.
        ledger.compare_with_signed(&self.proof, self.key.exists()).await.map_err(failure)
    }

    /// How many heads were signed after the one in the proof folder.
    ///
    /// # Errors
    /// A [`Failure`] where they cannot be read.
    pub(crate) async fn signed_after_folder(&self, ledger: &Ledger) -> Result<u64, Failure> {
        ledger.signed_after(&self.proof).await.map_err(failure)
    }

    /// Writes a proof folder that is lost anew from the database, and signs the newest head in it.
    ///
    /// # Errors
    /// A [`Failure`] where a folder is there, or the database does not fit to its own checkpoints.
    pub(crate) async fn rebuild_proof(&self, ledger: &Ledger) -> Result<(), Failure> {
        if self.proof.exists() {
            let message = format!(
                "{} is there; move it away first, and keep it: it may remember what the database has lost",
                self.proof.display()
            );
            return Err(Failure::new(Outcome::Refused, message));
        }
        let signing = self.sign_with(ledger, true).await?;
        finish(Some(signing), ledger).await
    }

    async fn sign_with(&self, ledger: &Ledger, rebuild: bool) -> Result<Signing, Failure> {
        let signer: Arc<dyn Sign> = Arc::new(load_signer(&self.key).or_fail(Outcome::Fault)?);
        let options = ProofOptions { folder: self.proof.clone(), signer, rebuild };
        ledger.start_signing(options).await.map_err(failure)
    }
}

/// The key in a file; made where there is none. Of two processes that make it at once, both get the one that is there.
fn made_or_held(path: &Path, origin: &str) -> Result<NoteSigner, Failure> {
    if !path.exists() {
        let signer = NoteSigner::generate(origin).or_fail(Outcome::Usage)?;
        match store_signer(path, &signer) {
            Ok(()) | Err(KeyFileFault::Taken { .. }) => {}
            Err(fault) => return Err(fault).or_fail(Outcome::Fault),
        }
    }
    load_signer(path).or_fail(Outcome::Fault)
}

/// Notes how many packs of keys there are, and waits until what was written is signed, by this process or by the one
/// that signs now.
pub(crate) async fn finish(signing: Option<Signing>, ledger: &Ledger) -> Result<(), Failure> {
    writing::note_keys(ledger).await;
    let Some(signing) = signing else { return Ok(()) };
    let head = ledger.head().await.or_fail(Outcome::Fault)?.position.0;
    if signing.status().borrow().lease && !signing.covers(head, PATIENCE).await {
        let stopped = signing.status().borrow().stopped.clone();
        let why = stopped.unwrap_or_else(|| format!("it takes longer than {} s", PATIENCE.as_secs()));
        eprintln!("the log is not signed up to {head} yet: {why}");
    }
    signing.finish().await;
    Ok(())
}

fn failure(fault: SignerFault) -> Failure {
    let integrity = fault.is_about_the_log();
    Err::<(), _>(fault)
        .or_fail(if integrity { Outcome::Integrity } else { Outcome::Fault })
        .expect_err("it is one")
}
