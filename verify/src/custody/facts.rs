//! The facts of the system stream's events, as far as a checker needs them.

use serde::Deserialize;

/// Facts as they are stored: the details beside the ids of processes, of which the system stream has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details<T> {
    pub(super) details: T,
}

/// The facts of one kind; `None` where they have another shape.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<Details<T>> {
    serde_json::from_str(text).ok()
}

#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) ledger: String,
    pub(super) origin: String,
    pub(super) epoch: u32,
    pub(super) public_keys: Vec<String>,
    pub(super) minimum_reader: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyStore {
    pub(super) batch_macs: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LogKey {
    pub(super) key: String,
    pub(super) previous: Option<String>,
    pub(super) signature_previous: Option<String>,
    pub(super) signature_new: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Officer {
    pub(super) key: String,
    pub(super) request: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Revoked {
    pub(super) key: String,
    pub(super) request: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Placed {
    pub(super) stream: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Lifted {
    pub(super) stream: String,
    pub(super) hold: String,
    pub(super) request: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Authorised {
    pub(super) stream: String,
    pub(super) up_to: u64,
    pub(super) rule: String,
    pub(super) request: String,
    pub(super) positions: Option<Vec<Positions>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Disposed {
    pub(super) authorisation: String,
    pub(super) stream: String,
    pub(super) positions: Vec<Positions>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Positions {
    pub(super) first: u64,
    pub(super) last: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyGone {
    pub(super) subject: String,
    pub(super) request: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Epoch {
    pub(super) epoch: u32,
    pub(super) origin: String,
    pub(super) previous_origin: String,
    pub(super) size_found: u64,
    pub(super) lost_from: Option<u64>,
    pub(super) request: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct TimeSet {
    pub(super) position: u64,
    pub(super) recorded_at: String,
    pub(super) true_time: String,
    pub(super) request: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Roster {
    pub(super) up_to: u64,
    pub(super) streams: u64,
    pub(super) root: String,
}
