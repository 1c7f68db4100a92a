//! The processes of this machine: who is whose child, and who has ended.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often something is looked at that is waited for.
const PAUSE: Duration = Duration::from_millis(5);

#[derive(Debug, PartialEq, Eq)]
struct Process {
    number: u32,
    parent: u32,
    state: char,
}

/// Whether a process is there and has not ended. One that has ended may be in the list until its parent looks.
pub(crate) fn is_running(number: u32) -> bool {
    state(number).is_some_and(|state| !"ZX".contains(state))
}

/// Whether a process goes on only after SIGCONT.
pub(crate) fn is_stopped(number: u32) -> bool {
    state(number).is_some_and(|state| "Tt".contains(state))
}

pub(crate) fn children(of: u32) -> Vec<u32> {
    all().into_iter().filter(|process| process.parent == of).map(|process| process.number).collect()
}

/// Sends a signal to all of them, in their order.
pub(crate) fn signal(name: &str, numbers: &[u32]) -> io::Result<()> {
    // The `kill` of sh, because not every machine has a program of that name.
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$@\"", "sh", name]).args(numbers.iter().map(ToString::to_string));
    let output = kill.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("SIG{name} cannot be sent: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

/// Waits until something is so, and says whether it came to be.
pub(crate) fn wait_until(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !is_so() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(PAUSE);
    }
    true
}

fn state(number: u32) -> Option<char> {
    let processes = match fs::read_to_string(format!("/proc/{number}/stat")) {
        Ok(line) => parse_stat(&line).into_iter().collect(),
        Err(_) if has_proc() => return None,
        Err(_) => ps(),
    };
    processes.iter().find(|process| process.number == number).map(|process| process.state)
}

fn all() -> Vec<Process> {
    if !has_proc() {
        return ps();
    }
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    // One that ends meanwhile cannot be read, and need not.
    let lines = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    lines.filter_map(|line| parse_stat(&line)).collect()
}

fn has_proc() -> bool {
    fs::exists("/proc/self/stat").unwrap_or(false)
}

fn ps() -> Vec<Process> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&listed).lines().filter_map(parse_ps).collect()
}

/// `12 (a name) S 1 ..`, where the name may have anything in it.
fn parse_stat(line: &str) -> Option<Process> {
    let number = line.split(' ').next()?.parse().ok()?;
    let mut rest = line.rsplit_once(')')?.1.split_whitespace();
    let state = rest.next()?.chars().next()?;
    Some(Process { number, parent: rest.next()?.parse().ok()?, state })
}

/// `12 1 Ss+`
fn parse_ps(line: &str) -> Option<Process> {
    let mut words = line.split_whitespace();
    let (number, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Process { number, parent, state: words.next()?.chars().next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_read() {
        assert_eq!(parse_stat("12 (a) b) S 1 12 0 -1"), Some(Process { number: 12, parent: 1, state: 'S' }));
        assert_eq!(parse_ps("   12     1 Ss+"), Some(Process { number: 12, parent: 1, state: 'S' }));
        assert_eq!(parse_stat("nothing"), None);
    }

    #[test]
    fn a_child_is_found_stopped_and_killed() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let number = child.id();
        assert!(children(std::process::id()).contains(&number));
        assert!(is_running(number) && !is_stopped(number));
        signal("STOP", &[number]).unwrap();
        assert!(wait_until(Duration::from_secs(5), || is_stopped(number)));
        signal("KILL", &[number]).unwrap();
        assert!(
            wait_until(Duration::from_secs(5), || !is_running(number)),
            "also while nobody has asked for its status"
        );
        child.wait().unwrap();
        assert!(!is_running(number));
        assert!(signal("KILL", &[number]).unwrap_err().to_string().contains("SIGKILL"));
    }
}
