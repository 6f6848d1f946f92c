//! Where everything of one private server stands.
//!
//! Below the data folder, in `postgres`: the cluster and the socket's folder (the server's account only), our
//! own settings, locks and the log (the caller's). When root starts the server the two are different
//! accounts, so that nothing root writes stands in a folder that the server's account could change.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};

use super::accounts::Account;
use super::error::PrivatePostgresError;
use super::postmaster::SOCKET_FILE;

/// The longest path of a socket, in bytes: 107 on Linux, 103 on macOS; the lower one holds on both.
const LONGEST_SOCKET_PATH: usize = 103;

/// The log is put aside at the next start once it is longer than this many bytes.
const LONG_LOG: u64 = 16 << 20;

/// The paths of one private server; all absolute.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    data: PathBuf,
    home: PathBuf,
}

impl Folders {
    /// Makes the data folder and `postgres` below it, where they are missing.
    pub(super) fn create(data: &Path) -> Result<Folders, PrivatePostgresError> {
        std::fs::create_dir_all(data)
            .map_err(|source| PrivatePostgresError::file("create the data folder", data, source))?;
        let data = data
            .canonicalize()
            .map_err(|source| PrivatePostgresError::file("find the data folder", data, source))?;
        let home = data.join("postgres");
        let folders = Folders { data, home };
        if !folders.home.is_dir() {
            // Root's folder lets the server's account pass through and see nothing.
            let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
            make_folder(&folders.home, mode)?;
        }
        Ok(folders)
    }

    /// The data folder of the product.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The folder that holds the rest.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// PostgreSQL's own data folder.
    pub(super) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// Where `initdb` works until it has finished.
    pub(super) fn unfinished_cluster(&self) -> PathBuf {
        self.home.join("cluster.unfinished")
    }

    /// The server's settings.
    pub(super) fn settings(&self) -> PathBuf {
        self.home.join("postgresql.conf")
    }

    /// Who may connect, by connection.
    pub(super) fn access(&self) -> PathBuf {
        self.home.join("pg_hba.conf")
    }

    /// Who may connect, by account and role.
    pub(super) fn account_map(&self) -> PathBuf {
        self.home.join("pg_ident.conf")
    }

    /// The server's log.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// The lock called `name`.
    pub(super) fn lock(&self, name: &str) -> PathBuf {
        self.home.join(format!("{name}.lock"))
    }

    /// Whose folder it is, as a user id.
    pub(super) fn owner_uid(&self) -> Result<u32, PrivatePostgresError> {
        let about = std::fs::metadata(&self.home)
            .map_err(|source| PrivatePostgresError::file("look at", &self.home, source))?;
        Ok(about.uid())
    }

    /// Checks that `account` may enter every folder down to the cluster, and names the first that stops it.
    pub(super) fn check_reachable(&self, account: &Account) -> Result<(), PrivatePostgresError> {
        let mut from_the_root: Vec<&Path> = self.home.ancestors().collect();
        from_the_root.reverse();
        for folder in from_the_root {
            if !may_enter(folder, account)? {
                let account = account.name.clone();
                return Err(PrivatePostgresError::Unreachable { folder: folder.to_owned(), account });
            }
        }
        Ok(())
    }

    /// Makes the folder of the socket, for the server's account alone: below ours, or in a short place of the
    /// machine when our path is too long for a socket. The server writes its place into `postmaster.pid`.
    pub(super) fn create_sockets(&self, server: &Account) -> Result<PathBuf, PrivatePostgresError> {
        let below = self.home.join("sockets");
        let folder = if fits_a_socket(&below) { below } else { self.short_folder(server)? };
        if std::fs::symlink_metadata(&folder).is_err() {
            make_private_folder(&folder, server)?;
        }
        check_private(&folder, server)?;
        Ok(folder)
    }

    /// A name of its own for this data folder, which stays the same while the folder exists.
    fn short_folder(&self, server: &Account) -> Result<PathBuf, PrivatePostgresError> {
        let about = std::fs::metadata(&self.home)
            .map_err(|source| PrivatePostgresError::file("look at", &self.home, source))?;
        let name = format!("caseledger-{:x}-{:x}", about.dev(), about.ino());
        let own_runtime = std::env::var_os("XDG_RUNTIME_DIR")
            .filter(|_| rustix::process::geteuid().as_raw() == server.uid)
            .map(|base| Path::new(&base).join(&name))
            .filter(|folder| folder.is_absolute() && folder.parent().is_some_and(Path::is_dir));
        Ok(own_runtime.filter(|folder| fits_a_socket(folder)).unwrap_or_else(|| Path::new("/tmp").join(name)))
    }

    /// Opens the log for appending; a long one is put aside first.
    pub(super) fn open_log(&self) -> Result<File, PrivatePostgresError> {
        let path = self.log();
        let fault = |source| PrivatePostgresError::file("open", &path, source);
        if std::fs::metadata(&path).is_ok_and(|about| about.len() > LONG_LOG) {
            std::fs::rename(&path, self.home.join("server.log.old")).map_err(fault)?;
        }
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(fault)?;
        self.leave_to_owner(&log, &path)?;
        Ok(log)
    }

    /// Opens the lock called `name`. The file stays for ever: a lock on a removed file guards nothing.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, PrivatePostgresError> {
        let path = self.lock(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|source| PrivatePostgresError::file("open the lock", &path, source))?;
        self.leave_to_owner(&file, &path)?;
        Ok(file)
    }

    /// What root makes in somebody's folder must not shut that somebody out later.
    fn leave_to_owner(&self, file: &File, path: &Path) -> Result<(), PrivatePostgresError> {
        let owner = self.owner_uid()?;
        if owner == 0 || !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        fchown(file, Some(owner), None)
            .map_err(|source| PrivatePostgresError::file("hand over", path, source))
    }

    /// Replaces a file in one step, readable by the server's account; says whether it is different now.
    pub(super) fn replace(&self, path: &Path, text: &str) -> Result<bool, PrivatePostgresError> {
        if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
            return Ok(false);
        }
        let fault = |source| PrivatePostgresError::file("write", path, source);
        let fresh = path.with_extension("fresh");
        let _ = std::fs::remove_file(&fresh);
        let mut file = OpenOptions::new().write(true).create_new(true).open(&fresh).map_err(fault)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
        // The folder keeps strangers out; the server's account only has to read.
        file.set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(fault)?;
        self.leave_to_owner(&file, path)?;
        std::fs::rename(&fresh, path).map_err(fault)?;
        Ok(true)
    }
}

/// Makes a folder that only `account` may enter.
pub(super) fn make_private_folder(folder: &Path, account: &Account) -> Result<(), PrivatePostgresError> {
    make_folder(folder, 0o700)?;
    if rustix::process::geteuid().as_raw() != account.uid {
        chown(folder, Some(account.uid), Some(account.gid))
            .map_err(|source| PrivatePostgresError::file("hand over", folder, source))?;
    }
    Ok(())
}

/// Makes what was renamed or created in `folder` outlive a power cut.
pub(super) fn sync_folder(folder: &Path) -> Result<(), PrivatePostgresError> {
    File::open(folder)
        .and_then(|handle| handle.sync_all())
        .map_err(|source| PrivatePostgresError::file("write through", folder, source))
}

fn make_folder(folder: &Path, mode: u32) -> Result<(), PrivatePostgresError> {
    let fault = |source| PrivatePostgresError::file("create", folder, source);
    DirBuilder::new().mode(mode).create(folder).map_err(fault)?;
    // The process's mask may have taken bits away.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).map_err(fault)
}

/// Whether the permission bits let `account` enter; access lists beyond them are not looked at.
fn may_enter(folder: &Path, account: &Account) -> Result<bool, PrivatePostgresError> {
    if rustix::process::geteuid().as_raw() == account.uid {
        return Ok(true);
    }
    let about =
        std::fs::metadata(folder).map_err(|source| PrivatePostgresError::file("look at", folder, source))?;
    let bit = match (about.uid() == account.uid, about.gid() == account.gid) {
        (true, _) => 0o100,
        (false, true) => 0o010,
        (false, false) => 0o001,
    };
    Ok(about.mode() & bit != 0)
}

fn fits_a_socket(folder: &Path) -> bool {
    folder.join(SOCKET_FILE).as_os_str().len() <= LONGEST_SOCKET_PATH
}

/// A folder in a public place may have been put there by somebody else.
fn check_private(folder: &Path, account: &Account) -> Result<(), PrivatePostgresError> {
    let about = std::fs::symlink_metadata(folder)
        .map_err(|source| PrivatePostgresError::file("look at", folder, source))?;
    let wrong =
        |reason: String| Err(PrivatePostgresError::SocketFolder { folder: folder.to_owned(), reason });
    if !about.is_dir() {
        return wrong("it is not a folder".to_owned());
    }
    if about.uid() != account.uid {
        return wrong(format!("it belongs to account number {}, not to {}", about.uid(), account.name));
    }
    if about.mode() & 0o077 != 0 {
        return wrong("others may enter it".to_owned());
    }
    Ok(())
}
