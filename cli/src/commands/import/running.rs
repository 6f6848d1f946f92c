//! A file as it is read: the digest of what was read so far, and whether it is still the file that was declared.

use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::digest;
use crate::exit_code::{Failure, Outcome};

/// What was read so far of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<Sha256>>);

impl Running {
    /// The same bytes, which are digested as they pass.
    pub(super) fn over<R: Read>(&self, source: R) -> Passing<R> {
        Passing { source, running: self.clone() }
    }

    /// The digest of what was read so far, in hex. What is recorded under it was read from these bytes, so that another
    /// file under the same name is other chunks.
    pub(super) fn digest(&self) -> String {
        let hash = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A source whose bytes are digested.
pub(super) struct Passing<R> {
    source: R,
    running: Running,
}

impl<R: Read> Read for Passing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some(bytes) = buffer.get(..read) {
            self.running.0.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
        }
        Ok(read)
    }
}

/// Makes sure that a file is still the one that was declared.
///
/// # Errors
/// A [`Failure`] where it was changed meanwhile, or is not there any more.
pub(super) fn still_is(file: &Path, declared: &str) -> Result<(), Failure> {
    if digest(file)? == declared {
        return Ok(());
    }
    let message = format!(
        "{} was changed while it was imported: what is recorded may be of both versions. Let nothing write to it, and import \
         it again; what is recorded already is known",
        file.display()
    );
    Err(Failure::new(Outcome::DataProblem, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_begin_alike_have_one_digest_up_to_where_they_differ() {
        let digests = |text: &[u8]| {
            let (running, mut found) = (Running::default(), Vec::new());
            let mut source = running.over(text);
            let mut piece = [0; 4];
            while source.read(&mut piece).unwrap() > 0 {
                found.push(running.digest());
            }
            found
        };
        let (one, other) = (digests(b"abcdefghijkl"), digests(b"abcdefghiXkl"));
        assert_eq!(one[..2], other[..2]);
        assert_ne!(one[2], other[2]);
    }

    #[test]
    fn a_file_that_was_changed_is_told_with_the_way_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one").unwrap();
        let declared = digest(file.path()).unwrap();
        assert!(still_is(file.path(), &declared).is_ok());
        std::fs::write(file.path(), "two").unwrap();
        let told = still_is(file.path(), &declared).unwrap_err();
        assert_eq!(told.outcome.code(), 3);
        assert!(told.error.to_string().contains("import it again"), "{}", told.error);
    }
}
