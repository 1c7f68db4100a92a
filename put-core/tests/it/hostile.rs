//! Content that is made to cost more than it should, within the limit of one MiB.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::{HOST, items, put};

/// serde reads each of them whole before it looks inside.
#[derive(Serialize, Deserialize)]
#[serde(tag = "t")]
enum Tagged {
    A { n: u8, list: Option<Vec<Tagged>> },
}

/// And these too, one in the other.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Many(Vec<Untagged>),
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/heaps/{id}")]
struct Heap {
    #[put(key)]
    id: u64,
    #[serde(default)]
    ratios: Vec<f64>,
    #[serde(default)]
    small: Vec<u8>,
    #[serde(default)]
    by_name: BTreeMap<String, Vec<u8>>,
    #[serde(default)]
    tagged: Vec<Tagged>,
    #[serde(default)]
    also_tagged: Option<Tagged>,
    #[serde(default)]
    untagged: Vec<Untagged>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// What grows with the square of the content takes minutes here, what grows with the content less than a second.
const LONG: Duration = Duration::from_secs(30);

fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn no_content_within_the_limit_holds_up_the_server() {
    let engine = Heap::endpoint(MemoryStore::new()).mount(HOST);
    let ones = list(20_000, |_| "1".into());
    let long_name = "ü".repeat(100_000);
    for (content, status) in [
        (format!("{{\"ratios\":[{}]}}", list(90_000, |n| (10_000_000 + n).to_string())), 201),
        (format!("{{\"ratios\":[{}]}}", list(90_000, |n| format!("{}e1", 1_000_000 + n))), 200),
        (format!("{{{},\"x\":12345678901234567890123}}", list(40_000, |n| format!("\"u{n}\":123456789"))), 422),
        (format!("{{\"small\":5,\"ratios\":[{ones}],{}}}", list(60_000, |n| format!("\"u{n}\":1"))), 422),
        (format!("{{\"small\":[{}]}}", list(200_000, |_| "999".into())), 422),
        (format!("{{\"by_name\":{{\"{long_name}\":[{},\"x\"]}}}}", list(200_000, |_| "1".into())), 422),
        (format!("{{\"small\":{}{}}}", "[".repeat(120), "]".repeat(120)), 422),
        (format!("{{\"tagged\":[{}]}}", list(40_000, |_| r#"{"t":"A","n":"x"}"#.into())), 422),
        (format!("{{\"tagged\":[{}]}}", list(40_000, |_| r#"{"n":"x"}"#.into())), 422),
        (format!("{{\"tagged\":[{},{{\"n\":1}}]}}", list(40_000, |_| r#"{"n":1,"t":"A"}"#.into())), 422),
        (
            format!("{{\"also_tagged\":{{\"n\":0,\"list\":[{}],\"t\":\"A\"}}}}", list(40_000, |_| r#"{"n":1}"#.into())),
            422,
        ),
        (format!("{{\"untagged\":[{}]}}", list(200_000, |_| "999".into())), 422),
        (format!("{{\"untagged\":[[[[{}]]]]}}", list(200_000, |_| "999".into())), 422),
        (format!("{{\"also_tagged\":{}\"x\"{}}}", "{\"t\":\"A\",\"n\":1,\"list\":[".repeat(60), "]}".repeat(60)), 422),
    ] {
        assert!(content.len() <= 1024 * 1024);
        let begin = Instant::now();
        let answer = put(&engine, "/heaps/7", &[], &content).await;
        let shown: String = content.chars().take(20).collect();
        assert_eq!(answer.status(), status, "{shown}");
        assert!(begin.elapsed() < LONG, "{shown}: {:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn an_answer_is_not_many_times_as_long_as_what_it_answers() {
    let heaps = Heap::endpoint(MemoryStore::new()).mount(HOST);
    let items = items().mount(HOST);
    let long = "ü".repeat(100_000);
    let wrong = list(40, |_| "999".into());
    let answer = put(&heaps, "/heaps/7", &[], &format!("{{\"by_name\":{{\"{long}\":[{wrong}]}}}}")).await;
    assert_eq!((answer.status(), answer.errors().len()), (422, 1), "a long place is told once");
    let unknown = list(2_000, |n| format!("\"u{n}\":1"));
    let answer = put(&items, "/items/7", &[], &format!("{{\"name\":\"n\",{unknown}}}")).await;
    assert_eq!((answer.status(), answer.errors().len()), (422, 256));
    for content in [format!("{{\"name\":\"n\",\"size\":\"{long}\"}}"), format!("{{\"{long}\":1,\"{long}\":2}}")] {
        let answer = put(&items, "/items/7", &[], &content).await;
        assert!(answer.text().len() < 5_000, "{} octets", answer.text().len());
    }
}
