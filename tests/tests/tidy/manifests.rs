//! What the crates depend on, and what each of their manifests must say. One file, because all of it is read from the same
//! metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::tokens::{Token, all};
use super::{name, none, read, root};

/// A member of the workspace, as cargo understands it.
struct Member {
    name: String,
    manifest: String,
    folder: String,
    published: bool,
    readme: Option<String>,
    dependencies: Vec<Dependency>,
    /// The files that the targets start from.
    roots: Vec<String>,
}

struct Dependency {
    name: String,
    /// `normal`, `dev` or `build`.
    kind: String,
    path: bool,
    version: String,
}

/// The files that the compiler is started with.
pub(super) fn target_roots() -> BTreeSet<&'static str> {
    MEMBERS.iter().flat_map(|member| member.roots.iter().map(String::as_str)).collect()
}

static MEMBERS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let metadata = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let manifest = name(Path::new(&text(&package["manifest_path"])));
            let dependency = |found: &Value| Dependency {
                name: text(&found["name"]),
                kind: found["kind"].as_str().unwrap_or("normal").to_owned(),
                path: found["path"].is_string(),
                version: text(&found["req"]),
            };
            let targets = package["targets"].as_array().expect("targets");
            Member {
                roots: targets.iter().map(|target| name(Path::new(&text(&target["src_path"])))).collect(),
                name: text(&package["name"]),
                folder: manifest.trim_end_matches("/Cargo.toml").to_owned(),
                manifest,
                published: package["publish"].is_null(),
                readme: package["readme"].as_str().map(str::to_owned),
                dependencies: package["dependencies"]
                    .as_array()
                    .expect("dependencies")
                    .iter()
                    .map(dependency)
                    .collect(),
            }
        })
        .collect()
});

fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(args).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

fn member(name: &str) -> &'static Member {
    MEMBERS.iter().find(|member| member.name == name).unwrap_or_else(|| panic!("there is no crate {name}"))
}

impl Member {
    fn normal(&self) -> BTreeSet<&str> {
        self.dependencies.iter().filter(|found| found.kind != "dev").map(|found| found.name.as_str()).collect()
    }
}

/// All that a crate needs to be built for this machine, itself left out.
fn tree(of: &str) -> BTreeSet<String> {
    let tree = cargo(&[
        "tree",
        "--offline",
        "--locked",
        "-p",
        of,
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let names = tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
    names.filter(|name| name != of).collect()
}

#[test]
fn put_core_depends_on_no_framework_runtime_or_database() {
    // A new name here is a decision: every user of every adapter and store builds it.
    let direct = [
        "base64",
        "bytes",
        "futures-channel",
        // Only under its feature, as `validator`.
        "garde",
        "http",
        "httpdate",
        // Only under its feature.
        "metrics",
        "put-derive",
        "regex-lite",
        "serde",
        "serde_json",
        "sfv",
        "sha2",
        "strsim",
        "tracing",
        "validator",
    ];
    assert_eq!(member("put-core").normal(), BTreeSet::from(direct));
    let kinds = [
        "actix",
        "async-std",
        "axum",
        "diesel",
        "h2",
        "hyper",
        "libsqlite3",
        "mio",
        "poem",
        "postgres",
        "reqwest",
        "rocket",
        "rusqlite",
        "sea-orm",
        "smol",
        "socket2",
        "sqlx",
        "tokio",
        "tower",
        "warp",
    ];
    let tree = tree("put-core");
    assert!(tree.contains("serde_json"), "the tree has been read");
    let found: Vec<_> = tree.into_iter().filter(|name| kinds.iter().any(|kind| name.starts_with(kind))).collect();
    none("put-core knows no framework, no runtime and no database", &found);
}

#[test]
fn arrows_point_one_way() {
    let ours: BTreeSet<&str> = MEMBERS.iter().map(|member| member.name.as_str()).collect();
    let may = |member: &Member| -> Option<&[&str]> {
        match (member.name.as_str(), member.folder.as_str()) {
            ("put-derive" | "put-recorder" | "put-throwaway-postgres", _) => Some(&[]),
            // It is built before anything is checked, so it takes one thing only: how PostgreSQL is found.
            ("xtask", _) => Some(&["put-throwaway-postgres"]),
            // Only its feature `store` does: see below.
            ("put-conformance", _) => Some(&["put-core"]),
            ("put-core", _) => Some(&["put-derive"]),
            // The server is written by hand; only the judge asks the conformance cases.
            ("put-mutants", _) => Some(&["put-conformance"]),
            (_, folder) if folder.starts_with("adapters/") || folder.starts_with("stores/") => Some(&["put-core"]),
            // Examples, tests and measurements use everything, and nothing uses them.
            _ => None,
        }
    };
    for member in MEMBERS.iter() {
        let Some(may) = may(member) else { continue };
        let uses: BTreeSet<&str> = member.normal().intersection(&ours).copied().collect();
        assert_eq!(uses, may.iter().copied().collect::<BTreeSet<_>>(), "{} depends on", member.name);
    }
    let leaves =
        MEMBERS.iter().filter(|member| member.folder.starts_with("adapters/") || member.folder.starts_with("stores/"));
    for leaf in leaves {
        let users = MEMBERS.iter().filter(|member| member.normal().contains(leaf.name.as_str()));
        let users = users.map(|member| member.folder.as_str());
        let found: Vec<_> =
            users.filter(|user| !user.starts_with("examples/") && *user != "benches").map(str::to_owned).collect();
        none(&format!("only examples and measurements are built on {}", leaf.name), &found);
    }
}

#[test]
fn the_wire_is_judged_without_the_engine() {
    // Who installs the program builds neither the engine nor the derive; only the store suite needs them.
    let tree = tree("put-conformance");
    assert!(tree.contains("serde_json"), "the tree has been read");
    let found: Vec<_> = tree.into_iter().filter(|name| name.starts_with("put-")).collect();
    none("put-conformance needs none of our crates by default", &found);
}

#[test]
fn no_store_can_name_a_field_or_a_framework() {
    for store in MEMBERS.iter().filter(|member| member.folder.starts_with("stores/")) {
        let found: Vec<_> = ["http", "axum", "actix-web", "hyper", "headers"]
            .iter()
            .filter(|name| store.normal().contains(*name))
            .map(ToString::to_string)
            .collect();
        none(&format!("{} must not know HTTP", store.name), &found);
    }
}

#[test]
fn folders_are_named_after_crates() {
    let found: Vec<_> = MEMBERS
        .iter()
        .filter(|member| {
            let plain = member.name.strip_prefix("put-").unwrap_or(&member.name);
            let last = member.folder.rsplit('/').next().expect("a folder");
            let joined = member.folder.replace('/', "-");
            // An application that a user has, and not we: `postgres-app`.
            let app = plain.strip_suffix("-app").filter(|_| member.folder.starts_with("examples/"));
            last != plain && last != member.name && joined != plain && app != Some(last)
        })
        .map(|member| format!("{} in {}", member.name, member.folder))
        .collect();
    none("a folder has its crate's name, without `put-`, or `-app` of an example", &found);
}

#[test]
fn every_crate_follows_the_lints_of_the_workspace() {
    let workspace = read(&root().join("Cargo.toml"));
    assert!(workspace.contains("\nunsafe_code = \"forbid\""), "unsafe code is forbidden");
    for manifest in MEMBERS.iter().map(|member| &member.manifest) {
        let follows =
            sections(&read(&root().join(manifest))).get("lints").is_some_and(|lines| lines == &["workspace = true"]);
        assert!(follows, "{manifest} needs `[lints] workspace = true`, and nothing else there");
    }
    let lints = sections(&workspace);
    for (section, lines) in lints.iter().filter(|(section, _)| section.starts_with("workspace.lints")) {
        let silent: Vec<_> = lines.iter().filter(|line| !line.contains('#')).cloned().collect();
        none(&format!("each line of [{section}] says why"), &silent);
    }
}

#[test]
fn nothing_a_request_can_reach_may_panic() {
    let libraries: Vec<_> = MEMBERS
        .iter()
        .filter(|member| {
            member.name == "put-core" || member.folder.starts_with("adapters/") || member.folder.starts_with("stores/")
        })
        .map(|member| root().join(&member.folder).join("src/lib.rs"))
        .collect();
    assert!(libraries.len() >= 4, "put-core, two adapters and a store");
    for library in libraries {
        let tokens = all(&library);
        let denies = tokens.iter().position(|token| token.is_ident("deny"));
        let denies = denies.unwrap_or_else(|| panic!("{} denies nothing", name(&library)));
        let denied: Vec<_> = tokens[denies..].iter().take_while(|token| **token != Token::Close(')')).collect();
        for lint in ["unwrap_used", "expect_used", "indexing_slicing", "panic"] {
            assert!(denied.iter().any(|token| token.is_ident(lint)), "{} must deny clippy::{lint}", name(&library));
        }
    }
}

#[test]
fn versions_stand_in_one_place() {
    let mut found = Vec::new();
    for member in MEMBERS.iter() {
        for (section, lines) in sections(&read(&root().join(&member.manifest))) {
            if !section.ends_with("dependencies") {
                continue;
            }
            for line in lines {
                let inherits = line.contains("workspace = true") || line.contains("path = ");
                let pinned = member.name == "put-core" && line.starts_with("put-derive = ");
                if !inherits && !pinned {
                    found.push(format!("{}: {line}", member.manifest));
                }
            }
        }
    }
    none("versions stand in [workspace.dependencies]", &found);
}

#[test]
fn put_core_takes_exactly_its_own_derive() {
    let derive = member("put-core").dependencies.iter().find(|found| found.name == "put-derive").expect("the derive");
    assert!(derive.version.starts_with('='), "the expansion calls what is no public interface: {}", derive.version);
}

#[test]
fn what_only_tests_use_has_no_version_of_its_own() {
    // With a version, a release would wait for a crate that waits for it.
    let found: Vec<_> = MEMBERS
        .iter()
        .flat_map(|member| member.dependencies.iter().map(move |dependency| (member, dependency)))
        .filter(|(member, dependency)| {
            let circular = dependency.path && self::member(&dependency.name).normal().contains(member.name.as_str());
            dependency.kind == "dev" && circular && dependency.version != "*"
        })
        .map(|(member, dependency)| format!("{}: {} {}", member.manifest, dependency.name, dependency.version))
        .collect();
    none("a path dev-dependency on a crate that depends on this one carries no version", &found);
}

#[test]
fn a_published_crate_can_be_read_about() {
    for member in MEMBERS.iter().filter(|member| member.published) {
        let readme = member.readme.as_ref().unwrap_or_else(|| panic!("{} has no readme", member.manifest));
        let path = root().join(&member.folder).join(readme);
        assert!(read(&path).lines().count() > 5, "{} says nothing", path.display());
    }
}

/// The lines of each section of a manifest, without comments and empty lines; an entry over several lines is one.
fn sections(manifest: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in manifest.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').filter(|_| line.ends_with(']')) {
            section.trim_end_matches(']').clone_into(&mut current);
            sections.entry(current.clone()).or_default();
        } else if line.starts_with([' ', ']', '}']) {
            let lines = sections.entry(current.clone()).or_default();
            if let Some(last) = lines.last_mut() {
                last.push_str(line);
            }
        } else {
            sections.entry(current.clone()).or_default().push(line.to_owned());
        }
    }
    sections
}
