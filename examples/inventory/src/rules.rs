//! What the application says to a change of an item. What holds of an item by itself is said where its members are.
//!
//! Every rule only computes and waits for nothing, so it is asked in the transaction that writes, which spares a read before
//! it. Either way a change is written over exactly the state that was seen here.

use put_core::Violation;
use put_core::rules::{Access, Action, Committed, Proposed, RuleError, Rules, Verdict};

use crate::callers::{Caller, Role};
use crate::items::Item;
use crate::outbox::Bell;

/// By how much a clerk may change a quantity at once.
const LARGE: u64 = 1000;

pub(crate) struct StockRules {
    pub(crate) bell: Bell,
}

impl Rules<Item> for StockRules {
    type Caller = Caller;

    async fn authorize(
        &self,
        caller: Option<&Caller>,
        action: Action,
        _: &(String, String),
    ) -> Result<Access, RuleError> {
        Ok(match (caller.map(|caller| caller.role), action) {
            (None, _) => Access::unauthenticated("Bearer realm=\"inventory\""),
            (Some(Role::Viewer), Action::Put | Action::Delete) => Access::forbidden("a viewer only reads"),
            (Some(_), _) => Access::Granted,
        })
    }

    async fn check(&self, caller: Option<&Caller>, change: &Proposed<Item>) -> Result<Verdict, RuleError> {
        let (before, item) = (change.current(), change.proposed());
        let of_change = match before {
            Some(before) => between(before, item),
            None if item.sold != 0 => {
                Verdict::violation(at("sold", "oversold", "begins at 0, because nothing of it was there to sell"))
            }
            None => Verdict::permit(),
        };
        let moved = item.quantity.abs_diff(before.map_or(0, |before| before.quantity));
        // Without a caller it is the application itself that writes.
        let of_caller = match caller {
            Some(caller) if moved > LARGE && caller.role != Role::Manager => Verdict::refuse(format!(
                "only a manager changes a quantity by more than {LARGE} at once, not {}",
                caller.name
            )),
            _ => Verdict::permit(),
        };
        Ok(of_change.and(of_caller))
    }

    async fn check_delete(
        &self,
        _: Option<&Caller>,
        _: &(String, String),
        current: &Item,
    ) -> Result<Verdict, RuleError> {
        Ok(match current.quantity {
            0 => Verdict::permit(),
            left => {
                Verdict::conflict(at("quantity", "not_gone", format!("{left} are left; only what is gone is removed")))
            }
        })
    }

    /// What has happened stands in the outbox already, because it was written there in the same transaction. Here the
    /// relay is only told to look: if this is never called, it looks a little later.
    async fn committed(&self, _: Option<&Caller>, _: &Committed<Item>) -> Result<(), RuleError> {
        self.bell.ring();
        Ok(())
    }
}

/// What holds between an item as it is and as it will be.
fn between(before: &Item, item: &Item) -> Verdict {
    let sold = item.sold.saturating_sub(before.sold);
    let left = before.quantity.saturating_sub(sold);
    match () {
        () if sold < 0 => Verdict::conflict(at("sold", "unsold", format!("{} are sold, and stay so", before.sold))),
        () if left < 0 => {
            Verdict::conflict(at("sold", "oversold", format!("of {} nobody can sell {sold}", before.quantity)))
        }
        () if sold > 0 && item.quantity != left => {
            let of = before.quantity;
            Verdict::conflict(at("quantity", "miscounted", format!("when {sold} of {of} are sold, {left} are left")))
        }
        () if before.quantity >= before.reorder_at && item.quantity < item.reorder_at => {
            Verdict::warning(format!("{} are left: order more", item.quantity))
        }
        () => Verdict::permit(),
    }
}

/// The code is for programs, the detail for people.
fn at(member: &str, code: &'static str, detail: impl Into<String>) -> Violation {
    Violation::of_member(member, detail).with_code(code)
}
