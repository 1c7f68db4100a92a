//! The examples: how they are built, and what they are told.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// One of the examples that a new user starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Example {
    /// The quickstart.
    Axum,
    /// The same on Actix Web.
    Actix,
    /// The one whose application has a say.
    Inventory,
    /// The one on the tables of a shop.
    Postgres,
}

impl Example {
    pub(crate) const QUICKSTARTS: [Self; 2] = [Self::Axum, Self::Actix];
    const ALL: [Self; 4] = [Self::Axum, Self::Actix, Self::Inventory, Self::Postgres];

    fn package(self) -> &'static str {
        match self {
            Self::Axum => "quickstart",
            Self::Actix => "actix-quickstart",
            Self::Inventory => "inventory",
            Self::Postgres => "postgres-app",
        }
    }

    /// The variable of the environment that says where it keeps its states: a file, or a URL.
    pub(super) fn database(self) -> &'static str {
        match self {
            Self::Axum | Self::Actix | Self::Inventory => "DATABASE",
            Self::Postgres => "DATABASE_URL",
        }
    }

    /// The program, built when the first test asks for one of them.
    pub(crate) fn program(self) -> PathBuf {
        static FOLDER: OnceLock<PathBuf> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--message-format=json-render-diagnostics"]);
            build.args(Self::ALL.iter().flat_map(|example| ["--package", example.package()]));
            let built =
                build.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().expect("cargo runs");
            assert!(built.status.success(), "the examples build");
            // Cargo says where it puts a program; the folder is the same for all.
            let lines = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
            let found = lines.lines().find_map(|line| {
                let message: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(PathBuf::from(message["executable"].as_str()?))
            });
            found.expect("cargo names what it built").parent().expect("in a folder").to_owned()
        });
        folder.join(format!("{}{}", self.package(), std::env::consts::EXE_SUFFIX))
    }
}
