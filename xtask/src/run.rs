//! Runs a program, shows what it says as it says it, and keeps what it says it skipped.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::step::Outcome;

pub(crate) type Arguments = Vec<OsString>;

/// How a test says that this machine lacks what it needs.
const SKIPPED: &str = "SKIPPED: ";

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo, in the workspace, as a person would start it.
pub(crate) fn cargo(args: impl IntoIterator<Item = impl Into<OsString>>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args.into_iter().map(Into::into)).current_dir(root());
    // What cargo told this program of itself is not for the crates that are built now.
    for (name, _) in env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// Whether a program is there and ends well.
pub(crate) fn is_there(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program and shows what it says.
pub(crate) fn stream(mut command: Command) -> Outcome {
    let shown = shown(&command);
    println!("$ {shown}");
    let mut child = match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Outcome::Failed(format!("`{shown}` cannot be started: {error}")),
    };
    let notes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        if let Some(stdout) = child.stdout.take() {
            scope.spawn(|| pass_on(stdout, &notes, &mut std::io::stdout()));
        }
        if let Some(stderr) = child.stderr.take() {
            scope.spawn(|| pass_on(stderr, &notes, &mut std::io::stderr()));
        }
    });
    let notes = notes.into_inner().unwrap_or_default();
    match child.wait() {
        Ok(status) if status.success() => Outcome::Passed(notes),
        Ok(status) => Outcome::Failed(format!("`{shown}` ended with {status}")),
        Err(error) => Outcome::Failed(format!("`{shown}`: {error}")),
    }
}

fn pass_on(from: impl Read, notes: &Mutex<Vec<String>>, to: &mut dyn std::io::Write) {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // If nobody reads what we say, the checks go on all the same.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        if let Some(note) = String::from_utf8_lossy(&line).trim().strip_prefix(SKIPPED)
            && let Ok(mut notes) = notes.lock()
            && !notes.iter().any(|known| known == note)
        {
            notes.push(note.to_owned());
        }
        line.clear();
    }
}

/// A command as a person would write it.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let variables =
        command.get_envs().filter_map(|(name, value)| Some((name.to_string_lossy(), value?.to_string_lossy())));
    let variables = variables
        .filter(|(name, _)| name != "CARGO_TERM_COLOR")
        .map(|(name, value)| format!("{name}={}", quoted(&value)));
    let args = command.get_args().map(|arg| quoted(&arg.to_string_lossy()));
    variables.chain([name]).chain(args).collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_kept_once() {
        let notes = Mutex::new(Vec::new());
        let mut out = Vec::new();
        let said = "test a ... ok\nSKIPPED: no curl\n\nSKIPPED: no curl\nthe word SKIPPED: in a line\n";
        pass_on(said.as_bytes(), &notes, &mut out);
        assert_eq!(notes.into_inner().unwrap(), ["no curl"]);
        assert_eq!(String::from_utf8(out).unwrap(), said);
    }

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        let mut command = cargo(["doc", "--no-deps"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }

    #[test]
    fn an_end_that_is_no_success_is_a_failure() {
        assert!(matches!(stream(cargo(["no-such-command"])), Outcome::Failed(_)));
        assert!(matches!(stream(Command::new("no-such-program")), Outcome::Failed(_)));
    }
}
