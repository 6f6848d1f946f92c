//! The log's tree as files outside the database, in the layout of C2SP `tlog-tiles`: hashes in tiles of 256, full
//! tiles for ever, the unfinished ones as `.p/<width>` files beside the place where the full one will stand.
//!
//! A file is written aside, flushed and renamed, so that a reader sees the whole of it or nothing. After
//! [`TileFolder::flush`] everything up to the size is durable. Blocking; callers run it off the async threads.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::range::CompactRange;
use crate::durable::{self, replace};
use crate::hash::Hash;
use crate::tree;

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;
const CHECKPOINT: &str = "checkpoint";

/// Why the folder cannot be used.
#[derive(Debug, Error)]
pub enum TileFault {
    /// The file system refuses.
    #[error("proof folder: {}", path.display())]
    Storage {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// A tile is not there, or is not what the one above it says.
    #[error(
        "proof folder: {} is missing or damaged; put back a copy of the folder. Where there is none, move the \
         folder away and run `caseledger checkpoint --rebuild-proof`",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

/// The folder, and the right edge of the tree that is in it.
#[derive(Debug)]
pub(crate) struct TileFolder {
    root: PathBuf,
    range: CompactRange,
    /// The unfinished tile of each level.
    edges: Vec<Vec<Hash>>,
    /// Folders in which something was written since the last flush.
    touched: BTreeSet<PathBuf>,
    /// Unfinished tiles that have become full since the last head.
    finished: Vec<PathBuf>,
}

impl TileFolder {
    /// A folder with no tile that counts.
    pub(crate) fn empty(root: &Path) -> Result<Self, TileFault> {
        make_folder(root)?;
        let range = CompactRange::empty();
        Ok(Self {
            root: root.to_owned(),
            range,
            edges: Vec::new(),
            touched: BTreeSet::new(),
            finished: Vec::new(),
        })
    }

    /// A folder that holds the tree of a size. Tiles beyond it, left by a crash, are written over later.
    pub(crate) fn open(root: &Path, size: u64) -> Result<Self, TileFault> {
        let mut this = Self::empty(root)?;
        let mut width = size;
        let mut level = 0;
        while width > 0 {
            let edge = usize::try_from(width % 256).unwrap_or_default();
            let index = width / 256;
            this.edges.push(if edge == 0 { Vec::new() } else { this.read(level, index, edge)? });
            width = index;
            level += 1;
        }
        this.range = this.rebuilt(size)?;
        Ok(this)
    }

    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.range.size()
    }

    /// The root over them.
    pub(crate) fn tree_root(&self) -> Hash {
        self.range.root()
    }

    /// Adds leaves; tiles that they complete are written.
    pub(crate) fn push(&mut self, leaves: &[Hash]) -> Result<(), TileFault> {
        for leaf in leaves {
            self.range.push(*leaf, |_, _| {});
            self.push_at(0, *leaf)?;
        }
        Ok(())
    }

    fn push_at(&mut self, level: usize, hash: Hash) -> Result<(), TileFault> {
        if self.edges.len() == level {
            self.edges.push(Vec::new());
        }
        let Some(edge) = self.edges.get_mut(level) else { return Ok(()) };
        edge.push(hash);
        if edge.len() < TILE_WIDTH {
            return Ok(());
        }
        let full = std::mem::take(edge);
        let index = (self.size() >> (8 * (level + 1))) - 1;
        self.write(&tile_path(level, index, None), &full.concat())?;
        let unfinished = self.root.join(tile_path(level, index, Some(TILE_WIDTH)));
        self.finished.extend(unfinished.parent().map(Path::to_owned));
        self.push_at(level + 1, tree::root(&full))
    }

    /// Writes the unfinished tiles and waits until everything is on the disk.
    pub(crate) fn flush(&mut self) -> Result<(), TileFault> {
        for (level, edge) in self.edges.clone().into_iter().enumerate() {
            if !edge.is_empty() {
                let index = self.size() >> (8 * (level + 1));
                self.write(&tile_path(level, index, Some(edge.len())), &edge.concat())?;
            }
        }
        let touched = std::mem::take(&mut self.touched);
        touched.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Puts the signed head beside the tiles. Unfinished tiles that have become full are taken away after it: the head
    /// before still led to them.
    pub(crate) fn publish(&mut self, note: &str) -> Result<(), TileFault> {
        self.write(Path::new(CHECKPOINT), note.as_bytes())?;
        sync_folder(&self.root)?;
        for folder in std::mem::take(&mut self.finished) {
            // What is left of them harms nobody.
            let _ = fs::remove_dir_all(folder);
        }
        Ok(())
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), TileFault> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        make_folder(&folder)?;
        replace(&path, bytes).map_err(storage(&path))?;
        self.touched.insert(folder);
        Ok(())
    }

    /// A tile of which at least `width` hashes are needed: the unfinished one, or the full one that it became.
    fn read(&self, level: usize, index: u64, width: usize) -> Result<Vec<Hash>, TileFault> {
        let partial = self.root.join(tile_path(level, index, Some(width)));
        let bytes = match read(&partial)? {
            Some(bytes) => bytes,
            None => read(&self.root.join(tile_path(level, index, None)))?.unwrap_or_default(),
        };
        let hashes: Vec<Hash> = bytes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect();
        match hashes.get(..width) {
            Some(hashes) if bytes.len() % 32 == 0 => Ok(hashes.to_vec()),
            _ => Err(TileFault::Damaged { path: partial }),
        }
    }

    /// Leaf hashes after one size and up to another, from the tiles of the lowest level.
    pub(crate) fn leaves(root: &Path, from: u64, to: u64) -> Result<Vec<Hash>, TileFault> {
        let this = Self::empty(root)?;
        let mut leaves = Vec::new();
        for index in from / 256..to.div_ceil(256) {
            let tile = this.longest(index)?;
            let wanted = (index * 256..).zip(tile).filter(|(leaf, _)| (from..to).contains(leaf));
            leaves.extend(wanted.map(|(_, hash)| hash));
        }
        Ok(leaves)
    }

    /// The widest form of a tile of the lowest level that is there.
    fn longest(&self, index: u64) -> Result<Vec<Hash>, TileFault> {
        if let Some(bytes) = read(&self.root.join(tile_path(0, index, None)))? {
            return Ok(bytes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect());
        }
        let unfinished =
            (1..TILE_WIDTH).rev().map(|width| (width, self.root.join(tile_path(0, index, Some(width)))));
        let found = unfinished.into_iter().find(|(_, path)| path.exists());
        found.map_or(Ok(Vec::new()), |(width, _)| self.read(0, index, width))
    }

    /// The compact range from the unfinished tiles: each holds the roots of the full tiles below it.
    fn rebuilt(&self, size: u64) -> Result<CompactRange, TileFault> {
        let mut peaks = Vec::new();
        for (level, edge) in self.edges.iter().enumerate().rev() {
            let mut rest = edge.as_slice();
            for bit in (0..8).rev().filter(|bit| size >> (8 * level + bit) & 1 == 1) {
                let (peak, beyond) = rest.split_at(1 << bit);
                peaks.push(tree::root(peak));
                rest = beyond;
            }
        }
        let damaged = || TileFault::Damaged { path: self.root.join("tile") };
        CompactRange::from_peaks(size, peaks).ok_or_else(damaged)
    }
}

/// The signed head that stands beside the tiles; `None` where none was signed yet.
pub(crate) fn published(root: &Path) -> Result<Option<String>, TileFault> {
    let path = root.join(CHECKPOINT);
    let bytes = read(&path)?;
    bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| TileFault::Damaged { path })).transpose()
}

/// Path of a tile below the folder: `tile/<level>/<index>`, the index in groups of three digits, `.p/<width>` behind
/// it for an unfinished one. `None` is a full tile.
pub fn tile_path(level: usize, index: u64, width: Option<usize>) -> PathBuf {
    let mut place = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        place = format!("x{:03}/{place}", rest % 1_000);
        rest /= 1_000;
    }
    let ending = width.map(|width| format!(".p/{width}")).unwrap_or_default();
    PathBuf::from(format!("tile/{level}/{place}{ending}"))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, TileFault> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(storage(path)(source)),
    }
}

fn make_folder(folder: &Path) -> Result<(), TileFault> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(above)?;
    match fs::create_dir(folder) {
        // Another process that begins with the same folder was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made.map_err(storage(folder))?,
    }
    // The entry of a new folder stands in the one above it.
    sync_folder(above)
}

fn sync_folder(folder: &Path) -> Result<(), TileFault> {
    durable::sync_folder(folder).map_err(storage(folder))
}

fn storage(path: &Path) -> impl FnOnce(io::Error) -> TileFault {
    let path = path.to_owned();
    move |source| TileFault::Storage { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|index| tree::leaf_hash(&index.to_be_bytes())).collect()
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        let cases = [
            (tile_path(0, 0, None), "tile/0/000"),
            (tile_path(1, 1_234_067, None), "tile/1/x001/x234/067"),
            (tile_path(0, 273, Some(112)), "tile/0/273.p/112"),
            (tile_path(0, 1_000, Some(1)), "tile/0/x001/000.p/1"),
        ];
        for (path, expected) in cases {
            assert_eq!(path, PathBuf::from(expected));
        }
    }

    /// The example of the specification: a tree of 70,000 has 273 full tiles and one of 112 at level 0, one full
    /// and one of 17 at level 1, and one of 1 at level 2.
    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let place = folder();
        let mut tiles = TileFolder::empty(place.path()).unwrap();
        let leaves = leaves(70_000);
        tiles.push(&leaves).unwrap();
        tiles.flush().unwrap();
        let length = |path| fs::metadata(place.path().join(path)).map(|file| file.len()).ok();
        for (path, hashes) in [
            (tile_path(0, 272, None), Some(256)),
            (tile_path(0, 273, None), None),
            (tile_path(0, 273, Some(112)), Some(112)),
            (tile_path(1, 0, None), Some(256)),
            (tile_path(1, 1, Some(17)), Some(17)),
            (tile_path(2, 0, Some(1)), Some(1)),
        ] {
            assert_eq!(length(path.clone()), hashes.map(|hashes: u64| hashes * 32), "{}", path.display());
        }
        assert_eq!(tiles.tree_root(), tree::root(&leaves));
    }

    #[test]
    fn a_folder_goes_on_where_it_was_flushed_whatever_was_written_after() {
        let all = leaves(1_500);
        for size in [0, 1, 255, 256, 257, 511, 512, 1_000] {
            let place = folder();
            let mut tiles = TileFolder::empty(place.path()).unwrap();
            tiles.push(&all[..size]).unwrap();
            tiles.flush().unwrap();
            tiles.push(&all[size..size + 300]).unwrap();
            drop(tiles);
            let mut tiles = TileFolder::open(place.path(), size as u64).unwrap();
            assert_eq!((tiles.size(), tiles.tree_root()), (size as u64, tree::root(&all[..size])));
            tiles.push(&all[size..]).unwrap();
            assert_eq!(tiles.tree_root(), tree::root(&all));
        }
    }

    #[test]
    fn several_that_begin_with_one_new_folder_all_get_it() {
        for _ in 0..200 {
            let place = folder();
            let root = place.path().join("a/b/proof");
            let all_at_once = std::sync::Barrier::new(4);
            let begin = || {
                all_at_once.wait();
                TileFolder::empty(&root).map(drop)
            };
            let begun: Vec<_> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..4).map(|_| scope.spawn(begin)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(begun.iter().all(Result::is_ok), "{begun:?}");
        }
    }

    #[test]
    fn a_tile_that_is_missing_or_cut_is_named() {
        let place = folder();
        let mut tiles = TileFolder::empty(place.path()).unwrap();
        tiles.push(&leaves(300)).unwrap();
        tiles.flush().unwrap();
        let path = place.path().join(tile_path(0, 1, Some(44)));
        fs::write(&path, [0; 33]).unwrap();
        let named = |fault| matches!(fault, TileFault::Damaged { path: found } if found == path);
        assert!(named(TileFolder::open(place.path(), 300).unwrap_err()));
        fs::remove_file(&path).unwrap();
        assert!(named(TileFolder::open(place.path(), 300).unwrap_err()));
    }
}
