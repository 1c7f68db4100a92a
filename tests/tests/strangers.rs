//! Our own servers, judged as the program judges a stranger's: a URL, two contents, and nothing else is known.

use put_conformance::{KeyKind, Profile, Report, Target, survey};
use serde_json::{Value, json};

use crate::servers::{Adapter, Server, Store};

/// Resources of each kind: what stands in the URL before the key, the key, two contents.
fn kinds() -> [(&'static str, &'static str, [Value; 2]); 3] {
    [
        (
            "/items/",
            "42",
            [
                json!({"id": 42, "name": "one", "size": "small", "note": "n", "tags": ["a"], "place": {"city": "Ulm"}, "count": 1}),
                json!({"id": 42, "name": "two", "size": "large", "note": "m", "tags": [], "place": {"city": "Bern"}, "count": 2}),
            ],
        ),
        ("/pages/", "start", [json!({"title": "one"}), json!({"title": "two"})]),
        ("/shelves/a/slots/", "7", [json!({"slot": 7, "label": "one"}), json!({"slot": 7, "label": "two"})]),
    ]
}

fn judged(server: &Server, path: &str, contents: [Value; 2], profile: Profile) -> Report {
    let target = Target::new(&format!("http://{}{path}", server.addr()), None, None, contents).unwrap();
    let survey = survey(target).unwrap();
    let report = put_conformance::run(&survey.subject.clone().profile(profile), |_| true);
    survey.restore().unwrap();
    report
}

/// The failures, but for what a framework decides otherwise, as in the other suite.
fn unexcused(report: &Report) -> Vec<String> {
    let known = crate::wire::DEVIATIONS;
    let failed = report.failures().into_iter().filter(|result| !known.iter().any(|(case, _)| *case == result.name));
    failed.map(|result| format!("{}: {:?}\n{}", result.name, result.verdict, result.exchange)).collect()
}

#[test]
fn every_kind_of_resource_conforms_under_both_profiles() {
    for (adapter, store) in [(Adapter::Axum, Store::Sqlite), (Adapter::Actix, Store::Memory)] {
        let server = Server::start(adapter, store);
        for profile in [Profile::Rfc, Profile::Put] {
            for (folder, key, contents) in kinds() {
                let report = judged(&server, &format!("{folder}{key}"), contents, profile);
                let failed = unexcused(&report);
                assert!(failed.is_empty(), "{adapter:?} {profile:?} {folder}:\n{}", failed.join("\n"));
                assert!(report.passed() > 300, "{adapter:?} {profile:?} {folder}: {}", report.to_text());
            }
        }
    }
}

/// The mounts of other policies are correct servers of another make.
#[test]
fn every_switch_is_a_fair_reading() {
    let server = Server::start(Adapter::Axum, Store::Memory);
    for prefix in ["/guarded", "/minimal", "/strict", "/replay", "/removable"] {
        let report = judged(
            &server,
            &format!("{prefix}/pages/start"),
            [json!({"title": "one"}), json!({"title": "two"})],
            Profile::Rfc,
        );
        let failed = unexcused(&report);
        assert!(failed.is_empty(), "{prefix}:\n{}", failed.join("\n"));
    }
}

/// Where PUT creates nothing, the one resource that there is serves for everything, and is then as it was.
#[test]
fn an_update_only_mount_is_judged_on_its_one_resource() {
    let server = Server::start(Adapter::Axum, Store::Memory);
    let put = put_conformance::http::Request::put("/pages/start").json(r#"{"title":"as it was"}"#);
    let mut client = put_conformance::http::Client::new(server.addr());
    let before = client.send(&put).unwrap();
    let report =
        judged(&server, "/existing/pages/start", [json!({"title": "one"}), json!({"title": "two"})], Profile::Rfc);
    let failed = unexcused(&report);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let after = client.send(&put_conformance::http::Request::get("/pages/start")).unwrap();
    assert_eq!(after.content, before.content);
}

#[test]
fn the_kind_of_a_key_can_be_said() {
    let server = Server::start(Adapter::Axum, Store::Memory);
    for keys in [KeyKind::Int, KeyKind::Uuid, KeyKind::Text] {
        let contents = [json!({"title": "one"}), json!({"title": "two"})];
        let url = format!("http://{}/pages/start", server.addr());
        let target = Target::new(&url, None, Some(keys), contents).unwrap();
        let report = put_conformance::run(&survey(target).unwrap().subject, |case| case.rows.contains(&"PUT-01"));
        assert!(report.failures().is_empty() && report.passed() > 0, "{}", report.to_text());
    }
}
