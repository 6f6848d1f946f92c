//! What the system stream says of keys, officers, disposals, epochs and rosters, and whether it was signed as it must be.
//!
//! Only events of the genesis event's own stream count. A request counts where two different officers signed it whose keys were
//! registered before and not revoked, it names this ledger and the very thing that was done, and its id was not used before.
//! `docs/ledger-format.md` section 9.

mod facts;
mod request;

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Findings, Kind};
use crate::hash::{Hash, uuid_of, uuid_text};
use crate::notes::{self, Key};
use crate::row::Id;
use crate::section::SystemEvent;
use facts::{Details, read};
use request::Request;

/// The reader version from which on a ledger's batches carry MACs from the start.
const FIRST_WITH_MACS: u64 = 3;

/// What the log says of itself, in the order of recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Custody {
    /// Id of the ledger; absent where the genesis cannot be read.
    pub(crate) ledger: Option<Id>,
    stream: Option<Id>,
    /// Origins of the epochs, first to last.
    pub(crate) origins: Vec<String>,
    pub(crate) epoch: u32,
    /// The epochs and the positions of their first events, ascending.
    pub(crate) epochs: Vec<(u32, u64)>,
    pub(crate) log_keys: Vec<Key>,
    officers: Vec<Key>,
    requests: BTreeSet<String>,
    /// Legal holds that stand: the event that placed each, and the stream.
    holds: BTreeMap<Id, Id>,
    authorised: BTreeMap<Id, Authorised>,
    disposed: Vec<Disposed>,
    pub(crate) rosters: Vec<Roster>,
    pub(crate) breaks: Vec<Break>,
    /// From which position on each batch carries a MAC.
    pub(crate) macs_from: Option<u64>,
}

#[derive(Clone, Debug)]
struct Authorised {
    stream: Id,
    up_to: u64,
    /// The positions of the record, first and last of each stretch; absent in events of programs of before.
    positions: Option<Vec<(u64, u64)>>,
}

impl Authorised {
    fn covers(&self, position: u64) -> bool {
        let listed = |ranges: &Vec<(u64, u64)>| {
            ranges.iter().any(|(first, last)| (*first..=*last).contains(&position))
        };
        position <= self.up_to && self.positions.as_ref().is_none_or(listed)
    }
}

#[derive(Clone, Debug)]
struct Disposed {
    stream: Id,
    first: u64,
    last: u64,
}

/// A roster that was recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roster {
    pub(crate) position: u64,
    pub(crate) up_to: u64,
    pub(crate) streams: u64,
    pub(crate) root: Hash,
}

/// A break after which the log went on under a new origin.
#[derive(Clone, Debug)]
pub(crate) struct Break {
    /// The epoch that it opened.
    pub(crate) epoch: u32,
    pub(crate) previous_origin: String,
    /// The last position that is still as it was signed before the break.
    pub(crate) intact: u64,
}

impl Custody {
    /// Reads the system events in position order.
    pub(crate) fn of(events: &[SystemEvent], findings: &mut Findings) -> Self {
        let mut custody = Self::default();
        for event in events {
            let ours = custody.stream.is_none_or(|stream| stream == event.stream);
            if ours && custody.apply(event, findings).is_none() {
                let detail = format!("the facts of {} cannot be read", event.kind);
                findings.at(Kind::RowChanged, event.position, Some(&event.stream), detail);
            }
        }
        custody
    }

    /// `None` where the facts are not of their kind's shape.
    fn apply(&mut self, event: &SystemEvent, findings: &mut Findings) -> Option<()> {
        let text = std::str::from_utf8(&event.facts).ok()?;
        match event.kind.as_str() {
            "ledger_opened" => self.opened(event, &read(text)?)?,
            "log_key_registered" => self.log_key(event, &read(text)?, findings),
            "officer_key_registered" => self.officer(event, &read(text)?, findings)?,
            "officer_key_revoked" => self.revoked(event, &read(text)?, findings),
            "legal_hold_placed" => self.placed(event, &read(text)?)?,
            "legal_hold_lifted" => self.lifted(event, &read(text)?, findings)?,
            "disposal_authorised" => self.authorised(event, &read(text)?, findings)?,
            "record_disposed" => self.record_disposed(event, &read(text)?, findings)?,
            "key_destroyed" => self.key_destroyed(event, &read(text)?, findings),
            "epoch_opened" => self.epoch_opened(event, read(text)?, findings),
            "key_store_noted" => self.key_store(event, &read(text)?),
            "ledger_time_set" => self.time_set(event, &read(text)?, findings),
            "roster_recorded" => self.roster(event, &read(text)?)?,
            _ => {}
        }
        Some(())
    }

    fn opened(&mut self, event: &SystemEvent, facts: &Details<facts::Opened>) -> Option<()> {
        if event.position != 1 {
            return None;
        }
        let opened = &facts.details;
        self.stream = Some(event.stream);
        self.ledger = Some(uuid_of(&opened.ledger)?);
        self.origins.push(opened.origin.clone());
        self.epoch = opened.epoch;
        self.macs_from = (opened.minimum_reader >= FIRST_WITH_MACS).then_some(event.position);
        self.epochs.push((opened.epoch, event.position));
        self.log_keys = opened.public_keys.iter().filter_map(|key| Key::parse(key)).collect();
        (self.log_keys.len() == opened.public_keys.len()).then_some(())
    }

    fn key_store(&mut self, event: &SystemEvent, facts: &Details<facts::KeyStore>) {
        if facts.details.batch_macs == Some(true) {
            self.macs_from.get_or_insert(event.position);
        }
    }

    fn log_key(&mut self, event: &SystemEvent, facts: &Details<facts::LogKey>, findings: &mut Findings) {
        let said = &facts.details;
        let previous = self.log_keys.last();
        let name = previous.map_or("none", Key::text);
        let text = format!(
            "caseledger log key 1\nledger: {}\nprevious: {name}\nkey: {}\n",
            self.ledger.map(|id| uuid_text(&id)).unwrap_or_default(),
            said.key
        );
        let by_previous = match (previous, &said.signature_previous) {
            (None, None) => true,
            (Some(key), Some(signature)) => key.signed(&text, signature),
            (None, Some(_)) | (Some(_), None) => false,
        };
        let follows = said.previous.as_deref() == previous.map(Key::text);
        match Key::parse(&said.key).filter(|key| key.signed(&text, &said.signature_new)) {
            Some(key) if by_previous && follows => self.log_keys.push(key),
            _ => findings.at(
                Kind::BadSignature,
                event.position,
                Some(&event.stream),
                "a key of the log is registered without the signatures of both keys",
            ),
        }
    }

    fn officer(
        &mut self,
        event: &SystemEvent,
        facts: &Details<facts::Officer>,
        findings: &mut Findings,
    ) -> Option<()> {
        let key = Key::parse(&facts.details.key)?;
        let names: BTreeSet<&str> = self.officers.iter().map(Key::name).collect();
        let founders = names.len() < 2;
        match &facts.details.request {
            Some(request) => {
                self.require(event, request, "register-officer", &[("key", key.text())], findings)
            }
            None if founders => true,
            None => self.unsigned(event, "an officer's key is registered without a request", findings),
        };
        self.officers.push(key);
        Some(())
    }

    fn revoked(&mut self, event: &SystemEvent, facts: &Details<facts::Revoked>, findings: &mut Findings) {
        let said = &facts.details;
        self.require(event, &said.request, "revoke-officer", &[("key", &said.key)], findings);
        self.officers.retain(|officer| officer.text() != said.key);
    }

    fn placed(&mut self, event: &SystemEvent, facts: &Details<facts::Placed>) -> Option<()> {
        self.holds.insert(event.event_id, uuid_of(&facts.details.stream)?);
        Some(())
    }

    fn lifted(
        &mut self,
        event: &SystemEvent,
        facts: &Details<facts::Lifted>,
        findings: &mut Findings,
    ) -> Option<()> {
        let said = &facts.details;
        let fields = [("stream", said.stream.as_str()), ("hold", said.hold.as_str())];
        if self.require(event, &said.request, "lift-hold", &fields, findings) {
            self.holds.remove(&uuid_of(&said.hold)?);
        }
        Some(())
    }

    fn authorised(
        &mut self,
        event: &SystemEvent,
        facts: &Details<facts::Authorised>,
        findings: &mut Findings,
    ) -> Option<()> {
        let said = &facts.details;
        let stream = uuid_of(&said.stream)?;
        let up_to = said.up_to.to_string();
        let fields = [("stream", said.stream.as_str()), ("up-to", &up_to), ("rule", &said.rule)];
        if self.holds.values().any(|held| *held == stream) || Some(stream) == self.stream {
            self.unsigned(event, "a legal hold stands on the stream, or it is the system's", findings);
        } else if self.require(event, &said.request, "dispose", &fields, findings) {
            let ranges = said.positions.as_ref();
            let positions =
                ranges.map(|ranges| ranges.iter().map(|range| (range.first, range.last)).collect());
            self.authorised.insert(event.event_id, Authorised { stream, up_to: said.up_to, positions });
        }
        Some(())
    }

    fn record_disposed(
        &mut self,
        event: &SystemEvent,
        facts: &Details<facts::Disposed>,
        findings: &mut Findings,
    ) -> Option<()> {
        let said = &facts.details;
        let (stream, authorisation) = (uuid_of(&said.stream)?, uuid_of(&said.authorisation)?);
        let authorised = self.authorised.get(&authorisation).filter(|held| held.stream == stream);
        let covers = |held: &Authorised| {
            said.positions.iter().all(|range| held.covers(range.first) && held.covers(range.last))
        };
        if authorised.is_some_and(|held| !covers(held)) {
            let detail = "a disposal goes beyond the positions that two officers signed for";
            findings.at(Kind::UnauthorisedDisposal, event.position, Some(&stream), detail);
        }
        let Some(up_to) = authorised.map(|held| held.up_to) else {
            let detail = "a disposal names no authorisation of two officers for this stream";
            findings.at(Kind::UnauthorisedDisposal, event.position, Some(&stream), detail);
            return Some(());
        };
        for range in &said.positions {
            let last = range.last.min(up_to);
            if range.first <= last {
                self.disposed.push(Disposed { stream, first: range.first, last });
            }
        }
        Some(())
    }

    fn key_destroyed(
        &mut self,
        event: &SystemEvent,
        facts: &Details<facts::KeyGone>,
        findings: &mut Findings,
    ) {
        let said = &facts.details;
        if self.holds.values().any(|held| uuid_of(&said.subject) == Some(*held)) {
            self.unsigned(event, "a key was destroyed while a legal hold stands on its record", findings);
        }
        let fields = [("stream", said.subject.as_str())];
        // The request may be the one that disposes of the same record, which is then used for both.
        let action = self.open(&said.request).map(|request| request.action);
        if action.as_deref() == Some("dispose") {
            if !self.open(&said.request).is_some_and(|request| request.says(&fields)) {
                self.unsigned(event, "a key was destroyed under a request for another record", findings);
            }
        } else {
            self.require(event, &said.request, "destroy-key", &fields, findings);
        }
    }

    fn epoch_opened(&mut self, event: &SystemEvent, facts: Details<facts::Epoch>, findings: &mut Findings) {
        let said = facts.details;
        let size = said.size_found.to_string();
        let fields = [("origin", said.previous_origin.as_str()), ("head-size", &size)];
        self.require(event, &said.request, "open-epoch", &fields, findings);
        let (epoch, previous_origin) = (said.epoch, said.previous_origin);
        let intact =
            said.lost_from.map_or(said.size_found, |lost| lost.saturating_sub(1).min(said.size_found));
        self.breaks.push(Break { epoch, previous_origin, intact });
        self.origins.push(said.origin);
        self.epochs.push((epoch, event.position));
        self.epoch = epoch;
    }

    fn time_set(&mut self, event: &SystemEvent, facts: &Details<facts::TimeSet>, findings: &mut Findings) {
        let said = &facts.details;
        let position = said.position.to_string();
        let fields = [
            ("position", position.as_str()),
            ("recorded-at", &said.recorded_at),
            ("true-time", &said.true_time),
        ];
        // Both times have one form of one length, so that their texts are in the order of the times.
        if said.position >= event.position || said.true_time >= said.recorded_at {
            self.unsigned(event, "a time is set right that was not ahead", findings);
        }
        self.require(event, &said.request, "set-time", &fields, findings);
    }

    fn roster(&mut self, event: &SystemEvent, facts: &Details<facts::Roster>) -> Option<()> {
        let (said, position) = (&facts.details, event.position);
        let root = notes::hash_of(&said.root)?;
        self.rosters.push(Roster { position, up_to: said.up_to, streams: said.streams, root });
        Some(())
    }

    /// The request of a note that two officers of this moment signed for this ledger.
    fn open(&self, note: &str) -> Option<Request> {
        let officers: Vec<&Key> = self.officers.iter().collect();
        let (text, names) = notes::open(note, &officers).ok()?;
        let request = Request::parse(&text).filter(|request| Some(request.ledger) == self.ledger)?;
        let once = names.windows(2).all(|pair| pair.first() != pair.last());
        (once && names.len() >= 2).then_some(request)
    }

    /// Whether a new request of two officers asks for just this; if not, that is told.
    fn require(
        &mut self,
        event: &SystemEvent,
        note: &str,
        action: &str,
        fields: &[(&str, &str)],
        findings: &mut Findings,
    ) -> bool {
        let request = self.open(note).filter(|request| request.action == action && request.says(fields));
        match request {
            Some(request) if self.requests.insert(request.id.clone()) => true,
            Some(_) => self.unsigned(event, "a request of two officers is used a second time", findings),
            None => self.unsigned(event, "no request of two officers asks for what was recorded", findings),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as part of the checks, which are methods")]
    fn unsigned(&self, event: &SystemEvent, detail: &str, findings: &mut Findings) -> bool {
        let disposal = matches!(event.kind.as_str(), "disposal_authorised" | "record_disposed");
        let kind = if disposal { Kind::UnauthorisedDisposal } else { Kind::BadSignature };
        findings.at(kind, event.position, Some(&event.stream), format!("{}: {detail}", event.kind));
        false
    }

    /// Whether two officers signed for the disposal of a stream up to a position or beyond it.
    pub(crate) fn is_authorised(&self, stream: &Id, position: u64) -> bool {
        let concluded = self.disposed.iter().any(|held| held.stream == *stream);
        let is_told = self.disposal_of(position) == Some(*stream);
        let covers = |held: &Authorised| {
            // Of what was authorised without its positions, those that are recorded as disposed of count.
            held.stream == *stream
                && held.covers(position)
                && (held.positions.is_some() || !concluded || is_told)
        };
        self.authorised.values().any(covers)
    }

    /// The stream of a disposed position as the log tells it, where two officers signed for its disposal.
    pub(crate) fn disposal_of(&self, position: u64) -> Option<Id> {
        let held = self.disposed.iter().find(|held| (held.first..=held.last).contains(&position));
        held.map(|held| held.stream)
    }

    /// How many positions below this one were disposed of in a stream.
    pub(crate) fn disposed_before(&self, stream: &Id, position: u64) -> u64 {
        let of_stream = self.disposed.iter().filter(|held| held.stream == *stream && held.first < position);
        of_stream.map(|held| held.last.min(position - 1) + 1 - held.first).sum()
    }

    /// The last position of an origin's epoch that is still as it was signed, if the epoch was broken off.
    pub(crate) fn broken_off(&self, origin: &str) -> Option<u64> {
        self.breaks.iter().find(|held| held.previous_origin == origin).map(|held| held.intact)
    }
}
