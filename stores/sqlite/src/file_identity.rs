//! Whether the file at the path is still the file that was opened.
//!
//! A process keeps writing to a file that was deleted or replaced under it, and in WAL mode SQLite notices neither:
//! the commits succeed and are lost. So the device and inode of the database and of its write-ahead log are compared
//! with those at open. A difference is kept: once the files were apart, putting the old one back is no proof that
//! nobody wrote to the other one, so the store refuses until the program opens the database again.

use std::fmt;
#[cfg(unix)]
use std::path::{Path, PathBuf};

/// The file at the path is another one, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there an open file cannot be lost"))]
pub(crate) enum Lost {
    Deleted,
    Replaced,
    LogDeleted,
    LogReplaced,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "the database file was deleted while it was open; open the database again",
            Self::Replaced => "the database file was replaced while it was open; open the database again",
            Self::LogDeleted => "the write-ahead log was deleted while it was open; open the database again",
            Self::LogReplaced => "the write-ahead log was replaced while it was open; open the database again",
        })
    }
}

/// The write-ahead log of the database at this path.
#[cfg(unix)]
fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(unix)]
pub(crate) use unix::FileIdentity;

#[cfg(unix)]
mod unix {
    use std::fs::metadata;
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};
    use std::sync::OnceLock;

    use super::{Lost, log_of};

    /// What was open at first, and whether it was ever seen missing.
    #[derive(Debug)]
    pub(crate) struct FileIdentity {
        database: Watched,
        log: Watched,
        lost: OnceLock<Lost>,
    }

    #[derive(Debug)]
    struct Watched {
        path: PathBuf,
        device: u64,
        inode: u64,
    }

    enum Found {
        Same,
        Another,
        None,
    }

    impl Watched {
        fn new(path: PathBuf) -> io::Result<Self> {
            let metadata = metadata(&path)?;
            Ok(Self { path, device: metadata.dev(), inode: metadata.ino() })
        }

        fn look(&self) -> Found {
            match metadata(&self.path) {
                Ok(now) if now.dev() == self.device && now.ino() == self.inode => Found::Same,
                Ok(_) => Found::Another,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Found::None,
                // A folder that cannot be searched any more says nothing about the file in it.
                Err(_) => Found::Same,
            }
        }
    }

    impl FileIdentity {
        /// Remembers the files. `path` is the one the program named, `resolved` the one SQLite opened, symbolic
        /// links followed: the log stands beside that one.
        pub(crate) fn new(path: &Path, resolved: &Path) -> io::Result<Self> {
            Ok(Self {
                database: Watched::new(path.to_owned())?,
                log: Watched::new(log_of(resolved))?,
                lost: OnceLock::new(),
            })
        }

        /// For a read, which needs the database only.
        pub(crate) fn check_database(&self) -> Result<(), Lost> {
            self.keep(match self.database.look() {
                Found::Same => return self.lost.get().map_or(Ok(()), |lost| Err(*lost)),
                Found::Another => Lost::Replaced,
                Found::None => Lost::Deleted,
            })
        }

        /// For a write, which goes to the log first.
        pub(crate) fn check(&self) -> Result<(), Lost> {
            self.check_database()?;
            self.keep(match self.log.look() {
                Found::Same => return Ok(()),
                Found::Another => Lost::LogReplaced,
                Found::None => Lost::LogDeleted,
            })
        }

        fn keep(&self, found: Lost) -> Result<(), Lost> {
            let lost = *self.lost.get_or_init(|| {
                tracing::error!(path = %self.database.path.display(), "{found}");
                found
            });
            Err(lost)
        }
    }
}

#[cfg(not(unix))]
pub(crate) use elsewhere::FileIdentity;

/// Where a file cannot be deleted or replaced while it is open, there is nothing to check.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::path::Path;

    use super::Lost;

    #[derive(Debug)]
    pub(crate) struct FileIdentity;

    impl FileIdentity {
        pub(crate) fn new(_path: &Path, _resolved: &Path) -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn check_database(&self) -> Result<(), Lost> {
            Ok(())
        }

        pub(crate) fn check(&self) -> Result<(), Lost> {
            Ok(())
        }
    }
}
