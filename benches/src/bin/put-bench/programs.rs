//! Where the programs are, and building them.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, options::Options};

/// The folders this program works with.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The root of the project.
    pub(crate) root: PathBuf,
    /// Where the root workspace builds to.
    pub(crate) target: PathBuf,
    peers: PathBuf,
}

impl Programs {
    /// Builds the servers of both workspaces in release, unless `--no-build` says that they are there.
    pub(crate) fn built(options: &Options) -> Result<Self> {
        let programs = Self::found();
        if !options.no_build {
            cargo(&programs.root, &["build", "--release", "-p", "put-benches", "--bins"])?;
            cargo(&programs.root.join("benches/peers"), &["build", "--release"])?;
        }
        Ok(programs)
    }

    /// The folders, with nothing built.
    pub(crate) fn found() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf);
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let peers = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("benches/peers/target"), PathBuf::from);
        Self { root, target, peers }
    }

    /// A program of this package.
    pub(crate) fn ours(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// A program written by hand.
    pub(crate) fn peer(&self, name: &str) -> PathBuf {
        self.peers.join("release").join(name)
    }
}

/// Runs cargo in `folder`.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).current_dir(folder).args(arguments).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {} failed in {}", arguments.join(" "), folder.display()).into())
    }
}
