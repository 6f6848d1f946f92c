//! The stores of one comparison, each in turn.

use std::time::Duration;

use super::ledger_store::LedgerStore;
use super::load::{Load, Round};
use super::message_db_store::MessageDbStore;
#[cfg(feature = "peers")]
use super::peer_store::PeerStore;
use super::plain_store::PlainStore;
use super::stores::{Place as _, Store, round};
#[cfg(feature = "peers")]
use super::uma_store::UmaStore;

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ledger,
    #[cfg(feature = "peers")]
    Esrs,
    MessageDb,
    #[cfg(feature = "peers")]
    Uma,
    Plain,
}

/// A fresh store of a kind.
pub(super) enum AnyStore {
    Ledger(LedgerStore),
    #[cfg(feature = "peers")]
    Esrs(PeerStore),
    MessageDb(MessageDbStore),
    #[cfg(feature = "peers")]
    Uma(UmaStore),
    Plain(PlainStore),
}

/// What was found in a store after all its rounds.
pub(super) struct Found {
    pub(super) stored: u64,
    pub(super) disk_per_event: f64,
    pub(super) indexes: Vec<String>,
}

impl Kind {
    /// All of them, this ledger first.
    pub(super) const ALL: &[Self] = &[
        Self::Ledger,
        #[cfg(feature = "peers")]
        Self::Esrs,
        Self::MessageDb,
        #[cfg(feature = "peers")]
        Self::Uma,
        Self::Plain,
    ];

    /// As a cell of a table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ledger => "this ledger",
            #[cfg(feature = "peers")]
            Self::Esrs => "esrs PgStore",
            Self::MessageDb => "message-db",
            #[cfg(feature = "peers")]
            Self::Uma => "UmaDB",
            Self::Plain => "plain INSERT",
        }
    }

    /// What it lacks on this machine, if anything.
    pub(super) async fn lacks(self) -> Option<String> {
        match self {
            #[cfg(feature = "peers")]
            Self::Esrs => None,
            #[cfg(feature = "peers")]
            Self::Uma => UmaStore::lacks(),
            Self::MessageDb => MessageDbStore::lacks().await,
            Self::Ledger | Self::Plain => None,
        }
    }

    /// A fresh store for a load.
    pub(super) async fn fresh(self, load: &Load) -> anyhow::Result<AnyStore> {
        let _ = load;
        Ok(match self {
            Self::Ledger => AnyStore::Ledger(LedgerStore::fresh().await?),
            #[cfg(feature = "peers")]
            Self::Esrs => AnyStore::Esrs(PeerStore::fresh(load.callers).await?),
            Self::MessageDb => AnyStore::MessageDb(MessageDbStore::fresh().await?),
            #[cfg(feature = "peers")]
            Self::Uma => AnyStore::Uma(UmaStore::fresh().await?),
            Self::Plain => AnyStore::Plain(PlainStore::fresh().await?),
        })
    }
}

impl AnyStore {
    /// One round of a load.
    pub(super) async fn round(&self, load: &Load, length: Duration) -> anyhow::Result<Round> {
        match self {
            Self::Ledger(store) => round(store, load, length).await,
            #[cfg(feature = "peers")]
            Self::Esrs(store) => round(store, load, length).await,
            Self::MessageDb(store) => round(store, load, length).await,
            #[cfg(feature = "peers")]
            Self::Uma(store) => round(store, load, length).await,
            Self::Plain(store) => round(store, load, length).await,
        }
    }

    /// What it holds.
    pub(super) async fn found(&self) -> anyhow::Result<Found> {
        match self {
            Self::Ledger(store) => found(store).await,
            #[cfg(feature = "peers")]
            Self::Esrs(store) => found(store).await,
            Self::MessageDb(store) => found(store).await,
            #[cfg(feature = "peers")]
            Self::Uma(store) => found(store).await,
            Self::Plain(store) => found(store).await,
        }
    }
}

async fn found<S: Store>(store: &S) -> anyhow::Result<Found> {
    let place = store.place();
    let (stored, disk_per_event) = (place.stored().await?, place.disk_per_event().await?);
    Ok(Found { stored, disk_per_event, indexes: place.indexes().await? })
}
