//! The endpoint in the application's own code: which rules are asked of a caller, and which of the application itself.

use std::sync::Arc;

use put_core::rules::{Access, Action, Verdict};
use put_core::{Condition, Error, Format, Precondition, Written};

use super::at;
use crate::stock::{Stock, User, given, memory, of, over};
use crate::support::Fixed;

#[tokio::test]
async fn the_application_itself_is_checked_and_not_authorized_and_a_caller_is_both() {
    let store = memory();
    given(&store, of("b", 1)).await;
    let endpoint = over(Arc::clone(&store))
        .allow_delete()
        .authorize(async |caller, action, key| {
            Ok(match (caller, action, key) {
                (None, ..) => Access::unauthenticated("Bearer"),
                (Some(_), Action::Delete, _) => Access::forbidden("nobody deletes"),
                (Some(_), _, 9) => Access::Hidden,
                _ => Access::Granted,
            })
        })
        .scope(|caller, key| caller.is_some_and(|_| *key != 8))
        .state_scope(|caller, stock| caller.is_some_and(|caller| caller.0 == stock.tenant))
        .check(async |caller, change| {
            let quantity = change.proposed().quantity;
            let big = Verdict::violation(at("quantity", "is too big"));
            Ok(match (caller, quantity) {
                (_, 100..) => big,
                (Some(_), 50..) => Verdict::refuse("only the application may"),
                (_, 40) => Verdict::conflict(at("quantity", "is taken")),
                _ => Verdict::permit(),
            })
        });
    let (a, b) = (endpoint.on_behalf_of(User("a")), endpoint.on_behalf_of(User("b")));
    let none = Precondition::none;

    assert_eq!(endpoint.get(&1).await.unwrap().unwrap().value, of("b", 1));
    assert_eq!(b.get(&1).await.unwrap().unwrap().value, of("b", 1));
    assert!(a.get(&1).await.unwrap().is_none());
    assert!(b.get(&9).await.unwrap().is_none());

    assert!(matches!(endpoint.put(of("c", 60), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(endpoint.put(of("b", 2), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(endpoint.put(of("b", 100), none()).await, Err(Error::Violations(_))));
    assert!(matches!(endpoint.put(of("b", 40), none()).await, Err(Error::Conflict(_))));
    assert!(
        matches!(b.put(of("b", 60), none()).await, Err(Error::Denied(Access::Forbidden { detail })) if detail.contains("application"))
    );
    assert!(matches!(b.put(of("a", 3), none()).await, Err(Error::Denied(Access::Forbidden { .. }))), "given away");
    assert!(matches!(a.put(of("a", 3), none()).await, Err(Error::Absent)), "not there for this caller");
    let stale = Precondition::if_match(put_core::EntityTag::of(b"x"));
    assert!(matches!(b.put(of("b", 3), stale).await, Err(Error::PreconditionFailed(Condition::IfMatch, Some(_)))));
    assert!(matches!(b.put(of("b", 3), none()).await, Ok(Written::Replaced(_))));
    assert!(matches!(b.put(Stock { id: 8, ..of("b", 3) }, none()).await, Err(Error::Absent)));
    assert!(matches!(b.delete(&1, none()).await, Err(Error::Denied(Access::Forbidden { .. }))));

    for id in 2..=9 {
        let tenant = if id % 2 == 0 { "a" } else { "b" };
        endpoint.put(Stock { id, ..of(tenant, 1) }, none()).await.unwrap();
    }
    let ids = |page: Vec<put_core::Stored<Stock>>| page.iter().map(|stored| stored.value.id).collect::<Vec<_>>();
    assert_eq!(ids(endpoint.list(None, 99).await.unwrap()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for limit in [1, 2, 3, 5, 99] {
        assert_eq!(ids(a.list(None, limit).await.unwrap()), [2, 4, 6][..limit.min(3)], "{limit}");
        assert_eq!(ids(b.list(Some(&3), limit).await.unwrap()), [5, 7][..limit.min(2)], "{limit}");
    }
    assert!(a.list(None, 0).await.unwrap().is_empty());
    assert!(matches!(endpoint.delete(&1, none()).await, Ok(())));
}

#[tokio::test]
async fn a_list_over_states_without_a_key_comes_to_an_end() {
    let state = Format::of::<Stock>().state(r#"{"tenant":"a","unit":"kg","quantity":1}"#.into(), None).unwrap();
    let endpoint = over(Arc::new(Fixed(state))).authorize(async |_, _, _| Ok(Access::Granted));
    let endpoint = endpoint.on_behalf_of(User("a"));
    assert!(matches!(endpoint.list(None, 3).await, Err(Error::Store(_))));
}
