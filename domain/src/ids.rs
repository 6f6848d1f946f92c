//! Identifiers, each a type of its own so that a stream can never be passed where an event is meant.
//!
//! A [`StreamId`] is random and says nothing about its subject. Ids made by an import are keyed
//! (see [`KeyedIds`]), never a plain hash, so that nobody without the key can test a guess.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id as a UUID.
            pub fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_newtype! {
    /// The stream of one subject: a child, a household, a set of proceedings, a worker, the authority, the system.
    StreamId
}
uuid_newtype! {
    /// One event, for ever. Version 7 (time-ordered), so that the index stays compact.
    EventId
}
uuid_newtype! {
    /// One request to record something. The same command id always gets the same answer.
    CommandId
}
uuid_newtype! {
    /// One process inside a journey: a referral, an enquiry, a conference, a placement and so on.
    EntityId
}
uuid_newtype! {
    /// One declared extract (an import of one file at one as-at date).
    ImportId
}
uuid_newtype! {
    /// One ledger: the log of one authority.
    LedgerId
}

impl CommandId {
    /// The day that the ids of chunks of an events file are made with. Far back: chunk ids of one file do not depend on
    /// when it is imported, and no other command is as old.
    pub const CHUNK_DAY: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");

    /// Whether the command is a chunk of an events file, whose lines need not have to do with each other.
    #[must_use]
    pub fn is_chunk(self) -> bool {
        let start = Self::CHUNK_DAY.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        let [a, b, c, d, e, f, ..] = *self.0.as_bytes();
        i64::from_be_bytes([0, 0, a, b, c, d, e, f]) == start
    }
}

/// Place of an event in the whole ledger: dense from 1, and in commit order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// Place of an event in its stream: dense from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes the same id from the same parts for whoever holds the ledger's key, and nothing guessable for others.
///
/// The `ledger` room implements it with an HMAC; importers use it so that the same row of the same system
/// always names the same child, process and event.
pub trait KeyedIds {
    /// The stream of the subject that `parts` names, for instance authority, system and local id.
    fn stream(&self, parts: &[&str]) -> StreamId;
    /// The process that `parts` names, for instance stream, kind, key date and ordinal.
    fn entity(&self, parts: &[&str]) -> EntityId;
    /// The event that `parts` names; `on` gives the id its place in time (the extract's as-at date).
    fn event(&self, on: NaiveDate, parts: &[&str]) -> EventId;
    /// The command that `parts` names.
    fn command(&self, on: NaiveDate, parts: &[&str]) -> CommandId;
}
