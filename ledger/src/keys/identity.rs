//! What tells one key store from another, and what is noted of it: in the system stream, and in a file beside the
//! database (`docs/ledger-format.md` section 7).

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::ids::LedgerId;

use super::files::storage;
use super::{KeyFault, KeyId};
use crate::durable;
use crate::hash::{Hash, hex, unhex};

/// What tells a key store from others. It follows from the wrapping key and gives nothing of it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub(super) fn of(hash: &Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        unhex(text).map(Self).ok_or(())
    }
}

/// A key store as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreState {
    /// Its wrapping keys: one, or two while a new one is being introduced, the new one last.
    pub fingerprints: Vec<Fingerprint>,
    /// How many packs were made in it.
    pub packs: u64,
    /// Packs that were made and are not there, in order.
    pub missing: Vec<PathBuf>,
    /// What a crash left; it is wiped before anything is written.
    pub leftovers: Vec<PathBuf>,
    /// Files that the store did not make: they may hold copies of keys.
    pub strange: Vec<PathBuf>,
    /// The keys of which the store says that they were destroyed, ascending.
    pub destroyed: Vec<KeyId>,
    /// Whether a new wrapping key is being introduced, or its introduction was interrupted.
    pub is_rotating: bool,
}

/// What is noted of a ledger's key store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreNote {
    /// The ledger.
    pub ledger: LedgerId,
    /// What tells the store from others.
    pub fingerprint: Fingerprint,
    /// How many packs were made in it by then.
    pub packs: u64,
}

const FIRST_LINE: &str = "caseledger key store 1";

impl StoreNote {
    /// Reads the file beside the database; `None` where there is none.
    ///
    /// # Errors
    /// [`KeyFault`] where it cannot be read or has another form.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyFault> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(storage(path)(error)),
        };
        let damaged = || KeyFault::Damaged { path: path.to_owned(), reason: "not a note about a key store" };
        Self::parse(&text).map(Some).ok_or_else(damaged)
    }

    /// Writes the file, durably, in place of the one that is there.
    ///
    /// # Errors
    /// [`KeyFault`] where it cannot be written.
    pub fn store(&self, path: &Path) -> Result<(), KeyFault> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(storage(folder))?;
        durable::replace(path, self.to_string().as_bytes()).map_err(storage(path))?;
        durable::sync_folder(folder).map_err(storage(folder))
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let note = Self {
            ledger: value("ledger")?.parse().ok()?,
            fingerprint: value("fingerprint")?.parse().ok()?,
            packs: value("packs")?.parse().ok()?,
        };
        // One form only.
        (note.to_string() == text).then_some(note)
    }
}

impl fmt::Display for StoreNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ledger, fingerprint, packs } = self;
        write!(f, "{FIRST_LINE}\nledger: {ledger}\nfingerprint: {fingerprint}\npacks: {packs}\n")
    }
}
