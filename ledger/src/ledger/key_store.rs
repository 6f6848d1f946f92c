//! Whose key store it is. Before the first event of a process is written, the store at hand is compared with what the
//! ledger says of it and with the note beside the database; a ledger of before adopts it then.
//!
//! Invariant: nothing is appended, and no key is made, with a store that is not the one that was noted, or that is not
//! whole. Reading compares nothing and changes nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::envelope::{EventContext, StoredEvent};
use domain::events::custody::KeyStoreNoted;
use domain::ids::{Position, StreamId};
use thiserror::Error;

use super::{Ledger, UnsealFault, on_blocking_thread};
use crate::append::{AppendError, OwnKeys, signed};
use crate::backup::KeyCheckFault;
use crate::batch_mac::BatchKey;
use crate::keys::{
    DirectoryKeys, FenceFault, Fingerprint, KeyFault, KeyId, KeyPurpose, ReturnedKey, StoreNote, StoreState,
};
use crate::officers::{CarryOutFault, Custody, CustodyFault};
use crate::proof::Authenticity;
use crate::read::ReadFault;

/// So many packs are made at most before their number is noted.
const PACKS_PER_NOTE: u64 = if cfg!(test) { 3 } else { 1_000 };
/// Sealed events that are looked at together.
const PAGE: u32 = 100;
/// How far back the newest sealed event of a ledger is looked for whose store is noted. One that is to be adopted is
/// looked through to its beginning.
const NEAR_THE_END: u64 = 20_000;
/// How often a note is written anew, because somebody else recorded something meanwhile.
const ATTEMPTS: u32 = 5;

/// What is wrong with the key store at hand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreProblem {
    /// It is another one than the ledger noted.
    #[error(
        "the key store {place} is not the one that the ledger noted at position {position}. Put the right one back; \
         after a lawful restore, `caseledger keys adopt` takes this one"
    )]
    Another {
        /// The store.
        place: String,
        /// Where the note stands.
        position: Position,
    },
    /// It is another one than the note beside the database says.
    #[error(
        "the key store {place} is not the one of {}, which the ledger does not know: store or database were restored \
         from an older copy. Put the right ones back; after a lawful restore, `caseledger keys adopt` takes this store",
        note.display()
    )]
    AnotherBeside {
        /// The store.
        place: String,
        /// The note beside the database.
        note: PathBuf,
    },
    /// The note beside the database is about another ledger.
    #[error("{} is about another ledger: name the right one with --ledger, or the right folder with --data", note.display())]
    NoteOfAnother {
        /// The note.
        note: PathBuf,
    },
    /// Packs are missing.
    #[error(
        "{noted} packs of keys were made and {found} are known to the key store {place}: it is an older copy. Put the \
         newest one back; where there is none, `caseledger keys adopt` goes on without what is missing"
    )]
    TooFewPacks {
        /// The store.
        place: String,
        /// How many were noted.
        noted: u64,
        /// How many were made by what is there.
        found: u64,
    },
    /// A pack is missing between others.
    #[error(
        "the pack of keys {} is missing. Put it back from the backup of the keys; where there is none, \
         `caseledger keys adopt` goes on without it", path.display()
    )]
    PackMissing {
        /// The pack.
        path: PathBuf,
    },
    /// A file that the store did not make.
    #[error(
        "{} does not belong in the key store, and may hold a copy of keys that outlives their destruction. Look at it, \
         then move it elsewhere or delete it", path.display()
    )]
    Strange {
        /// The file.
        path: PathBuf,
    },
    /// What was sealed last does not open.
    #[error(
        "the key store {place} does not open what is sealed at position {position} for stream {subject}: it is an older \
         copy, or that of another ledger. Put the right one back; where there is none, `caseledger keys adopt` goes on \
         without what is missing"
    )]
    DoesNotOpen {
        /// The store.
        place: String,
        /// The event.
        position: Position,
        /// Whose it is.
        subject: StreamId,
    },
}

/// Why nothing is written.
#[derive(Debug, Error)]
pub enum KeyStoreFault {
    /// The store is not the ledger's, or not whole.
    #[error(transparent)]
    Problem(#[from] StoreProblem),
    /// The number of lost keys was not confirmed.
    #[error(
        "the keys of {lost} subjects are not in this store: what is sealed for them stays unreadable. To go on without \
         them for ever, say `caseledger keys adopt --without {lost}`"
    )]
    NotConfirmed {
        /// How many have text sealed and no key.
        lost: u64,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The system stream.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// Destroyed keys cannot be looked for.
    #[error(transparent)]
    Fence(#[from] FenceFault),
    /// Missing keys cannot be looked for.
    #[error(transparent)]
    KeyCheck(#[from] KeyCheckFault),
    /// The note cannot be recorded.
    #[error("noting the key store in the ledger")]
    Note {
        /// Why.
        #[from]
        source: Box<CarryOutFault>,
    },
}

/// What was done before the first event of this process was written.
#[derive(Debug, Default)]
pub struct Admitted {
    /// What crashes had left in the store, and is wiped now.
    pub swept: Vec<PathBuf>,
    /// Destroyed keys that were back, and are destroyed again.
    pub destroyed_again: Vec<ReturnedKey>,
    /// Where the store was noted, in a ledger that had no note of it.
    pub adopted_at: Option<Position>,
}

/// What somebody took over deliberately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The store.
    pub fingerprint: Fingerprint,
    /// Subjects whose key is not in it.
    pub lost: u64,
    /// Where it is noted.
    pub position: Position,
}

impl Ledger {
    /// Sees to it that the key store is this ledger's and whole, before anything is written; once in a process, and by
    /// itself with the first append. Wipes what crashes left, and destroys again what was destroyed.
    ///
    /// # Errors
    /// [`KeyStoreFault`]; then nothing may be written.
    pub async fn admit_writing(&self) -> Result<&Admitted, KeyStoreFault> {
        self.inner.admitted.get_or_try_init(|| self.admit()).await
    }

    async fn admit(&self) -> Result<Admitted, KeyStoreFault> {
        let custody = self.checked_custody().await?;
        if let Some(problem) = self.store_problems(&custody).await?.into_iter().next() {
            return Err(problem.into());
        }
        let keys = self.keys();
        let swept = on_blocking_thread(move || keys.tidy()).await?;
        let destroyed_again = self.enforce_destroyed_keys().await?;
        let noted = custody.key_store().fingerprint().is_some();
        let authentic = self.has_batch_macs(&custody);
        self.take_batch_key(authentic).await?;
        let adopts = |custody: &Custody, state: &StoreState| {
            let is_complete = custody.key_store().fingerprint().is_some() && self.has_batch_macs(custody);
            Self::adopts(state).filter(|_| !is_complete)
        };
        let recorded_at = if noted && authentic { None } else { Some(self.note(adopts).await?) };
        let adopted_at = recorded_at.filter(|_| !noted);
        self.keep_note(&self.custody().await?)?;
        Ok(Admitted { swept, destroyed_again, adopted_at })
    }

    /// What is wrong with the key store; nothing where it is this ledger's and whole. Changes nothing.
    ///
    /// # Errors
    /// [`KeyStoreFault`] where it cannot be told.
    pub async fn key_store_problems(&self) -> Result<Vec<StoreProblem>, KeyStoreFault> {
        self.store_problems(&self.custody().await?).await
    }

    /// The key store as it is. Changes nothing.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub async fn key_store_state(&self) -> Result<StoreState, KeyFault> {
        let (keys, id) = (self.keys(), self.id());
        on_blocking_thread(move || keys.state(id)).await
    }

    /// Keys of which the key store says that they were destroyed, and the ledger does not.
    ///
    /// # Errors
    /// [`KeyStoreFault`].
    pub async fn tombstones_of_nothing(&self) -> Result<Vec<KeyId>, KeyStoreFault> {
        let (custody, state) = (self.custody().await?, self.key_store_state().await?);
        Ok(state.destroyed.into_iter().filter(|key| !custody.is_destroyed(*key)).collect())
    }

    async fn store_problems(&self, custody: &Custody) -> Result<Vec<StoreProblem>, KeyStoreFault> {
        let state = self.key_store_state().await?;
        let mut problems = self.against_notes(custody, &state)?;
        let missing = state.missing.into_iter().map(|path| StoreProblem::PackMissing { path });
        problems.extend(missing.chain(state.strange.into_iter().map(|path| StoreProblem::Strange { path })));
        problems.extend(self.newest_that_does_not_open(custody).await?);
        Ok(problems)
    }

    fn against_notes(&self, custody: &Custody, state: &StoreState) -> Result<Vec<StoreProblem>, KeyFault> {
        let (noted, place) = (custody.key_store(), self.keys().place());
        let is_at_hand = |fingerprint: &Fingerprint| state.fingerprints.contains(fingerprint);
        let mut problems = Vec::new();
        if noted.fingerprint().is_some_and(|noted| !is_at_hand(&noted)) {
            problems.push(StoreProblem::Another { place: place.clone(), position: noted.position });
        }
        let mut packs = noted.packs;
        if let (Some(path), Some(beside)) = (self.inner.key_store_note.clone(), self.note_beside()?) {
            if beside.ledger != self.id() {
                problems.push(StoreProblem::NoteOfAnother { note: path });
            } else if is_at_hand(&beside.fingerprint) {
                packs = packs.max(beside.packs);
            } else if !noted.fingerprints.contains(&beside.fingerprint) {
                problems.push(StoreProblem::AnotherBeside { place: place.clone(), note: path });
            }
        }
        if state.packs < packs {
            problems.push(StoreProblem::TooFewPacks { place, noted: packs, found: state.packs });
        }
        Ok(problems)
    }

    fn note_beside(&self) -> Result<Option<StoreNote>, KeyFault> {
        self.inner.key_store_note.as_deref().map_or(Ok(None), StoreNote::load)
    }

    /// Remembers what is noted, and writes the note beside the database where it says something else.
    fn keep_note(&self, custody: &Custody) -> Result<(), KeyFault> {
        self.inner.noted_packs.store(custody.key_store().packs, Ordering::Relaxed);
        self.remember_note(custody);
        let Some(path) = &self.inner.key_store_note else { return Ok(()) };
        let Some(fingerprint) = custody.key_store().fingerprint() else { return Ok(()) };
        let packs = custody.key_store().packs;
        let note = StoreNote { ledger: self.id(), fingerprint, packs };
        if StoreNote::load(path)? == Some(note) { Ok(()) } else { note.store(path) }
    }

    /// Remembers what is noted and is asked about while the ledger is open.
    pub(super) fn remember_note(&self, custody: &Custody) {
        let noted = custody.key_store();
        self.inner.preparer.lost_up_to.store(noted.lost_up_to.0, Ordering::Relaxed);
        let macs_from = if self.genesis().macs_from_the_start { Some(Position(1)) } else { noted.macs_from };
        self.inner.preparer.macs_from.store(macs_from.map_or(u64::MAX, |from| from.0), Ordering::Relaxed);
    }

    /// The ledger's keys, for who compares what was sealed.
    pub(super) fn own_keys(&self) -> OwnKeys {
        let batches = Arc::clone(&self.inner.preparer.batches);
        OwnKeys { ledger: self.id(), keys: self.keys(), batches }
    }

    /// What it takes to tell which batches this ledger's programs wrote.
    pub(crate) fn authenticity(&self) -> Authenticity {
        let preparer = &self.inner.preparer;
        Authenticity { key: Arc::clone(&preparer.batches), from: Arc::clone(&preparer.macs_from) }
    }

    /// The newest sealed event whose key was not destroyed, where the store does not open it.
    async fn newest_that_does_not_open(
        &self,
        custody: &Custody,
    ) -> Result<Option<StoreProblem>, KeyStoreFault> {
        let noted = custody.key_store();
        let head = self.head().await?.position;
        let first = match noted.fingerprint() {
            Some(_) => head.0.saturating_sub(NEAR_THE_END),
            None => 0,
        };
        let mut before = Position(head.0 + 1);
        loop {
            let page = self.sealed_between(Position(first.max(noted.lost_up_to.0)), before).await?;
            let Some(last) = page.last() else { return Ok(None) };
            before = last.position;
            for event in &page {
                let opened = self.unseal(event).await;
                // Whether the ledger says so, or only the store: a copy of the database may be older than it.
                let key = KeyId::new(self.id(), KeyPurpose::Subject(event.stream));
                let destroyed =
                    matches!(opened, Err(UnsealFault::Key { source: KeyFault::Destroyed { .. }, .. }));
                if destroyed || custody.is_destroyed(key) {
                    continue;
                }
                let opens = matches!(opened, Ok(Some(_)));
                let (place, position, subject) = (self.keys().place(), event.position, event.stream);
                return Ok((!opens).then_some(StoreProblem::DoesNotOpen { place, position, subject }));
            }
        }
    }

    /// Sealed events after one position and before another, the newest first; not all at once.
    async fn sealed_between(&self, after: Position, before: Position) -> Result<Vec<StoredEvent>, ReadFault> {
        let condition = format!(
            "sealed IS NOT NULL AND position > $1 AND position < $2 ORDER BY position DESC LIMIT {PAGE}"
        );
        self.reader.events(&condition, &[&signed(after.0), &signed(before.0)]).await
    }

    /// Records what a store at hand says, given what is noted; folds again where somebody else was faster.
    async fn note(
        &self,
        says: impl Fn(&Custody, &StoreState) -> Option<KeyStoreNoted>,
    ) -> Result<Position, KeyStoreFault> {
        let mut attempts_left = ATTEMPTS;
        loop {
            attempts_left -= 1;
            let custody = self.custody().await?;
            let state = self.key_store_state().await?;
            let Some(body) = says(&custody, &state) else { return Ok(custody.key_store().position) };
            let by = EventContext::new(self.id().0, "ledger");
            let command = self.custody_command(&custody, vec![body.into()], &by, self.now());
            let recorded = match command {
                Ok(command) => self.append_admitted(command).await,
                Err(fault) => return Err(Box::new(fault).into()),
            };
            match recorded {
                Ok(recorded) => return Ok(recorded.first_position),
                Err(AppendError::Conflict { .. }) if attempts_left > 0 => {}
                Err(fault) => return Err(Box::new(CarryOutFault::from(fault)).into()),
            }
        }
    }

    /// What a ledger without a note says of the store at hand; from there on its batches have MACs.
    fn adopts(state: &StoreState) -> Option<KeyStoreNoted> {
        let (fingerprint, packs) = (state.fingerprints.first()?.to_string(), state.packs);
        Some(KeyStoreNoted { fingerprint, packs, lost_keys: None, lost_up_to: None, batch_macs: Some(true) })
    }

    /// Whether each batch from now on has to carry a MAC.
    fn has_batch_macs(&self, custody: &Custody) -> bool {
        self.genesis().macs_from_the_start || custody.key_store().macs_from.is_some()
    }

    /// The key for MACs of batches: found where the ledger has one, else made.
    async fn take_batch_key(&self, is_there: bool) -> Result<(), KeyFault> {
        let cell = &self.inner.preparer.batches;
        if cell.get().is_some() {
            return Ok(());
        }
        let (keys, ledger) = (self.keys(), self.id());
        let (id, place) = (KeyId::new(ledger, KeyPurpose::Batches), keys.place());
        if is_there {
            return Err(KeyFault::OfAnother { place, ledger });
        }
        let made = on_blocking_thread(move || keys.obtain(&[id])).await?.pop();
        let key = made.ok_or(KeyFault::OfAnother { place, ledger })?;
        let _ = cell.set(BatchKey::new(ledger, key));
        Ok(())
    }

    /// Notes how many packs there are, where there are more than were noted: whenever a ledger is closed.
    ///
    /// # Errors
    /// [`KeyStoreFault`].
    pub async fn note_key_store(&self) -> Result<(), KeyStoreFault> {
        // A process that wrote nothing made no key.
        if self.inner.admitted.get().is_none() {
            return Ok(());
        }
        let more = |custody: &Custody, state: &StoreState| {
            let noted = custody.key_store();
            let fingerprint = noted.fingerprint().filter(|_| state.packs > noted.packs)?.to_string();
            Some(KeyStoreNoted {
                fingerprint,
                packs: state.packs,
                lost_keys: None,
                lost_up_to: None,
                batch_macs: None,
            })
        };
        self.note(more).await?;
        Ok(self.keep_note(&self.custody().await?)?)
    }

    /// The same once a thousand packs were made since, so that a crash leaves no more than those unnoted.
    pub(super) async fn note_many_packs(&self) -> Result<(), KeyStoreFault> {
        let noted = self.inner.noted_packs.load(Ordering::Relaxed);
        let made = self.inner.preparer.keys.packs_made();
        if made < noted + PACKS_PER_NOTE { Ok(()) } else { self.note_key_store().await }
    }

    /// Takes the store at hand for this ledger's, deliberately, after a lawful restore. What is missing in it is given
    /// up, where the caller names the right number of subjects whose keys are lost.
    ///
    /// # Errors
    /// [`KeyStoreFault`]; nothing is noted then.
    pub async fn adopt_key_store(&self, without: u64) -> Result<Adoption, KeyStoreFault> {
        let state = self.key_store_state().await?;
        if let Some(path) = state.strange.into_iter().next() {
            return Err(StoreProblem::Strange { path }.into());
        }
        let custody = self.custody().await?;
        let lost = self.streams_lacking_keys().await?.len().try_into().unwrap_or(u64::MAX);
        if lost != without {
            return Err(KeyStoreFault::NotConfirmed { lost });
        }
        let beside = self.note_beside()?.map_or(0, |note| note.packs);
        let (keys, packs) = (self.keys(), custody.key_store().packs.max(beside));
        on_blocking_thread(move || keys.give_up_missing(packs)).await?;
        let head = self.head().await?.position;
        let (lost_keys, lost_up_to) = if lost == 0 { (None, None) } else { (Some(lost), Some(head.0)) };
        let adopted = |_: &Custody, state: &StoreState| {
            let fingerprint = state.fingerprints.first()?.to_string();
            Some(KeyStoreNoted { fingerprint, packs: state.packs, lost_keys, lost_up_to, batch_macs: None })
        };
        let position = self.note(adopted).await?;
        let custody = self.custody().await?;
        self.keep_note(&custody)?;
        let fingerprint = custody.key_store().fingerprint();
        let fingerprint = fingerprint.ok_or(CustodyFault::Empty)?;
        Ok(Adoption { fingerprint, lost, position })
    }

    /// Gives the key store a new master key; gives how many keys were wrapped with it. The new one is noted before it
    /// wraps anything, so that after a crash the store still has a key that is noted.
    ///
    /// # Errors
    /// [`KeyStoreFault`]; the same again goes on where it stopped.
    pub async fn rotate_master(&self, keys: std::sync::Arc<DirectoryKeys>) -> Result<usize, KeyStoreFault> {
        self.admit_writing().await?;
        let id = self.id();
        let next = {
            let keys = std::sync::Arc::clone(&keys);
            on_blocking_thread(move || keys.next_master_key()).await?
        };
        let fingerprint = next.fingerprint(id);
        let follows = |custody: &Custody, state: &StoreState| {
            let is_noted = custody.key_store().fingerprint() == Some(fingerprint);
            let fingerprint = fingerprint.to_string();
            let packs = state.packs;
            (!is_noted).then_some(KeyStoreNoted {
                fingerprint,
                packs,
                lost_keys: None,
                lost_up_to: None,
                batch_macs: None,
            })
        };
        self.note(follows).await?;
        let wrapped = on_blocking_thread(move || keys.rotate_master_to(&next)).await?;
        self.keep_note(&self.custody().await?)?;
        Ok(wrapped)
    }
}
