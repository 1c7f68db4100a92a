//! Programs that end when they should, and the few words of HTTP that tell whether a server is there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs a program and waits for the end of standard input beside it, which comes when [`Running`] is dropped, and also
/// when xtask is killed. Then all that is in the process group ends.
const UNTIL_STDIN_ENDS: &str = r#"exec 3<&0; (read -r _ <&3; kill -KILL 0) & "$@" </dev/null 3<&-"#;

/// A program, with all that it starts. It ends when this is dropped.
pub(super) struct Running {
    child: Child,
}

impl Running {
    /// Starts a program in a folder; what it says goes into a file.
    pub(super) fn start(
        arguments: impl IntoIterator<Item = String>,
        folder: &Path,
        log: &Path,
    ) -> Result<Self, String> {
        let io = |error: std::io::Error| format!("{}: {error}", log.display());
        let log = File::create(log).map_err(io)?;
        let mut command = Command::new("sh");
        command.args(["-c", UNTIL_STDIN_ENDS, "sh"]).args(arguments).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(log.try_clone().map_err(io)?).stderr(log);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(Self { child: command.spawn().map_err(|error| format!("sh: {error}"))? })
    }

    /// Waits for the end of the program.
    pub(super) fn ends(&mut self, limit: Duration) -> Result<ExitStatus, String> {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("it went on for {} s and was stopped", limit.as_secs()))
    }

    /// Waits until the server answers, whatever it says.
    pub(super) fn answers(&mut self, port: u16, limit: Duration) -> Result<(), String> {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Err(format!("it ended at once, with {status}"));
            }
            if exchange(port, "GET", "/", "").is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(format!("it did not answer for {} s", limit.as_secs()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
pub(super) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("there is no free port: {error}"))
}

/// Makes what must be there before a server can be looked at.
pub(super) fn put(port: u16, path: &str, content: &str) -> Result<u16, String> {
    let status = exchange(port, "PUT", path, content).map_err(|error| format!("PUT {path}: {error}"))?;
    if (200..300).contains(&status) { Ok(status) } else { Err(format!("PUT {path}: {status}")) }
}

fn exchange(port: u16, method: &str, path: &str, content: &str) -> Result<u16, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(told)?;
    let length = content.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    let fields = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    let fields = if content.is_empty() { "\r\n" } else { &fields };
    stream.write_all([&head, fields, content].concat().as_bytes()).map_err(told)?;
    let mut answer = Vec::new();
    // A server may reset the connection after it has answered; the answer counts.
    let read = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    status.ok_or_else(|| read.map_or_else(told, |_| "no answer in HTTP/1.1".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> (Running, std::path::PathBuf) {
        let programs = std::env::current_exe().unwrap().parent().unwrap().to_owned();
        let log = programs.join(format!("xtask-field-{}-{}.log", std::process::id(), script.len()));
        let arguments = ["sh", "-c", script].map(str::to_owned);
        (Running::start(arguments, &programs, &log).unwrap(), log)
    }

    #[test]
    fn a_program_ends_with_its_own_status_and_its_words_are_kept() {
        let (mut running, log) = sh("echo said; exit 7");
        assert_eq!(running.ends(Duration::from_mins(1)).unwrap().code(), Some(7));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "said\n");
        std::fs::remove_file(log).unwrap();
    }

    #[test]
    fn what_goes_on_is_stopped_with_all_that_it_started() {
        let (running, log) = sh("sleep 1000 & echo $!; sleep 1000");
        let mut child = String::new();
        while !child.ends_with('\n') {
            child = std::fs::read_to_string(&log).unwrap();
        }
        let mut alive = Command::new("sh");
        // A process that has ended and that nobody has waited for yet is one of state Z.
        alive.args(["-c", &format!("ps -o stat= -p {} | grep -qv Z", child.trim())]);
        assert!(crate::run::is_there(&mut alive));
        drop(running);
        // It has been sent SIGKILL, and may need a moment to be gone.
        let until = Instant::now() + Duration::from_mins(1);
        while crate::run::is_there(&mut alive) {
            assert!(Instant::now() < until, "it goes on");
        }
        std::fs::remove_file(log).unwrap();
    }

    #[test]
    fn a_server_that_ends_does_not_answer() {
        let (mut running, log) = sh("exit 3");
        assert!(running.answers(free_port().unwrap(), Duration::from_mins(1)).unwrap_err().contains("ended at once"));
        std::fs::remove_file(log).unwrap();
    }
}
