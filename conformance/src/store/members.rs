//! Members that no representation shows, and those that a replacement may leave out: a store keeps all of a state.

use std::time::Duration;

use put_core::Precondition;
use put_core::store::{Key, Outcome, State};

use super::driver::pause;
use super::opened::{Opened, told, value};
use super::resources::Login;
use super::{Complaint, Kept, Place, ensure};

/// What a client sends that leaves out all that stays.
const WITHOUT: &[u8] = br#"{"text":"without"}"#;

fn replaced(outcome: Outcome) -> Result<State, Complaint> {
    match outcome {
        Outcome::Replaced(state) => Ok(state),
        other => Err(Complaint::Broken(format!("a replacement came to {}", told(&other)))),
    }
}

/// The outcome of a content that was made into a change over this state.
async fn put_over(
    logins: &Opened<Login>,
    content: &[u8],
    seen: Option<&State>,
    precondition: Precondition,
) -> Result<Outcome, Complaint> {
    logins
        .begin_over(content, &7, seen, precondition)?
        .await
        .map_err(|error| Complaint::Broken(format!("a put of {:?} failed: {error}", String::from_utf8_lossy(content))))
}

/// That this is what is kept, to the last member.
async fn is_kept(logins: &Opened<Login>, key: &Key, wanted: &Login) -> Kept {
    let state = logins.get(key).await?.ok_or_else(|| Complaint::broken("what was written is not there"))?;
    let kept: Login = value(&state)?;
    ensure(kept == *wanted, || format!("{kept:?} is kept, not {wanted:?}"))?;
    logins.shows(key, Some(&state)).await
}

/// What is never shown is in the states that a put, a get and a list hand out.
pub async fn a_state_has_what_is_never_shown(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let login = Login::new(7, "first", "secret");
    let state = logins.create(&login).await?;
    let answered: Login = value(&state)?;
    ensure(answered == login, || format!("{login:?} was put, {answered:?} was answered"))?;
    let key = logins.key(&login)?;
    logins.shows(&key, Some(&state)).await?;
    is_kept(&logins, &key, &login).await
}

/// Another secret is a change, and the entity tag says nothing of it.
pub async fn a_tag_does_not_depend_on_a_secret(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let created = logins.create(&Login::new(7, "same", "first")).await?;
    let second = Login::new(7, "same", "second");
    let state = logins.replace(&second).await?;
    ensure(state.tag() == created.tag(), || "another secret has another tag".to_owned())?;
    is_kept(&logins, &logins.key(&second)?, &second).await?;
    let other = logins.replace(&Login::new(7, "other", "second")).await?;
    ensure(other.tag() != state.tag(), || "another text has the same tag".to_owned())
}

/// A replacement that leaves secrets out keeps them, and so with what is set at creation.
pub async fn a_secret_survives_a_replacement_without_it(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let login = Login::new(7, "first", "secret");
    let (key, state) = (logins.key(&login)?, logins.create(&login).await?);
    for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
        let before = logins.get(&key).await?;
        replaced(put_over(&logins, WITHOUT, before.as_ref(), precondition).await?)?;
        is_kept(&logins, &key, &Login::new(7, "without", "secret")).await?;
        let first = format!(r#"{{"text":"first","secret":"{}"}}"#, login.secret);
        replaced(put_over(&logins, first.as_bytes(), before.as_ref(), Precondition::none()).await?)?;
        is_kept(&logins, &key, &login).await?;
    }
    let cleared = put_over(&logins, br#"{"text":"first","hint":null}"#, Some(&state), Precondition::none()).await?;
    replaced(cleared)?;
    is_kept(&logins, &key, &Login { hint: None, ..login }).await
}

/// A secret that is sent is written, whatever is stored: what became of a put tells nobody whether it guessed right.
pub async fn a_secret_that_is_sent_is_always_written(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let login = Login::new(7, "same", "secret");
    let created = logins.create(&login).await?;
    pause(Duration::from_millis(20)).await;
    for secret in ["secret", "other"] {
        let content = format!(r#"{{"text":"same","secret":"{secret}"}}"#);
        let state = replaced(put_over(&logins, content.as_bytes(), Some(&created), Precondition::none()).await?)?;
        ensure(state.modified().is_none_or(|date| Some(date) > created.modified()), || {
            format!("the date of a put of {secret:?} is that of the creation")
        })?;
        is_kept(&logins, &logins.key(&login)?, &Login::new(7, "same", secret)).await?;
    }
    Ok(())
}

/// What was made over a state whose secret is another one by now is overtaken, and writes nothing; another text is no
/// matter.
pub async fn what_was_made_over_another_state_is_overtaken(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let overtaken = |outcome: &Outcome, current: Option<&State>| {
        ensure(*outcome == Outcome::Overtaken(current.cloned().map(Box::new)), || {
            format!("a put over what is no more came to {}, not to Overtaken with what is there", told(outcome))
        })
    };
    let login = Login::new(7, "first", "first");
    let key = logins.key(&login)?;
    // It would create, and what it leaves out would be absent.
    let created = logins.create(&login).await?;
    let new = br#"{"text":"new","secret":"new"}"#;
    overtaken(&put_over(&logins, new, None, Precondition::none()).await?, Some(&created))?;
    logins.shows(&key, Some(&created)).await?;
    let current = logins.replace(&Login::new(7, "second", "second")).await?;
    for precondition in [Precondition::none(), Precondition::if_match(current.tag().clone())] {
        overtaken(&put_over(&logins, WITHOUT, Some(&created), precondition).await?, Some(&current))?;
        logins.shows(&key, Some(&current)).await?;
    }
    logins.replace(&Login::new(7, "third", "second")).await?;
    let state = replaced(put_over(&logins, WITHOUT, Some(&current), Precondition::none()).await?)?;
    is_kept(&logins, &key, &Login::new(7, "without", "second")).await?;
    logins.delete(&key, Precondition::none()).await?;
    overtaken(&put_over(&logins, WITHOUT, Some(&state), Precondition::none()).await?, None)?;
    logins.shows(&key, None).await
}

/// Among changes of one key that are handed over together, those without a secret set none back.
pub async fn a_secret_is_not_lost_among_changes_that_wait_together(place: &impl Place) -> Kept {
    let logins = Opened::new(place)?;
    let login = Login::new(7, "first", "0");
    let (key, created) = (logins.key(&login)?, logins.create(&login).await?);
    let mut waiting = Vec::new();
    for round in 1..=20 {
        let with = format!(r#"{{"text":"{round}","secret":"{round}"}}"#);
        for content in [with.as_bytes(), WITHOUT] {
            waiting.push(logins.begin_over(content, &7, Some(&created), Precondition::none())?);
        }
    }
    for (index, reply) in waiting.into_iter().enumerate() {
        let outcome = reply.await.map_err(|error| Complaint::Broken(format!("one of many puts failed: {error}")))?;
        // Whether it came before all that have a secret is the store's to say.
        let may_be_overtaken = index % 2 == 1 && matches!(outcome, Outcome::Overtaken(_));
        ensure(may_be_overtaken || matches!(outcome, Outcome::Replaced(_)), || {
            format!("one of many puts came to {}", told(&outcome))
        })?;
    }
    let state = logins.get(&key).await?.ok_or_else(|| Complaint::broken("what was written is not there"))?;
    let kept: Login = value(&state)?;
    ensure(kept.secret != login.secret, || "the first secret has come back".to_owned())?;
    ensure(kept.hint == login.hint, || format!("the hint has become {:?}", kept.hint))?;
    logins.shows(&key, Some(&state)).await
}
