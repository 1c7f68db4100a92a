//! The guard: a small shell that holds the server, and ends it when the test ends.

use std::env;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::process::{self, wait_until};
use crate::user::User;

/// How long the guard may take to stop the server and to remove its folder.
const END: Duration = Duration::from_secs(30);

/// A running guard, and the server that it holds.
#[derive(Debug)]
pub(crate) struct Guard {
    shell: Child,
    /// While this is open, the guard waits.
    words: Option<ChildStdin>,
    replies: Receiver<String>,
    folder: PathBuf,
    /// The process that was started last, until it was seen to have ended.
    pub(crate) server: Option<u32>,
}

impl Guard {
    /// From here on, the folder is removed when the guard is dropped or the process ends.
    pub(crate) fn start(user: User, programs: &Path, folder: &Path) -> io::Result<Self> {
        let mut shell = user.command("sh");
        shell.args(["-c", include_str!("guard.sh"), "put-throwaway-postgres"]).arg(programs).arg(folder);
        // What a person has set for another server is not for this one, and its log is read.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            shell.env_remove(name);
        }
        shell.env("LC_ALL", "C").env_remove("LANGUAGE");
        // Nothing of the test's own: who reads what the test says waits until nobody can say more.
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn().inspect_err(|_| {
            let _ = fs::remove_dir_all(folder);
        })?;
        let (sender, replies) = mpsc::channel();
        if let Some(stdout) = shell.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                for line in lines {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let words = shell.stdin.take();
        Ok(Self { shell, words, replies, folder: folder.to_owned(), server: None })
    }

    /// Says a word, and waits for the reply.
    pub(crate) fn ask(&mut self, word: &str, patience: Duration) -> io::Result<String> {
        let words = self.words.as_mut().ok_or_else(|| io::Error::other("the guard is not listening"))?;
        words.write_all(format!("{word}\n").as_bytes())?;
        let verb = word.split(' ').next().unwrap_or(word);
        self.replies
            .recv_timeout(patience)
            .map_err(|error| io::Error::other(format!("the guard does not reply to `{verb}`: {error}")))
    }

    /// Starts the server, which may not come far.
    pub(crate) fn serve(&mut self, port: u16) -> io::Result<u32> {
        let reply = self.ask(&format!("start {port}"), END)?;
        let server = reply.parse().map_err(|_| io::Error::other(format!("`{reply}` is no process")))?;
        self.server = Some(server);
        Ok(server)
    }

    /// To be called when the server has ended.
    pub(crate) fn gone(&mut self) -> io::Result<()> {
        self.ask("gone", END)?;
        self.server = None;
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.words = None;
        let mut status = None;
        wait_until(END, || {
            status = self.shell.try_wait().ok().flatten();
            status.is_some()
        });
        // Otherwise somebody has killed it, or it does not come to an end.
        if !status.is_some_and(|status| status.success()) {
            if let Some(server) = self.server.filter(|server| process::is_running(*server)) {
                // As the guard would; a server that is killed leaves its shared memory.
                let _ = process::signal("QUIT", &[server]).and_then(|()| process::signal("CONT", &[server]));
                if !wait_until(END, || !process::is_running(server)) {
                    let mut all = process::children(server);
                    all.push(server);
                    let _ = process::signal("KILL", &all);
                }
            }
            let _ = self.shell.kill();
            let _ = self.shell.wait();
        }
        // A guard that ended well has done this.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
