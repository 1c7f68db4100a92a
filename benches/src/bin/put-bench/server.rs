//! A server under measurement: a child process that says where it listens on its first line and stops at SIGTERM.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Result;

/// `/proc` counts processor time in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: u64 = 100;

/// A running server; dropping it kills it, [`Server::stop`] ends it properly.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    /// Kept open: a server that writes to a closed pipe would die of it.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts `program` and waits for its first line.
    pub(crate) fn start<A: AsRef<OsStr>>(program: &Path, arguments: &[A]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").and_then(address_in);
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{} said {line:?} instead of where it listens", program.display()).into());
        };
        Ok(Self { child, address, _output: output })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and SIGKILL for a server that does not heed it within five seconds.
    pub(crate) fn stop(mut self) -> Result<()> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!("a server did not stop at SIGTERM and was killed");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in `http://HOST:PORT`.
pub(crate) fn address_in(url: &str) -> Option<SocketAddr> {
    url.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
}

/// User and system time that a process, all its threads together, has used so far.
pub(crate) fn processor_time(pid: Option<u32>) -> Result<Duration> {
    // utime and stime are the fields 14 and 15.
    pid.map_or(Ok(Duration::ZERO), |pid| stat_times(&format!("/proc/{pid}/stat"), 14))
}

/// The same of a process and its children together, those that run.
pub(crate) fn processor_time_of_family(pid: Option<u32>) -> Result<Duration> {
    let Some(pid) = pid else { return Ok(Duration::ZERO) };
    let mut sum = processor_time(Some(pid))?;
    for child in fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?.split_whitespace() {
        // One that has ended meanwhile has no file any more.
        sum += processor_time(Some(child.parse()?)).unwrap_or_default();
    }
    Ok(sum)
}

/// The same for all children of this process that have ended, and theirs.
pub(crate) fn processor_time_of_children() -> Result<Duration> {
    // cutime and cstime are the fields 16 and 17.
    stat_times("/proc/self/stat", 16)
}

/// The sum of two neighbouring times in a `stat` file; fields count from 1.
fn stat_times(path: &str, field: usize) -> Result<Duration> {
    let stat = fs::read_to_string(path)?;
    // The second field is the program's name in parentheses and may hold anything; what follows is plain.
    let (_, rest) = stat.rsplit_once(')').ok_or("a stat file without a name")?;
    let ticks =
        rest.split_whitespace().skip(field - 3).take(2).map(str::parse::<u64>).sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}
