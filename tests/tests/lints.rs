//! The expansion gives no lint a reason. The crate in `caller/` denies every one and is compiled with this binary (and
//! checked by clippy with the workspace); here is that it also works, through put-core by another name.

use put_core::{MemoryStore, Precondition, PutResource};
use put_tests_caller::{Article, Layout};
use time::OffsetDateTime;

#[tokio::test]
async fn a_strict_caller_has_a_working_resource() {
    let articles = Article::<u8, 2>::endpoint(MemoryStore::new());
    let article = Article::new("first", Layout { columns: 2 });
    let stored = articles.put(article, Precondition::none()).await.expect("it is created").into_stored();
    assert!(stored.value.revision > 0, "the server counts the version");
    assert!(stored.value.created_at > OffsetDateTime::UNIX_EPOCH, "the server sets the date");
    assert_eq!(stored.value.layout, Layout { columns: 2 });
}
