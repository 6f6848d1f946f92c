//! The keeping of the ledger itself: its keys, its officers, legal holds, disposal, epochs and rosters.
//!
//! All of these stand in one stream, that of the genesis. They say nothing about a child beyond the random id
//! of the stream, and folds of children never see them. Texts are of closed forms only: keys, signatures,
//! signed notes, origins. What a request says and who must sign it stands in `docs/ledger-format.md`.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::{EventId, StreamId};

facts! {
    /// A key of the log's signer stands from here on.
    LogKeyRegistered {
        /// The key, as a C2SP verifier key.
        key: String,
        /// The key that signed before; absent for the first.
        previous: Option<String>,
        /// Base64 of the former key's signature; absent for the first.
        signature_previous: Option<String>,
        /// Base64 of the new key's signature over the same text.
        signature_new: String,
    }

    /// A key of an officer stands from here on. The officer is the key's name: a role, never a person's name.
    OfficerKeyRegistered {
        /// The key, as a C2SP verifier key.
        key: String,
        /// The request that two officers signed; absent while fewer than two are registered.
        request: Option<String>,
    }

    /// A key of an officer signs nothing more from here on.
    OfficerKeyRevoked {
        /// The key, as a C2SP verifier key.
        key: String,
        /// The request that two officers signed.
        request: String,
    }

    /// A record must not be disposed of, nor its key destroyed, until the hold is lifted.
    LegalHoldPlaced {
        /// The stream that is held.
        stream: StreamId,
        /// Why, as a code of the authority's list.
        reason: Code,
        /// The worker who placed it.
        placed_by: Option<StreamId>,
    }

    /// A legal hold ends.
    LegalHoldLifted {
        /// The stream that was held.
        stream: StreamId,
        /// The event that placed the hold.
        hold: EventId,
        /// The request that two officers signed.
        request: String,
        /// Base64 of the salt of the particulars that they saw, sealed with the subject's key; absent where it has none,
        /// and in events of programs of before.
        sealed_salt: Option<String>,
    }

    /// The record of a stream may be disposed of: all its events up to a position.
    DisposalAuthorised {
        /// The stream.
        stream: StreamId,
        /// The last position that may be disposed of, inclusive.
        up_to: u64,
        /// The rule of the retention schedule under which it is due.
        rule: Code,
        /// The request that two officers signed.
        request: String,
        /// Base64 of the salt of the particulars that they saw, sealed with the subject's key; absent where it has none,
        /// and in events of programs of before.
        sealed_salt: Option<String>,
        /// The positions of the record when it was held against what they saw, ascending, without overlap: no others may be
        /// disposed of. Absent in events of programs of before, and where a record has more than 4,000 stretches.
        positions: Option<Vec<PositionRange>>,
    }

    /// Facts, sealed fields and salts of these events are gone; their leaf hashes stay.
    RecordDisposed {
        /// The event that authorised it.
        authorisation: EventId,
        /// The stream.
        stream: StreamId,
        /// The disposed positions, ascending, without overlap.
        positions: Vec<PositionRange>,
        /// The last day on which a backup or an archived log file may still hold them.
        backup_horizon: NaiveDate,
    }

    /// A key was destroyed: what it sealed is unreadable for ever, and no restored copy of the key may be used.
    KeyDestroyed {
        /// The key's id, 32 lower-case hex digits.
        key_id: String,
        /// The stream of the data subject.
        subject: StreamId,
        /// The request that two officers signed: to destroy the key, or to dispose of the record.
        request: String,
    }

    /// The key store of this ledger from here on, and how many packs of keys were made in it so far.
    KeyStoreNoted {
        /// What tells the store from others, 32 lower-case hex digits; it follows from its wrapping key.
        fingerprint: String,
        /// How many packs of keys were made in it so far.
        packs: u64,
        /// Subjects whose key is lost, where somebody adopted the store without them.
        lost_keys: Option<u64>,
        /// What was sealed up to this position, inclusive, may have lost its key; only with `lost_keys`.
        lost_up_to: Option<u64>,
        /// That this batch and every later one carries a MAC; only in ledgers that were begun without.
        batch_macs: Option<bool>,
    }

    /// After a break (an older database was restored) the log goes on under a new origin. The break stays visible.
    EpochOpened {
        /// The new epoch, from 2.
        epoch: u32,
        /// The new origin line of checkpoints.
        origin: String,
        /// The origin before.
        previous_origin: String,
        /// The last checkpoint that was signed before the break, as a signed note.
        last_checkpoint: String,
        /// The size of the log that was found.
        size_found: u64,
        /// First position that was signed for and is lost; absent where none is.
        lost_from: Option<u64>,
        /// Last position that was signed for and is lost, inclusive.
        lost_to: Option<u64>,
        /// The request that two officers signed.
        request: String,
    }

    /// A clock was ahead: up to this event rows have a time that had not come yet. From here on they go on from it a
    /// thousand times slower than time, until time has caught up (`docs/ledger-format.md` section 16).
    LedgerTimeSet {
        /// The last position with such a time.
        position: u64,
        /// The time in its row, RFC 3339 in UTC.
        recorded_at: String,
        /// When it was recorded in truth, at the latest; the same form.
        true_time: String,
        /// The request that two officers signed.
        request: String,
    }

    /// The heads of all streams at a position, under one root: proves later that nothing of a record was left out.
    RosterRecorded {
        /// The position up to which it is complete, inclusive.
        up_to: u64,
        /// How many streams there are.
        streams: u64,
        /// Base64 of the root, see `docs/ledger-format.md`.
        root: String,
    }
}

/// Positions from one to another.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct PositionRange {
    /// The first.
    pub first: u64,
    /// The last, inclusive.
    pub last: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Category;
    use crate::events::{Body, CaseEvent, Kind, MalformedEvent};
    use crate::time::Occurred;

    fn stream(number: u128) -> StreamId {
        StreamId(uuid::Uuid::from_u128(number))
    }

    /// The stored text of each kind that is written today; what stands here is read for ever.
    fn stored() -> Vec<(Body, &'static str)> {
        let id = EventId(uuid::Uuid::from_u128(9));
        let (key, request) = ("a+00000000+AA".to_owned(), "caseledger request 1\n".to_owned());
        vec![
            (
                LogKeyRegistered {
                    key: key.clone(),
                    previous: None,
                    signature_previous: None,
                    signature_new: "AA==".into(),
                }
                .into(),
                r#"{"details":{"key":"a+00000000+AA","signature_new":"AA=="}}"#,
            ),
            (
                OfficerKeyRegistered { key: key.clone(), request: None }.into(),
                r#"{"details":{"key":"a+00000000+AA"}}"#,
            ),
            (
                OfficerKeyRevoked { key, request: request.clone() }.into(),
                r#"{"details":{"key":"a+00000000+AA","request":"caseledger request 1\n"}}"#,
            ),
            (
                LegalHoldPlaced { stream: stream(1), reason: "inquiry".parse().unwrap(), placed_by: None }
                    .into(),
                r#"{"details":{"reason":"inquiry","stream":"00000000-0000-0000-0000-000000000001"}}"#,
            ),
            (
                LegalHoldLifted { stream: stream(1), hold: id, request: request.clone(), sealed_salt: None }
                    .into(),
                r#"{"details":{"hold":"00000000-0000-0000-0000-000000000009","request":"caseledger request 1\n","stream":"00000000-0000-0000-0000-000000000001"}}"#,
            ),
            (
                DisposalAuthorised {
                    stream: stream(1),
                    up_to: 7,
                    rule: "CIN-18-3".parse().unwrap(),
                    request: request.clone(),
                    sealed_salt: Some("AA==".to_owned()),
                    positions: Some(vec![PositionRange { first: 2, last: 3 }]),
                }
                .into(),
                r#"{"details":{"positions":[{"first":2,"last":3}],"request":"caseledger request 1\n","rule":"CIN-18-3","sealed_salt":"AA==","stream":"00000000-0000-0000-0000-000000000001","up_to":7}}"#,
            ),
            (
                RecordDisposed {
                    authorisation: id,
                    stream: stream(1),
                    positions: vec![PositionRange { first: 2, last: 7 }],
                    backup_horizon: "2027-01-01".parse().unwrap(),
                }
                .into(),
                r#"{"details":{"authorisation":"00000000-0000-0000-0000-000000000009","backup_horizon":"2027-01-01","positions":[{"first":2,"last":7}],"stream":"00000000-0000-0000-0000-000000000001"}}"#,
            ),
            (
                KeyDestroyed { key_id: "00".repeat(16), subject: stream(1), request: request.clone() }.into(),
                r#"{"details":{"key_id":"00000000000000000000000000000000","request":"caseledger request 1\n","subject":"00000000-0000-0000-0000-000000000001"}}"#,
            ),
            (
                KeyStoreNoted {
                    fingerprint: "00".repeat(16),
                    packs: 3,
                    lost_keys: Some(1),
                    lost_up_to: Some(9),
                    batch_macs: Some(true),
                }
                .into(),
                r#"{"details":{"batch_macs":true,"fingerprint":"00000000000000000000000000000000","lost_keys":1,"lost_up_to":9,"packs":3}}"#,
            ),
            (
                EpochOpened {
                    epoch: 2,
                    origin: "o/e2".into(),
                    previous_origin: "o".into(),
                    last_checkpoint: "o\n9\n".into(),
                    size_found: 7,
                    lost_from: Some(8),
                    lost_to: Some(9),
                    request,
                }
                .into(),
                r#"{"details":{"epoch":2,"last_checkpoint":"o\n9\n","lost_from":8,"lost_to":9,"origin":"o/e2","previous_origin":"o","request":"caseledger request 1\n","size_found":7}}"#,
            ),
            (
                LedgerTimeSet {
                    position: 9,
                    recorded_at: "2027-01-01T00:00:00.000001Z".into(),
                    true_time: "2026-01-01T00:00:00.000000Z".into(),
                    request: "caseledger request 1\n".into(),
                }
                .into(),
                r#"{"details":{"position":9,"recorded_at":"2027-01-01T00:00:00.000001Z","request":"caseledger request 1\n","true_time":"2026-01-01T00:00:00.000000Z"}}"#,
            ),
            (
                RosterRecorded { up_to: 9, streams: 2, root: "AA==".into() }.into(),
                r#"{"details":{"root":"AA==","streams":2,"up_to":9}}"#,
            ),
        ]
    }

    #[test]
    fn every_kind_has_one_text_and_reads_back() {
        for (body, text) in stored() {
            let event = CaseEvent::new(Occurred::UNKNOWN, body);
            let kind = event.body.kind();
            assert_eq!(kind.category(), Category::System);
            assert_eq!(event.facts().unwrap(), text);
            assert_eq!(CaseEvent::read(Occurred::UNKNOWN, kind.name(), 1, text).unwrap(), event);
            let more = text.replacen(r#"{"details":{"#, r#"{"details":{"more":1,"#, 1);
            let refused = CaseEvent::read(Occurred::UNKNOWN, kind.name(), 1, &more);
            assert!(matches!(refused, Err(MalformedEvent::Facts { .. })), "{more}");
        }
        let system = Kind::ALL.iter().filter(|kind| kind.category() == Category::System).count();
        assert_eq!(
            stored().len() + 1,
            system,
            "every kind of the system stream but the genesis stands above"
        );
    }
}
