//! Whom PostgreSQL runs as. It refuses root, who may do more to the machine than a database should.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Unavailable;
use crate::shared::random;

/// Who has no rights here is preferred to who has some, but the first is whom the distribution made for this.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The user that the server runs as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum User {
    /// Whoever runs the test.
    Same,
    /// Somebody else, because root runs the test.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has these numbers"))]
    Other { user: u32, group: u32 },
}

impl User {
    pub(crate) fn for_server() -> Result<Self, Unavailable> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Same);
        }
        let mut others =
            USERS.iter().filter_map(|name| Some(Self::Other { user: id(&["-u", name])?, group: id(&["-g", name])? }));
        others.next().ok_or_else(|| Unavailable::nobody(&format!("there is no user {}", USERS.join(" or "))))
    }

    /// A program that this user runs, apart from what is typed to end the test.
    pub(crate) fn command(self, program: &str) -> Command {
        let mut command = Command::new(program);
        // The folder of the test may be closed to that user.
        command.current_dir("/");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            command.process_group(0);
            if let Self::Other { user, group } = self {
                // This also gives up the other groups of root.
                command.uid(user).gid(group);
            }
        }
        command
    }

    /// A folder that only this user can enter, and that this user can remove: it is made by the user, because the folder
    /// for temporary files may be one that only root can write to.
    pub(crate) fn folder(self) -> Result<PathBuf, Unavailable> {
        let mut tried = Vec::new();
        for place in [env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
            let folder = place.join(format!("put-throwaway-postgres-{:016x}", random()));
            match self.command("mkdir").args(["-m", "700"]).arg(&folder).output() {
                Ok(made) if made.status.success() && folder.is_dir() => return Ok(folder),
                Ok(not) => tried.push(String::from_utf8_lossy(&not.stderr).trim().to_owned()),
                Err(error) => tried.push(format!("{}: {error}", place.display())),
            }
        }
        Err(Unavailable::broken(format!("PostgreSQL has no place for its files: {}", tried.join("; "))))
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).current_dir(Path::new("/")).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
