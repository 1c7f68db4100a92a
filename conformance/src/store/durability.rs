//! What was acknowledged is there when the store is opened again.

use put_core::store::{Key, Outcome, State};
use put_core::{Precondition, PutResource};

use super::driver::{Way, together};
use super::opened::{Opened, told, value};
use super::resources::{Draft, Login, Note, Page};
use super::{Complaint, Kept, Place, ensure};

fn durable(place: &impl Place) -> Kept {
    if place.is_durable() { Ok(()) } else { Err(Complaint::NotTried("the place is not durable".to_owned())) }
}

/// Opens again and compares all that is there.
async fn is_there<R: PutResource>(place: &impl Place, wanted: &[(Key, State)], gone: &[Key]) -> Kept {
    let again = Opened::<R>::new(place)?;
    for (key, state) in wanted {
        let got = again.get(key).await?;
        ensure(got.as_ref() == Some(state), || format!("opened again, {key:?} shows {got:?}, not {state:?}"))?;
    }
    for key in gone {
        let got = again.get(key).await?;
        ensure(got.is_none(), || format!("opened again, {key:?} shows {got:?}, which was deleted"))?;
    }
    let listed = again.list(None, usize::MAX).await?;
    ensure(listed.len() == wanted.len() && wanted.iter().all(|(_, state)| listed.contains(state)), || {
        format!("opened again, the list has {} states, {} were acknowledged", listed.len(), wanted.len())
    })
}

/// Creations, replacements and deletions are there when all was dropped and opened again: data, tag and date.
pub async fn reopening_shows_all_that_was_acknowledged(place: &impl Place) -> Kept {
    durable(place)?;
    let (mut wanted, mut gone) = (Vec::new(), Vec::new());
    {
        let notes = Opened::new(place)?;
        for id in 0..30 {
            let key = notes.key(&Note::new(id, ""))?;
            let created = notes.create(&Note::new(id, "first")).await?;
            match id % 3 {
                0 => wanted.push((key, created)),
                1 => wanted.push((key, notes.replace(&Note::new(id, "second \u{1f980}")).await?)),
                _ => {
                    notes.delete(&key, Precondition::none()).await?;
                    gone.push(key);
                }
            }
        }
    }
    is_there::<Note>(place, &wanted, &gone).await?;
    let mut pages = Vec::new();
    {
        let opened = Opened::new(place)?;
        let slugs = ["a", "A", "\0", "a/b", "%", "\u{e9}", "e\u{301}", "7"];
        for slug in slugs.into_iter().filter(|slug| place.holds_nul() || !slug.contains('\0')) {
            let page = Page { slug: slug.to_owned(), text: slug.to_owned() };
            pages.push((opened.key(&page)?, opened.create(&page).await?));
        }
    }
    is_there::<Page>(place, &pages, &[]).await?;
    is_there::<Note>(place, &wanted, &gone).await
}

/// What is never shown is there again, and stays with a replacement that leaves it out.
pub async fn reopening_keeps_secrets(place: &impl Place) -> Kept {
    durable(place)?;
    let login = Login::new(7, "first", "secret");
    let (key, state) = {
        let logins = Opened::new(place)?;
        (logins.key(&login)?, logins.create(&login).await?)
    };
    is_there::<Login>(place, &[(key.clone(), state.clone())], &[]).await?;
    let kept: Login = value(&state)?;
    ensure(kept == login, || format!("opened again, {kept:?} is kept, not {login:?}"))?;
    let logins = Opened::<Login>::new(place)?;
    let outcome = logins.begin_over(br#"{"text":"second"}"#, &7, Some(&state), Precondition::none())?.await;
    let outcome = outcome.map_err(|error| Complaint::Broken(format!("a put failed: {error}")))?;
    ensure(matches!(outcome, Outcome::Replaced(_)), || format!("a replacement came to {}", told(&outcome)))?;
    let state = logins.get(&key).await?.ok_or_else(|| Complaint::Broken("what was replaced is gone".to_owned()))?;
    let kept: Login = value(&state)?;
    ensure(kept == Login::new(7, "second", "secret"), || format!("after a replacement {kept:?} is kept"))
}

/// A tag that was answered before still names the state, a stale one still does not, and a version goes on.
pub async fn reopening_keeps_tags_and_versions(place: &impl Place) -> Kept {
    durable(place)?;
    let (stale, current) = {
        let drafts = Opened::new(place)?;
        (drafts.create(&Draft::new(7, "first")).await?, drafts.replace(&Draft::new(7, "second")).await?)
    };
    let drafts = Opened::new(place)?;
    let refused = drafts.put(&Draft::new(7, "third"), Precondition::if_match(stale.tag().clone())).await?;
    ensure(matches!(refused, Outcome::Failed(_)), || format!("a stale put came to {}", told(&refused)))?;
    let same = drafts.put(&Draft::new(7, "second"), Precondition::if_match(current.tag().clone())).await?;
    ensure(same == Outcome::Unchanged(current.clone()), || format!("the same again came to {}", told(&same)))?;
    let next = drafts.put(&Draft::new(7, "third"), Precondition::if_match(current.tag().clone())).await?;
    let Outcome::Replaced(next) = next else {
        return Err(Complaint::Broken(format!("a put with the current tag came to {}", told(&next))));
    };
    let (old, new): (Draft, Draft) = (value(&current)?, value(&next)?);
    ensure(new.version > old.version, || format!("the version {} came after {}", new.version, old.version))
}

/// Of writers that race until the store is closed, each key is left as its last acknowledged write left it.
pub async fn reopening_keeps_what_racing_writers_were_told(place: &impl Place) -> Kept {
    durable(place)?;
    let wanted: Vec<(Key, State)> = {
        let notes = Opened::new(place)?;
        let works = (0..8).map(|id| {
            let notes = notes.clone();
            async move {
                let mut state = notes.create(&Note::new(id, "start")).await?;
                for round in 0..20 {
                    state = notes.replace(&Note::new(id, format!("round {round}"))).await?;
                }
                Ok((notes.key(&Note::new(id, ""))?, state))
            }
        });
        together(place, Way::Tasks, works.collect()).await?
    };
    is_there::<Note>(place, &wanted, &[]).await
}
