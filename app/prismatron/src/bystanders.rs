//! What those see who stand before the machine, without any account: where the page is and, until there is an
//! account, the code that makes the first one. Login prompts show it, and it scrolls over the wall.

use std::net::SocketAddr;
use std::time::Duration;

use prismatron_core::text::{Motion, Text};
use prismatron_engine::{self as engine, Command};
use prismatron_store as store;
use prismatron_system::Issue;
use prismatron_web::SafeMode;
use prismatron_web::tls::Tls;
use tokio::time::sleep;

use crate::{listen, secure};

/// How often it is looked at whether something else is to be told: a network may come late, and a wall change.
const LOOK: Duration = Duration::from_secs(5);
/// Rows of LEDs that it takes to read a letter.
const ROWS: f32 = 12.0;
/// Canvas widths a second.
const SPEED: f32 = 0.25;

/// Those who tell bystanders, and what.
pub(crate) struct Bystanders {
    pub(crate) store: store::Handle,
    pub(crate) engine: engine::Handle,
    pub(crate) safe_mode: SafeMode,
    pub(crate) tls: Option<Tls>,
    /// Where the page listens.
    pub(crate) listening: SocketAddr,
}

impl Bystanders {
    /// Tells them, now and whenever it changes. Never ends.
    pub(crate) async fn tell(self) {
        let issue = Issue::new();
        let mut accounts = self.store.accounts();
        let (mut written, mut shown) = (None, None);
        loop {
            let address = listen::reachable(self.listening);
            let code = accounts.borrow_and_update().claim_code().map(ToString::to_string);
            let lines = self.lines(address, code.as_deref());
            if let Some(issue) = &issue
                && written.as_ref() != Some(&lines)
            {
                issue.say(&lines);
                written = Some(lines);
            }
            let caption = self.caption(address, code.as_deref());
            if caption != shown {
                match self.engine.send(Command::Caption(caption.clone())).await {
                    Ok(_) => shown = caption,
                    Err(error) => tracing::warn!("the wall does not show the claim code: {error}"),
                }
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                changed = accounts.changed() => if changed.is_err() { return },
            }
        }
    }

    /// What the wall shows: nothing where it is to be dark, nor where nobody on the network can reach the page.
    fn caption(&self, address: SocketAddr, code: Option<&str>) -> Option<Text> {
        let code = code.filter(|_| !address.ip().is_loopback() && !self.safe_mode.is_on())?;
        // Two pixels of a frame are a row of LEDs.
        let rows = self.engine.wall().borrow().detail().height() as f32 / 2.0;
        Some(Text {
            text: format!("{}://{address}/   claim code {code}", secure::scheme(self.tls.as_ref())),
            font: None,
            size: (ROWS / rows).clamp(0.25, 1.0),
            colour: Text::default_colour(),
            background: [0; 3],
            align: Default::default(),
            motion: Motion::Scroll { speed: SPEED },
        })
    }

    /// What login prompts show.
    fn lines(&self, address: SocketAddr, code: Option<&str>) -> Vec<String> {
        let scheme = secure::scheme(self.tls.as_ref());
        let mut lines = vec![
            format!("Prismatron {}", env!("CARGO_PKG_VERSION")),
            format!("  page     {scheme}://{address}/"),
        ];
        lines.extend(self.tls.as_ref().map(|tls| format!("  SHA-256  {}", tls.fingerprint())));
        lines.extend(code.map(|code| format!("  claim    {code}")));
        lines
    }
}
