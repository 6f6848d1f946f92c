//! Lookup of a stream by an identifier of its subject, without storing the identifier.
//!
//! The index holds keyed one-way tokens. It is no part of the log: it can be emptied and is rebuilt from
//! events. It does not know which fields are identifiers; callers name them.

use std::fmt;

use domain::ids::StreamId;
use zeroize::Zeroizing;

use crate::hash::{Hash, Mac256};
use crate::keys::SecretKey;

/// An identifier of a subject, for instance kind `upn` and its value. Never prints the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Short code of the kind of identifier.
    pub kind: String,
    /// The identifier as written; looked up in its normal form ([`domain::identifier`]).
    pub value: String,
}

impl Identifier {
    /// An identifier of a kind.
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, ..)", self.kind)
    }
}

/// One row of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexRow {
    pub(crate) token: Hash,
    pub(crate) stream: StreamId,
    pub(crate) kind: String,
}

/// Turns identifiers into tokens under the ledger's key for this purpose.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    key: SecretKey,
}

impl Tokens {
    pub(crate) fn new(key: SecretKey) -> Self {
        Self { key }
    }

    pub(crate) fn token(&self, kind: &str, value: &str) -> Hash {
        let mut mac = Mac256::new(self.key.bytes(), b"CL1IDENT");
        mac.part(kind.as_bytes());
        mac.part(normalised(value).as_bytes());
        mac.finish()
    }

    pub(crate) fn row(&self, stream: StreamId, identifier: &Identifier) -> IndexRow {
        let token = self.token(&identifier.kind, &identifier.value);
        IndexRow { token, stream, kind: identifier.kind.clone() }
    }
}

/// The normal form that identifiers have everywhere: see [`domain::identifier`].
pub(crate) fn normalised(value: &str) -> Zeroizing<String> {
    Zeroizing::new(domain::identifier::normal_form(value))
}
