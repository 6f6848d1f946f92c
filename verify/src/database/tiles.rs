//! The proof folder outside the database, in the layout of C2SP `tlog-tiles`: its leaf hashes name the very position of a row
//! that was rewritten together with its leaf hash.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tlog_tiles::tile::Tile;

use super::DatabaseFault;
use crate::anchors::KeptCheckpoint;
use crate::finding::Kind;
use crate::hash::Hash;
use crate::section::Section;

/// Leaf hashes in a full tile.
const WIDTH: u64 = 256;

/// The folder.
#[derive(Debug)]
pub(super) struct Tiles {
    folder: PathBuf,
    checkpoint: Option<KeptCheckpoint>,
    /// How many leaves the checkpoint covers: what goes beyond may be left over from a crash.
    size: u64,
}

impl Tiles {
    /// Opens the folder, which need hold nothing.
    pub(super) fn open(folder: &Path) -> Result<Self, DatabaseFault> {
        let path = folder.join("checkpoint");
        let checkpoint = read(&path)?.map(|bytes| KeptCheckpoint {
            label: "the proof folder".to_owned(),
            note: String::from_utf8_lossy(&bytes).into_owned(),
        });
        let size = checkpoint.as_ref().and_then(crate::anchors::head_of).map_or(0, |head| head.size);
        Ok(Self { folder: folder.to_owned(), checkpoint, size })
    }

    /// The newest checkpoint.
    pub(super) fn checkpoint(&self) -> Option<KeptCheckpoint> {
        self.checkpoint.clone()
    }

    /// Compares the rows' leaf hashes with those of the tiles.
    pub(super) fn compare(&self, section: &mut Section) -> Result<(), DatabaseFault> {
        let last = section.last.min(self.size);
        let mut first = section.first;
        while first <= last {
            let index = (first - 1) / WIDTH;
            let end = (index + 1) * WIDTH;
            let width = if end <= self.size { WIDTH } else { self.size % WIDTH };
            if let Some(hashes) = self.tile(index, width)? {
                compare(section, index * WIDTH + 1, &hashes, last.min(end));
            }
            first = end + 1;
        }
        Ok(())
    }

    fn tile(&self, index: u64, width: u64) -> Result<Option<Vec<Hash>>, DatabaseFault> {
        let Ok(width) = u32::try_from(width) else { return Ok(None) };
        let named = Tile::new(8, 0, index, width, false).path();
        let Some(path) = named.strip_prefix("tile/8/").map(|path| format!("tile/{path}")) else {
            return Ok(None);
        };
        let bytes = read(&self.folder.join(path))?;
        Ok(bytes.map(|bytes| bytes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect()))
    }
}

fn compare(section: &mut Section, first: u64, hashes: &[Hash], last: u64) {
    let (rows, findings) = (&section.rows, &mut section.findings);
    let start = rows.partition_point(|row| row.position < first);
    for row in rows.iter().skip(start).take_while(|row| row.position <= last) {
        let index = usize::try_from(row.position - first).unwrap_or(usize::MAX);
        if hashes.get(index).is_some_and(|hash| *hash != row.leaf_hash) {
            let stream = row.place.map(|(stream, _, _)| stream);
            let detail = "the leaf hash is not the one that stands outside the database";
            findings.at(Kind::ForkOrRollback, row.position, stream.as_ref(), detail);
        }
    }
}

/// The bytes of a file, which need not be there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, DatabaseFault> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DatabaseFault::ProofFolder { path: path.to_owned(), source }),
    }
}
