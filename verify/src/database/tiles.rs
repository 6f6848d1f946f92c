//! The proof folder outside the database, in the layout of C2SP `tlog-tiles`: its leaf hashes name the very position of a row
//! that was rewritten together with its leaf hash.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tlog_tiles::tile::Tile;

use super::DatabaseFault;
use crate::anchors::KeptCheckpoint;
use crate::finding::{Findings, Kind};
use crate::hash::Hash;
use crate::notes::Head;
use crate::section::Section;
use crate::tree::Range;

/// Hashes in a full tile.
const WIDTH: u64 = 256;
/// Height of the subtree over them.
const HEIGHT: u8 = 8;

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

    /// The hashes above the lowest level of what is not beyond `head`, by height and index; a tile that is missing or cut is told.
    pub(super) fn upper(
        &self,
        head: u64,
        findings: &mut Findings,
    ) -> Result<BTreeMap<(u32, u64), Hash>, DatabaseFault> {
        let mut hashes = BTreeMap::new();
        for level in 1_u8.. {
            let height = u32::from(level) * u32::from(HEIGHT);
            let [count, reach] =
                [self.size, self.size.min(head)].map(|size| size.checked_shr(height).unwrap_or(0));
            if reach == 0 {
                break;
            }
            for index in 0..reach.div_ceil(WIDTH) {
                let width = (count - index * WIDTH).min(WIDTH);
                let Some(tile) = self.tile(level, index, width, findings)? else { continue };
                hashes.extend((index * WIDTH..).zip(tile).map(|(at, hash)| ((height, at), hash)));
            }
        }
        Ok(hashes)
    }

    /// Whether the lowest tiles, which the rows up to a smaller size were compared with, lead to the root of the checkpoint; that
    /// they do not is told.
    pub(super) fn lead_to(&self, head: &Head, findings: &mut Findings) -> Result<bool, DatabaseFault> {
        let mut range = Range::default();
        while range.size() < head.size {
            let width = (head.size - range.size()).min(WIDTH);
            let Some(tile) = self.tile(0, range.size() / WIDTH, width, findings)? else { return Ok(false) };
            tile.into_iter().for_each(|hash| range.push(0, hash, |_, _, _| {}));
        }
        let leads = range.root() == head.root;
        if !leads {
            let detail =
                format!("the tiles in {} do not lead to the root of its checkpoint", self.folder.display());
            findings.nowhere(Kind::ForkOrRollback, detail);
        }
        Ok(leads)
    }

    /// How many leaves the checkpoint covers.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Holds the folder against the checkpoints of the table, newest first.
    pub(super) fn hold_against(
        &self,
        recorded: &[KeptCheckpoint],
        findings: &mut Findings,
        notes: &mut Vec<String>,
    ) {
        let folder = self.folder.display();
        let newer = recorded.iter().filter_map(crate::anchors::head_of).filter(|head| head.size > self.size);
        match (self.checkpoint.is_some(), newer.map(|head| head.size).collect::<Vec<_>>().as_slice()) {
            (false, [_, ..]) => notes.push(format!("the log was signed, and {folder} holds no checkpoint")),
            // A crash between recording a checkpoint and publishing it leaves one.
            (true, [newest, _, ..]) => {
                let detail = format!(
                    "the checkpoint in {folder} is of size {}, and the log was signed up to {newest}: the folder is an older \
                     copy",
                    self.size
                );
                findings.nowhere(Kind::ForkOrRollback, detail);
            }
            _ => {}
        }
    }

    /// Compares the rows' leaf hashes with those of the tiles.
    pub(super) fn compare(&self, section: &mut Section) -> Result<(), DatabaseFault> {
        let last = section.last.min(self.size);
        let mut first = section.first;
        while first <= last {
            let index = (first - 1) / WIDTH;
            let end = (index + 1) * WIDTH;
            let width = if end <= self.size { WIDTH } else { self.size % WIDTH };
            if let Some(hashes) = self.tile(0, index, width, &mut section.findings)? {
                compare(section, index * WIDTH + 1, &hashes, last.min(end));
            }
            first = end + 1;
        }
        Ok(())
    }

    /// The first hashes of a tile; `None` where the file holds fewer or more than its name says, which is told.
    fn tile(
        &self,
        level: u8,
        index: u64,
        width: u64,
        findings: &mut Findings,
    ) -> Result<Option<Vec<Hash>>, DatabaseFault> {
        // An unfinished tile goes once the full one is there, also while this runs.
        let mut what = "is missing";
        for named in [width, WIDTH] {
            let Some(bytes) = read(&self.folder.join(path_of(level, index, named)))? else { continue };
            what = match bytes.len().cmp(&(wide(named) * size_of::<Hash>())) {
                Ordering::Less => "is cut",
                Ordering::Greater => "holds more than its hashes",
                Ordering::Equal => {
                    let hashes = bytes.chunks_exact(size_of::<Hash>()).take(wide(width));
                    return Ok(Some(hashes.filter_map(|hash| hash.try_into().ok()).collect()));
                }
            };
        }
        let detail = format!(
            "the proof folder's {} {what}; put back a copy, or write the folder anew with `caseledger checkpoint \
             --rebuild-proof` once this log is known to be the one that was signed",
            path_of(level, index, width)
        );
        let leaves = u32::from(level) * u32::from(HEIGHT);
        let (first, last) =
            (((index * WIDTH) << leaves) + 1, ((index * WIDTH + width) << leaves).min(self.size));
        findings.between(Kind::Unreadable, first, last, 1, detail);
        Ok(None)
    }
}

/// The path of a tile below the folder.
fn path_of(level: u8, index: u64, width: u64) -> String {
    let width = u32::try_from(width.min(WIDTH)).unwrap_or_default();
    let named = Tile::new(HEIGHT, level, index, width, false).path();
    named.strip_prefix("tile/8/").map(|path| format!("tile/{path}")).unwrap_or(named)
}

fn wide(width: u64) -> usize {
    usize::try_from(width).unwrap_or(usize::MAX)
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
