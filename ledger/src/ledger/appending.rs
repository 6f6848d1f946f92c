//! Commands and imports on their way to the appender.

use domain::ids::CommandId;
use tokio::sync::oneshot;

use super::Ledger;
use crate::append::{
    self, AppendError, BulkReport, Command, Fed, FedEvent, FeedFault, Feeding, MAX_EVENTS_PER_COMMAND,
    Recorded,
};

impl Ledger {
    /// Records a command: all its events, durably, or nothing.
    ///
    /// # Errors
    /// [`AppendError`]; only [`AppendError::Unavailable`] leaves open whether it was recorded, and asking again
    /// with the same command id tells.
    pub async fn append(&self, command: Command) -> Result<Recorded, AppendError> {
        self.check_key_store().await?;
        let recorded = self.append_admitted(command).await?;
        self.note_packs().await;
        Ok(recorded)
    }

    /// The same with a key store that was looked at, or is just being noted.
    pub(crate) async fn append_admitted(&self, command: Command) -> Result<Recorded, AppendError> {
        let command_id = command.command_id;
        let events: usize = command.appends.iter().map(|append| append.events.len()).sum();
        if events > MAX_EVENTS_PER_COMMAND {
            return Err(AppendError::TooManyEvents { command_id, events });
        }
        self.check_signing()?;
        let draft = self.inner.preparer.prepare(command, false).await?;
        let (reply, answer) = oneshot::channel();
        self.inner.outbox.send(draft, reply, self.inner.patience).await?;
        answer.await.map_err(|_| AppendError::Closed)?
    }

    /// Records one chunk of an import, of at most [`append::MAX_EVENTS_PER_CHUNK`] events. Events that are known
    /// are left out, a chunk whose command id is known is not looked at again, and live commands go first.
    /// Two chunks under way at once keep database and hashing busy; more gain nothing.
    ///
    /// # Errors
    /// [`AppendError`], as for [`Self::append`].
    pub async fn append_bulk(&self, chunk: Command) -> Result<BulkReport, AppendError> {
        self.check_key_store().await?;
        self.check_signing()?;
        let report = append::append_chunk(&self.inner.preparer, &self.inner.outbox, chunk).await?;
        self.note_packs().await;
        Ok(report)
    }

    /// Records an import of any length, in chunks with the ids that `chunk_id` gives them by their number. The events
    /// are read and prepared on a thread of their own, each group of the source whole within one chunk; events that
    /// are known are left out, and live commands go first. `tell` hears after each chunk how far it is.
    ///
    /// # Errors
    /// [`FeedFault`]; what was recorded before stays, and the same import goes on from there.
    pub async fn append_all<E: std::error::Error + Send + 'static>(
        &self,
        groups: impl Iterator<Item = Result<Vec<FedEvent>, E>> + Send + 'static,
        chunk_id: impl Fn(u64) -> CommandId + Send + 'static,
        mut tell: impl FnMut(Fed),
    ) -> Result<Fed, FeedFault<E>> {
        self.check_key_store().await?;
        self.check_signing()?;
        let mut feeding = Feeding::start(&self.inner.preparer, &self.inner.outbox, groups, chunk_id);
        let mut so_far = Fed::default();
        while let Some(fed) = feeding.next().await? {
            so_far = fed;
            tell(fed);
            self.note_packs().await;
        }
        Ok(so_far)
    }

    /// Nothing is appended with another ledger's key store, or with one that is not whole.
    pub(crate) async fn check_key_store(&self) -> Result<(), AppendError> {
        self.admit_writing().await.map(drop).map_err(|fault| Box::new(fault).into())
    }

    /// What was recorded stands also where this fails; it is tried again behind the next.
    async fn note_packs(&self) {
        if let Err(fault) = self.note_many_packs().await {
            tracing::warn!(%fault, "the number of packs of keys is not noted");
        }
    }

    /// Nothing is appended to a log that is not the one that was signed.
    fn check_signing(&self) -> Result<(), AppendError> {
        let stopped = self.inner.signed.get().and_then(|signed| signed.borrow().stopped.clone());
        stopped.map_or(Ok(()), |reason| Err(AppendError::Halted { reason }))
    }
}
