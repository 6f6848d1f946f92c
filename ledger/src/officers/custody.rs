//! The fold of the system stream: officers, holds, authorised disposals, destroyed keys, and what nobody authorised.

use std::collections::{BTreeMap, BTreeSet};

use domain::events::Body;
use domain::events::custody::{
    DisposalAuthorised, EpochOpened, KeyDestroyed, LedgerTimeSet, LegalHoldLifted, LegalHoldPlaced,
    OfficerKeyRegistered, OfficerKeyRevoked, PositionRange, RecordDisposed,
};
use domain::events::{Code, RecordedEvent};
use domain::ids::{EventId, LedgerId, Position, Revision, StreamId};
use thiserror::Error;
use uuid::Uuid;

use super::check::{RequestFault, Signed};
use super::key_store::NotedStore;
use super::request::Action;
use crate::hash::unhex;
use crate::keys::{KeyId, KeyPurpose};
use crate::ledger_time::{Leap, LedgerTime};
use crate::notes::{KeyType, NoteKeyFault, VerifierKey};

/// The least number of officers who must be able to sign.
const LEAST: usize = 2;

/// A key that may sign requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The key; its name is the officer.
    pub key: VerifierKey,
    /// Where it was registered.
    pub registered_at: Position,
}

/// A legal hold that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The event that placed it.
    pub event: EventId,
    /// Where.
    pub position: Position,
    /// The stream that is held.
    pub stream: StreamId,
    /// Why.
    pub reason: Code,
}

/// A disposal that two officers asked for, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// The event that authorised it.
    pub event: EventId,
    /// Where.
    pub position: Position,
    /// The stream.
    pub stream: StreamId,
    /// The last position that may be disposed of, inclusive.
    pub up_to: Position,
    /// The rule of the retention schedule.
    pub rule: Code,
    /// The signed request.
    pub request: String,
    /// The salt of what the officers saw, sealed; see [`Particulars`](super::Particulars).
    pub sealed_salt: Option<String>,
    /// The positions of the record when it was authorised; `None` in events of programs of before.
    pub positions: Option<Vec<PositionRange>>,
    /// What was recorded as disposed of, in the order of recording; empty while nothing is.
    pub disposed: Vec<PositionRange>,
    /// The last day on which a backup may hold it, once the disposal is recorded.
    pub backup_horizon: Option<chrono::NaiveDate>,
}

impl Authorisation {
    /// Whether an event of a stream may be disposed of under it.
    fn covers(&self, stream: StreamId, position: Position) -> bool {
        let listed = |ranges: &Vec<PositionRange>| {
            ranges.iter().any(|range| (range.first..=range.last).contains(&position.0))
        };
        self.stream == stream && position <= self.up_to && self.positions.as_ref().is_none_or(listed)
    }
}

/// An entry of the system stream that must not be there. It has no effect here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irregular {
    /// Where.
    pub position: Position,
    /// What it is.
    pub kind: &'static str,
    /// What is wrong with it.
    pub cause: IrregularCause,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IrregularCause {
    /// Two officers did not ask for it.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// The key is none.
    #[error("the key cannot be used")]
    Key {
        /// Why.
        #[from]
        source: NoteKeyFault,
    },
    /// An officer's key signs plain texts.
    #[error("an officer's key is an Ed25519 key of type 0x01")]
    KeyType,
    /// The key, or its bytes under another name, is registered already.
    #[error("the key is registered for officer {officer}")]
    KeyInUse {
        /// Whose it is.
        officer: String,
    },
    /// No such key signs for anybody.
    #[error("no officer signs with this key")]
    NotRegistered,
    /// Fewer than two officers would be left.
    #[error("fewer than two officers would be left; register another one first")]
    TooFewLeft,
    /// What was signed is not what stands in the event.
    #[error("the officers signed for something else")]
    Differs,
    /// A hold stands against it.
    #[error("stream {stream} is under legal hold {hold}")]
    OnHold {
        /// The stream.
        stream: StreamId,
        /// The event that placed the hold.
        hold: EventId,
    },
    /// The hold does not stand.
    #[error("no such legal hold stands")]
    NoSuchHold,
    /// The disposal was not authorised.
    #[error("no such disposal was authorised")]
    NotAuthorised,
    /// What is noted of the key store is in no form of a fingerprint.
    #[error("the key store's fingerprint is not 32 hex digits")]
    Fingerprint,
    /// The time in the row is not ahead of the one that was signed for, or it is not before.
    #[error("the time in the row is not ahead of the time that was signed for")]
    NoLeap,
    /// The ledger's own keeping is never disposed of.
    #[error("the system stream is never disposed of")]
    SystemStream,
}

/// Everything that the system stream says about who may do what, and what has been done.
#[derive(Clone, Debug)]
pub struct Custody {
    ledger: LedgerId,
    system: StreamId,
    revision: Revision,
    officers: Vec<Officer>,
    ever: BTreeSet<String>,
    used: BTreeMap<Uuid, Position>,
    holds: Vec<Hold>,
    authorisations: Vec<Authorisation>,
    destroyed: BTreeMap<KeyId, StreamId>,
    key_store: NotedStore,
    time: LedgerTime,
    irregular: Vec<Irregular>,
}

impl Custody {
    /// Nothing known yet of a ledger whose system stream this is.
    pub fn new(ledger: LedgerId, system: StreamId) -> Self {
        Self {
            ledger,
            system,
            revision: Revision(0),
            officers: Vec::new(),
            ever: BTreeSet::new(),
            used: BTreeMap::new(),
            holds: Vec::new(),
            authorisations: Vec::new(),
            destroyed: BTreeMap::new(),
            key_store: NotedStore::default(),
            time: LedgerTime::default(),
            irregular: Vec::new(),
        }
    }

    /// The ledger.
    pub fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// The system stream.
    pub fn system_stream(&self) -> StreamId {
        self.system
    }

    /// Its last revision that was folded.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Keys that may sign now, in the order of registration.
    pub fn officers(&self) -> impl Iterator<Item = &Officer> {
        self.officers.iter()
    }

    /// Whether a key may be registered without a request: fewer than two officers were ever registered.
    pub fn is_founding(&self) -> bool {
        self.ever.len() < LEAST
    }

    /// Holds that stand on a stream, oldest first.
    pub fn holds(&self, stream: StreamId) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(move |hold| hold.stream == stream)
    }

    /// Every hold that stands, oldest first.
    pub fn all_holds(&self) -> &[Hold] {
        &self.holds
    }

    /// Disposals that were authorised, oldest first.
    pub fn authorisations(&self) -> &[Authorisation] {
        &self.authorisations
    }

    /// How many steps of disposals are recorded: a figure that grows with each, for whoever keeps what was read before.
    pub fn disposal_steps(&self) -> usize {
        let concluded = self.authorisations.iter().filter(|one| one.backup_horizon.is_some()).count();
        self.authorisations.len() + concluded
    }

    /// Destroyed keys with their subjects, ascending by key.
    pub fn destroyed_keys(&self) -> impl Iterator<Item = (KeyId, StreamId)> {
        self.destroyed.iter().map(|(key, stream)| (*key, *stream))
    }

    /// Whether a key was destroyed.
    pub fn is_destroyed(&self, key: KeyId) -> bool {
        self.destroyed.contains_key(&key)
    }

    /// What is said of the key store.
    pub fn key_store(&self) -> &NotedStore {
        &self.key_store
    }

    /// What is said of times of rows that had not come yet.
    pub fn time(&self) -> &LedgerTime {
        &self.time
    }

    /// Entries that must not be there, in position order.
    pub fn irregular(&self) -> &[Irregular] {
        &self.irregular
    }

    /// Where a request was carried out.
    pub fn used_at(&self, request: Uuid) -> Option<Position> {
        self.used.get(&request).copied()
    }

    /// The authorisation under which an event of a stream was disposed of, or may be.
    pub fn authorisation_of(&self, stream: StreamId, position: Position) -> Option<&Authorisation> {
        self.authorisations.iter().find(|one| one.covers(stream, position))
    }

    /// Takes the next event of the system stream. What was not authorised is noted and has no effect.
    pub fn apply(&mut self, event: &RecordedEvent) {
        self.revision = event.revision;
        let at = (event.position, event.event_id);
        if let Err(cause) = self.try_apply(at, &event.event.body) {
            let kind = event.event.body.kind().name();
            self.irregular.push(Irregular { position: event.position, kind, cause });
        }
    }

    /// Whether an event could be recorded next, without recording it.
    ///
    /// # Errors
    /// [`IrregularCause`]: the reason why it must not be.
    pub fn admits(&self, body: &Body) -> Result<(), IrregularCause> {
        let next = (Position(u64::MAX), EventId(Uuid::nil()));
        self.clone().try_apply(next, body)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "kinds of other streams are no business of the system's fold"
    )]
    fn try_apply(&mut self, at: (Position, EventId), body: &Body) -> Result<(), IrregularCause> {
        match body {
            Body::OfficerKeyRegistered(facts) => self.registered(at.0, facts),
            Body::OfficerKeyRevoked(facts) => self.revoked(at.0, facts),
            Body::LegalHoldPlaced(facts) => {
                self.placed(at, facts);
                Ok(())
            }
            Body::LegalHoldLifted(facts) => self.lifted(at.0, facts),
            Body::DisposalAuthorised(facts) => self.authorised(at, facts),
            Body::RecordDisposed(facts) => self.disposed(facts),
            Body::KeyDestroyed(facts) => self.key_destroyed(at.0, facts),
            Body::KeyStoreNoted(facts) => self.key_store.noted(at.0, facts),
            Body::LedgerOpened(facts) => self.key_store.opened(at.0, facts),
            Body::EpochOpened(facts) => self.epoch_opened(at.0, facts),
            Body::LedgerTimeSet(facts) => self.time_set(at.0, facts),
            // Keys of the log and rosters are judged where checkpoints are.
            _ => Ok(()),
        }
    }

    /// Checks a new request, and that it asks for exactly this.
    fn asked(&self, text: &str, wanted: &Action) -> Result<Signed, IrregularCause> {
        let signed = self.check_new(text)?;
        let (expected, found) = (wanted.name(), signed.request.action.name());
        if expected != found {
            return Err(RequestFault::OtherAction { expected, found }.into());
        }
        if signed.request.action == *wanted { Ok(signed) } else { Err(IrregularCause::Differs) }
    }

    fn registered(&mut self, at: Position, facts: &OfficerKeyRegistered) -> Result<(), IrregularCause> {
        let key = VerifierKey::parse(&facts.key)?;
        if key.key_type() != KeyType::Ed25519 {
            return Err(IrregularCause::KeyType);
        }
        if let Some(held) = self.officers.iter().find(|held| held.key.key_bytes() == key.key_bytes()) {
            return Err(IrregularCause::KeyInUse { officer: held.key.name().to_owned() });
        }
        match &facts.request {
            Some(request) => {
                let signed = self.asked(request, &Action::RegisterOfficer { key: key.clone() })?;
                self.used.insert(signed.request.id, at);
            }
            None if self.is_founding() => {}
            None => return Err(RequestFault::TooFew { found: 0 }.into()),
        }
        self.ever.insert(key.name().to_owned());
        self.officers.push(Officer { key, registered_at: at });
        Ok(())
    }

    fn revoked(&mut self, at: Position, facts: &OfficerKeyRevoked) -> Result<(), IrregularCause> {
        let key = VerifierKey::parse(&facts.key)?;
        if !self.officers.iter().any(|held| held.key == key) {
            return Err(IrregularCause::NotRegistered);
        }
        let signed = self.asked(&facts.request, &Action::RevokeOfficer { key: key.clone() })?;
        let others = self.officers.iter().filter(|held| held.key != key);
        let left: BTreeSet<&str> = others.map(|held| held.key.name()).collect();
        if left.len() < LEAST {
            return Err(IrregularCause::TooFewLeft);
        }
        self.used.insert(signed.request.id, at);
        self.officers.retain(|held| held.key != key);
        Ok(())
    }

    fn placed(&mut self, (position, event): (Position, EventId), facts: &LegalHoldPlaced) {
        let hold = Hold { event, position, stream: facts.stream, reason: facts.reason.clone() };
        self.holds.push(hold);
    }

    fn lifted(&mut self, at: Position, facts: &LegalHoldLifted) -> Result<(), IrregularCause> {
        let is_it = |hold: &Hold| hold.event == facts.hold && hold.stream == facts.stream;
        if !self.holds.iter().any(is_it) {
            return Err(IrregularCause::NoSuchHold);
        }
        let wanted = Action::LiftHold { stream: facts.stream, hold: facts.hold };
        let signed = self.asked(&facts.request, &wanted)?;
        self.used.insert(signed.request.id, at);
        self.holds.retain(|hold| !is_it(hold));
        Ok(())
    }

    /// A hold stands against disposal and against destroying a key.
    fn not_held(&self, stream: StreamId) -> Result<(), IrregularCause> {
        let held = self.holds(stream).next().map(|hold| hold.event);
        held.map_or(Ok(()), |hold| Err(IrregularCause::OnHold { stream, hold }))
    }

    fn authorised(
        &mut self,
        (position, event): (Position, EventId),
        facts: &DisposalAuthorised,
    ) -> Result<(), IrregularCause> {
        if facts.stream == self.system {
            return Err(IrregularCause::SystemStream);
        }
        self.not_held(facts.stream)?;
        let (stream, up_to, rule) = (facts.stream, Position(facts.up_to), facts.rule.clone());
        let signed = self.asked(&facts.request, &Action::Dispose { stream, up_to, rule: rule.clone() })?;
        self.used.insert(signed.request.id, position);
        let (request, sealed_salt) = (facts.request.clone(), facts.sealed_salt.clone());
        let positions = facts.positions.clone();
        let (disposed, backup_horizon) = (Vec::new(), None);
        let one = Authorisation {
            event,
            position,
            stream,
            up_to,
            rule,
            request,
            sealed_salt,
            positions,
            disposed,
            backup_horizon,
        };
        self.authorisations.push(one);
        Ok(())
    }

    fn disposed(&mut self, facts: &RecordDisposed) -> Result<(), IrregularCause> {
        let within = |one: &Authorisation| {
            let last = facts.positions.iter().map(|range| range.last).max().unwrap_or(0);
            one.event == facts.authorisation && one.stream == facts.stream && last <= one.up_to.0
        };
        let one =
            self.authorisations.iter_mut().find(|one| within(one)).ok_or(IrregularCause::NotAuthorised)?;
        one.disposed.extend(&facts.positions);
        one.backup_horizon = Some(facts.backup_horizon);
        Ok(())
    }

    /// Either two officers asked for it, or it follows from a disposal that they asked for.
    fn key_destroyed(&mut self, at: Position, facts: &KeyDestroyed) -> Result<(), IrregularCause> {
        let stream = facts.subject;
        let id = unhex(&facts.key_id)
            .map(KeyId)
            .filter(|id| *id == KeyId::new(self.ledger, KeyPurpose::Subject(stream)));
        let id = id.ok_or(IrregularCause::Differs)?;
        self.not_held(stream)?;
        let follows = |one: &Authorisation| one.stream == stream && one.request == facts.request;
        if !self.authorisations.iter().any(follows) {
            let signed = self.check_new(&facts.request)?;
            if !matches!(&signed.request.action, Action::DestroyKey { stream: named, .. } if *named == stream)
            {
                let found = signed.request.action.name();
                return Err(RequestFault::OtherAction { expected: "destroy-key", found }.into());
            }
            self.used.insert(signed.request.id, at);
        }
        self.destroyed.insert(id, stream);
        Ok(())
    }

    fn epoch_opened(&mut self, at: Position, facts: &EpochOpened) -> Result<(), IrregularCause> {
        let signed = self.check_new(&facts.request)?;
        match &signed.request.action {
            Action::OpenEpoch { origin, head_size, .. } => {
                if *origin != facts.previous_origin || *head_size != facts.size_found {
                    return Err(IrregularCause::Differs);
                }
            }
            Action::RegisterOfficer { .. }
            | Action::RevokeOfficer { .. }
            | Action::Dispose { .. }
            | Action::DestroyKey { .. }
            | Action::LiftHold { .. }
            | Action::SetTime { .. } => {
                let found = signed.request.action.name();
                return Err(RequestFault::OtherAction { expected: "open-epoch", found }.into());
            }
        }
        self.used.insert(signed.request.id, at);
        Ok(())
    }

    fn time_set(&mut self, at: Position, facts: &LedgerTimeSet) -> Result<(), IrregularCause> {
        let leap = Leap::of(facts).filter(|leap| leap.last < at).ok_or(IrregularCause::NoLeap)?;
        let signed = self.asked(&facts.request, &Action::SetTime { leap })?;
        self.used.insert(signed.request.id, at);
        self.time = self.time.and(leap);
        Ok(())
    }
}
