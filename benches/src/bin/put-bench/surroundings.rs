//! What the numbers depend on besides the code: printed above every table.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    thread,
    time::Instant,
};

use crate::{Result, programs::Programs, ratio::median};

/// Packages that both sides run on; a ratio between different versions of them would compare frameworks.
const SHARED: [&str; 12] = [
    "actix-http",
    "actix-server",
    "actix-web",
    "axum",
    "bytes",
    "http",
    "hyper",
    "hyper-util",
    "serde",
    "serde_core",
    "serde_json",
    "tokio",
];

/// One line on the machine, and one for each version that differs between the two lock files.
pub(crate) fn print(programs: &Programs) {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    println!("{cores} cores ({model}), nothing pinned; load average at the start {load}\n");

    let ours = fs::read_to_string(programs.root.join("Cargo.lock")).unwrap_or_default();
    let peers = fs::read_to_string(programs.root.join("benches/peers/Cargo.lock")).unwrap_or_default();
    for package in SHARED {
        let (ours, peers) = (versions(&ours, package), versions(&peers, package));
        if !peers.is_empty() && !ours.is_empty() && ours != peers {
            println!("note: {package} is {} here and {} in peers\n", ours.join(" and "), peers.join(" and "));
        }
    }
}

fn versions<'a>(lock: &'a str, package: &str) -> Vec<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while lines.by_ref().any(|line| line == name) {
        found.extend(lines.next().and_then(|line| line.strip_prefix("version = ")).map(|text| text.trim_matches('"')));
    }
    found
}

/// What kind of disk the database is on: the file system, and how long it takes to make a small write durable.
pub(crate) fn print_disk(folder: &Path) -> Result<()> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?, words.next()?))
        })
        .filter(|(_, point, _)| folder.starts_with(point))
        .max_by_key(|(_, point, _)| point.len());
    let (device, kind) = mount.map_or(("?", "?"), |(device, _, kind)| (device, kind));

    let path = folder.join("durable");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let begin = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(path)?;
    println!("database on {kind} ({device}); 4 KiB appended and synchronised in {:.0} us (median)\n", median(times));
    if matches!(kind, "tmpfs" | "ramfs") {
        println!("note: this is memory, not a disk; set CARGO_TARGET_DIR to a folder on one\n");
    }
    Ok(())
}
