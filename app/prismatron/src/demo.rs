//! The demonstration: what plays on the first start, made of what is shipped.

use std::collections::BTreeMap;
use std::time::Duration;

use prismatron_core::effect::{Effect, ParamValue};
use prismatron_core::id::{ItemId, MediaId};
use prismatron_core::media::Fit;
use prismatron_core::playlist::{Content, Item};
use prismatron_core::text::{Align, Motion, Text};
use prismatron_core::transition::{Easing, Transition, TransitionKind, WipeDirection};
use prismatron_engine::{self as engine, Command};
use prismatron_store::{self as store, StoreError};

/// The name its playlist gets.
const NAME: &str = "Demonstration";
/// A still: northern lights over hills.
const STILL: (&str, &[u8]) = ("Aurora.jpg", include_bytes!("../demo/aurora.jpg"));
/// An animation: a lava lamp that runs for ever.
const ANIMATION: (&str, &[u8]) = ("Lava.gif", include_bytes!("../demo/lava.gif"));

/// Whether nothing has ever been composed here: no settings, which the demonstration itself leaves behind.
pub(crate) fn is_due(store: &store::Handle) -> bool {
    *store.settings().borrow().as_ref() == store::Settings::default()
        && store.playlists().borrow().is_empty()
        && store.library().borrow().is_empty()
        && store.findings().borrow().is_empty()
}

/// Makes the playlist of what needs no file, so that the wall lights up at once, and makes it the active
/// one.
///
/// # Errors
/// It cannot be saved.
pub(crate) async fn begin(store: &store::Handle) -> Result<(), StoreError> {
    let made = store.create_playlist(NAME).await?;
    let mut playlist = made.playlist.clone();
    playlist.items = generated();
    store.save_playlist(playlist, Some(made.revision)).await?;
    store.edit_settings(move |settings| settings.active = Some(made.playlist.id)).await?;
    Ok(())
}

/// Takes the shipped files into the library and puts them on the playlist, unless somebody has changed it
/// meanwhile.
pub(crate) async fn complete(store: store::Handle, engine: engine::Handle) {
    let done: anyhow::Result<()> = async {
        let still = store.import(STILL.0, STILL.1).await?;
        let animation = store.import(ANIMATION.0, ANIMATION.1).await?;
        let active = store.settings().borrow().active;
        let demo = active.and_then(|id| store.playlists().borrow().get(id).cloned());
        let Some(demo) = demo.filter(|demo| demo.playlist.items == generated()) else {
            return Ok(());
        };
        let mut playlist = demo.playlist.clone();
        playlist.items = with_media(still.id, animation.id);
        let saved = store.save_playlist(playlist, Some(demo.revision)).await?;
        engine.send(Command::Update(saved.playlist.clone())).await?;
        Ok(())
    }
    .await;
    if let Err(error) = done {
        tracing::warn!("the shipped media are not in the library: {error:#}");
    }
}

/// What needs no file.
fn generated() -> Vec<Item> {
    vec![
        item(1, effect("plasma", []), 12, cut()),
        item(2, effect("ripples", []), 10, crossfade()),
        item(3, greeting(), 10, through_black()),
        item(4, effect("fire", []), 10, wipe(WipeDirection::Up)),
        item(5, effect("starfield", []), 10, crossfade()),
        item(6, effect("rainbow", []), 8, wipe(WipeDirection::Right)),
        item(7, effect("clouds", []), 10, crossfade()),
        item(8, effect("gradient", []), 10, crossfade()),
    ]
}

/// The whole of it, with the shipped files where they look best.
fn with_media(still: MediaId, animation: MediaId) -> Vec<Item> {
    let mut items = generated();
    items.insert(2, item(10, Content::Media(animation), 12, crossfade()));
    items.insert(5, item(9, Content::Media(still), 8, crossfade()));
    items
}

fn item(id: u64, content: Content, seconds: u64, transition: Transition) -> Item {
    Item {
        id: ItemId(id),
        content,
        duration: Some(Duration::from_secs(seconds)),
        fit: Fit::Cover,
        transition,
    }
}

fn effect<const N: usize>(name: &str, params: [(&str, ParamValue); N]) -> Content {
    let params: BTreeMap<_, _> =
        params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Content::Effect(Effect { name: name.to_owned(), params })
}

fn greeting() -> Content {
    Content::Text(Text {
        text: "Hello from Prismatron".into(),
        font: Some("DejaVu Sans".into()),
        size: 0.5,
        colour: [255, 214, 120],
        background: [8, 2, 30],
        align: Align::Centre,
        motion: Motion::Scroll { speed: 0.35 },
    })
}

fn cut() -> Transition {
    Transition::CUT
}

fn crossfade() -> Transition {
    transition(TransitionKind::Crossfade)
}

fn through_black() -> Transition {
    transition(TransitionKind::FadeThroughBlack)
}

fn wipe(direction: WipeDirection) -> Transition {
    transition(TransitionKind::Wipe(direction))
}

fn transition(kind: TransitionKind) -> Transition {
    Transition { kind, duration: Duration::from_millis(1500), easing: Easing::InOut }
}
