//! What comes before the first event that a command writes: the key store is this ledger's and whole, and the log is the
//! one that was signed.

use ledger::keys::KeyFault;
use ledger::officers::CustodyFault;
use ledger::proof::Signing;
use ledger::sealing::SealFault;
use ledger::{AppendError, KeyStoreFault, Ledger};

use crate::exit_code::{Failure, Outcome};
use crate::place::Open;

impl Open {
    /// Admits this command to write, and signs what it writes as long as the answer lives.
    ///
    /// # Errors
    /// A [`Failure`]: then nothing may be written.
    pub(crate) async fn begin_writing(&self) -> Result<Option<Signing>, Failure> {
        // First: of another log than the signed one, nothing can be said about its keys.
        let signing = self.log.sign(&self.ledger).await?;
        self.see_to_keys().await?;
        Ok(signing)
    }

    /// Admits this command to write, and leaves signing to it.
    ///
    /// # Errors
    /// A [`Failure`]: then nothing may be written.
    pub(crate) async fn begin_unsigned(&self) -> Result<(), Failure> {
        self.log.compare(&self.ledger).await?;
        self.see_to_keys().await
    }

    /// Sees to the key store, and says what was done to it.
    async fn see_to_keys(&self) -> Result<(), Failure> {
        let admitted = self.ledger.admit_writing().await.map_err(of_key_store)?;
        for path in &admitted.swept {
            eprintln!("an interrupted command had left {}; it is wiped", path.display());
        }
        for returned in &admitted.destroyed_again {
            eprintln!("key {} of stream {} is destroyed again", returned.key, returned.subject);
        }
        if let Some(position) = admitted.adopted_at {
            eprintln!("the key store is noted in the ledger for the first time, at position {position}");
        }
        Ok(())
    }
}

/// Notes how many packs of keys there are. Whatever was recorded stands also where this fails.
pub(crate) async fn note_keys(ledger: &Ledger) {
    if let Err(fault) = ledger.note_key_store().await {
        let fault = anyhow::Error::from(fault);
        eprintln!(
            "the number of packs of keys is not noted, the next command that writes does it: {fault:#}"
        );
    }
}

/// The exit code of an append that was refused: a fault of the data names the event, all else is the machine's.
pub(crate) fn of_append(fault: &AppendError) -> Outcome {
    if matches!(
        fault,
        AppendError::EventIdReused { .. }
            | AppendError::OtherCategory { .. }
            | AppendError::EventTooLarge { .. }
            | AppendError::OutOfRange { .. }
            | AppendError::NotCanonical { .. }
            | AppendError::Seal { source: SealFault::NotCanonical { .. } | SealFault::BadFields, .. }
    ) {
        Outcome::DataProblem
    } else {
        Outcome::Fault
    }
}

/// A key store that is not the ledger's or not whole is a matter of integrity; what is in the way else is a fault.
pub(crate) fn of_key_store(fault: KeyStoreFault) -> Failure {
    let outcome = match &fault {
        KeyStoreFault::Problem(_) | KeyStoreFault::Custody(CustodyFault::Changed { .. }) => {
            Outcome::Integrity
        }
        KeyStoreFault::NotConfirmed { .. } => Outcome::Refused,
        KeyStoreFault::Key(fault) => outcome_of(fault),
        KeyStoreFault::Custody(_)
        | KeyStoreFault::Read(_)
        | KeyStoreFault::Fence(_)
        | KeyStoreFault::KeyCheck(_)
        | KeyStoreFault::Note { .. } => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}

/// The same for one key, or a file of the store.
pub(crate) fn of_keys(fault: KeyFault) -> Failure {
    Failure { outcome: outcome_of(&fault), error: fault.into() }
}

fn outcome_of(fault: &KeyFault) -> Outcome {
    match fault {
        KeyFault::Missing { .. }
        | KeyFault::OfAnother { .. }
        | KeyFault::Lost { .. }
        | KeyFault::Damaged { .. } => Outcome::Integrity,
        KeyFault::Destroyed { .. }
        | KeyFault::GivenUp { .. }
        | KeyFault::Storage { .. }
        | KeyFault::TooOpen { .. }
        | KeyFault::MasterElsewhere
        | KeyFault::NoRandomness => Outcome::Fault,
    }
}
