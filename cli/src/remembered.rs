//! What the last run of `verify` and the last `backup` of a ledger left beside the database: read by the next `verify`, shown
//! by `doctor`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::files::Outgoing;

/// The end of a log that was found without damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) ledger: String,
    pub(crate) epoch: u32,
    pub(crate) size: u64,
    /// Base64.
    pub(crate) root: String,
    pub(crate) at: String,
    /// Whether it was compared with anything outside the database.
    pub(crate) compared: bool,
}

/// That the last run of `verify` found damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Damaged {
    pub(crate) ledger: String,
    pub(crate) at: String,
    /// How many findings there were.
    pub(crate) findings: u64,
}

/// The newest backup that was made from this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackedUp {
    pub(crate) ledger: String,
    pub(crate) size: u64,
    pub(crate) at: String,
    pub(crate) folder: String,
    /// Whether the keys were backed up with it.
    pub(crate) keys: bool,
}

/// One of them, as a file beside the proof folder.
pub(crate) trait Remembered: Serialize + DeserializeOwned {
    /// How the file's name ends.
    const ENDING: &'static str;

    /// The ledger that it is about.
    fn ledger(&self) -> &str;
}

impl Remembered for Verified {
    const ENDING: &'static str = "verified";

    fn ledger(&self) -> &str {
        &self.ledger
    }
}

impl Remembered for Damaged {
    const ENDING: &'static str = "damaged";

    fn ledger(&self) -> &str {
        &self.ledger
    }
}

impl Remembered for BackedUp {
    const ENDING: &'static str = "backed-up";

    fn ledger(&self) -> &str {
        &self.ledger
    }
}

fn place<T: Remembered>(data: &Path, name: &str) -> PathBuf {
    data.join("proof").join(format!("{name}.{}", T::ENDING))
}

/// What is remembered of a ledger; `None` where nothing is.
///
/// # Errors
/// The file, where it is there and cannot be read.
pub(crate) fn load<T: Remembered>(data: &Path, name: &str) -> anyhow::Result<Option<T>> {
    let path = place::<T>(data, name);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(anyhow::Error::from),
    };
    let read = text.and_then(|text| Ok(serde_json::from_str(&text)?));
    read.map(Some).map_err(|error| {
        error.context(format!(
            "cannot read {}; move it away, and what it remembered is not compared",
            path.display()
        ))
    })
}

/// Remembers it, where the folder may be written to: an auditor may only read.
pub(crate) fn store<T: Remembered>(data: &Path, name: &str, what: &T) {
    let path = place::<T>(data, name);
    let text = serde_json::to_string(what).map(|text| text + "\n");
    let stored = text.map_err(std::io::Error::from).and_then(|text| Outgoing::write_text(&path, &text));
    if let Err(error) = stored {
        eprintln!("not remembered in {}: {error}", path.display());
    }
}

/// Remembers it no longer.
pub(crate) fn forget<T: Remembered>(data: &Path, name: &str) {
    let path = place::<T>(data, name);
    if let Err(error) = std::fs::remove_file(&path)
        && error.kind() != ErrorKind::NotFound
    {
        eprintln!("{} cannot be removed: {error}", path.display());
    }
}
