//! Host is what the frameworks leave to the engine of a message's syntax.

use http::Version;
use put_core::{Admission, Head};
use serde_json::Value;

use crate::support::{HOST, pages};

/// A message that is none is refused before anybody asks what it wants.
#[tokio::test]
async fn host_is_looked_at_before_the_method_sec_04() {
    let engine = pages().mount(HOST);
    for (method, path, with_host) in [
        ("OPTIONS", "/pages/a", 204),
        ("POST", "/pages/a", 405),
        ("BREW", "/pages/a", 501),
        ("GET", "/pages/..", 404),
        ("HEAD", "/pages/a", 404),
        ("DELETE", "/pages/a", 405),
        ("PUT", "/pages/a", 415),
    ] {
        for (hosts, status) in
            [(vec!["localhost:80"], with_host), (vec![], 400), (vec!["a", "a"], 400), (vec!["a b"], 400)]
        {
            let mut head = Head::new(method, path, engine.path());
            head.version(Version::HTTP_11);
            for host in &hosts {
                head.field("host", host.as_bytes());
            }
            let Admission::Answer(answer) = engine.admit(&head).await else { panic!("no content is asked for") };
            assert_eq!(answer.status(), status, "{method} {path} {hosts:?}");
            if status == 400 && method != "HEAD" {
                let problem: Value = serde_json::from_slice(answer.content()).unwrap();
                assert_eq!(
                    (&problem["type"], &problem["header"]),
                    (&"/problems/malformed-header".into(), &"host".into())
                );
                assert!(problem["reason"].is_string(), "{problem}");
            }
        }
    }
}
