//! What was sealed for the subject of a stream, opened with its key.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::envelope::{SealedFields, StoredEvent};
use domain::ids::{Position, StreamId};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Ledger, on_blocking_thread};
use crate::keys::{KeyFault, KeyId, KeyPurpose, SecretKey};
use crate::sealing::{self, Opened, Place, SealFault, cipher};

/// Why sealed fields cannot be read.
#[derive(Debug, Error)]
pub enum UnsealFault {
    /// The key is gone or cannot be reached.
    #[error("key for event at position {position}")]
    Key {
        /// Where.
        position: Position,
        /// Why.
        source: KeyFault,
    },
    /// The container does not open.
    #[error("sealed fields at position {position}")]
    Seal {
        /// Where.
        position: Position,
        /// Why.
        source: SealFault,
    },
}

impl Ledger {
    /// Opens what an event sealed for the subject of its stream; `None` where it sealed nothing.
    ///
    /// # Errors
    /// [`UnsealFault`]; a destroyed key is told apart from a damaged container.
    pub async fn unseal(&self, event: &StoredEvent) -> Result<Option<SealedFields>, UnsealFault> {
        Ok(self.open_sealed(event).await?.map(Opened::into_fields))
    }

    /// What is left to be opened of an event: nothing where it sealed nothing, `None` where the key is destroyed or given up.
    ///
    /// # Errors
    /// [`UnsealFault`] for anything else.
    pub async fn unseal_what_is_left(
        &self,
        event: &StoredEvent,
    ) -> Result<Option<SealedFields>, UnsealFault> {
        match self.unseal(event).await {
            Ok(sealed) => Ok(Some(sealed.unwrap_or_else(SealedFields::none))),
            Err(UnsealFault::Key {
                source: KeyFault::Destroyed { .. } | KeyFault::GivenUp { .. }, ..
            }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// As [`Self::unseal`], with what it takes to disclose and prove one field alone.
    ///
    /// # Errors
    /// [`UnsealFault`].
    pub async fn open_sealed(&self, event: &StoredEvent) -> Result<Option<Opened>, UnsealFault> {
        let Some(container) = &event.sealed else { return Ok(None) };
        let position = event.position;
        let id = KeyId::new(self.id(), KeyPurpose::Subject(event.stream));
        let key = self.subject_key(id).await.map_err(|source| UnsealFault::Key { position, source })?;
        let place = Place {
            ledger: self.id(),
            stream: event.stream,
            event_id: event.event_id,
            kind: &event.kind,
            schema_version: event.schema_version,
        };
        let opened = key.map(|key| sealing::open(&place, container, id, &key));
        let subject = event.stream;
        let given_up = position.0 <= self.inner.preparer.lost_up_to.load(Ordering::Relaxed);
        match opened {
            Some(Ok(opened)) => Ok(Some(opened)),
            // Another key may have been made for this subject since.
            None | Some(Err(SealFault::DoesNotOpen { .. })) if given_up => {
                Err(UnsealFault::Key { position, source: KeyFault::GivenUp { subject } })
            }
            None => {
                let place = self.keys().place();
                Err(UnsealFault::Key { position, source: KeyFault::Lost { subject, place } })
            }
            Some(Err(source)) => Err(UnsealFault::Seal { position, source }),
        }
    }

    /// A short text under the key of a subject, bound to `associated`; `None` where the subject has no key.
    pub(crate) async fn seal_text(
        &self,
        subject: StreamId,
        text: &[u8],
        associated: &[u8],
    ) -> Result<Option<Vec<u8>>, KeyFault> {
        let key = self.subject_key(KeyId::new(self.id(), KeyPurpose::Subject(subject))).await;
        let key = match key {
            Err(KeyFault::Destroyed { .. }) => None,
            key => key?,
        };
        let Some(key) = key else { return Ok(None) };
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|_| KeyFault::NoRandomness)?;
        let sealed = cipher::seal(key.bytes(), &nonce, text, associated);
        Ok(Some([nonce.as_slice(), &sealed].concat()))
    }

    /// What [`Self::seal_text`] sealed; `None` where the key is gone, or it does not open.
    pub(crate) async fn open_text(
        &self,
        subject: StreamId,
        sealed: &[u8],
        associated: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyFault> {
        let key = self.subject_key(KeyId::new(self.id(), KeyPurpose::Subject(subject))).await;
        let key = match key {
            Err(KeyFault::Destroyed { .. }) => None,
            key => key?,
        };
        let parts = sealed.split_first_chunk::<24>();
        Ok(key.zip(parts).and_then(|(key, (nonce, text))| cipher::open(key.bytes(), nonce, text, associated)))
    }

    async fn subject_key(&self, id: KeyId) -> Result<Option<SecretKey>, KeyFault> {
        if self.returned_keys().iter().any(|returned| returned.key == id) {
            return Err(KeyFault::Destroyed { id });
        }
        let keys = Arc::clone(&self.inner.preparer.keys);
        match keys.cached(id) {
            Some(key) => Ok(Some(key)),
            None => on_blocking_thread(move || keys.find(id)).await,
        }
    }
}
