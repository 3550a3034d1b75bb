//! What somebody who comes to the serial line is told.

use std::net::IpAddr;

use super::menu::plain;
use crate::appliance::notes::Note;

/// What there is to tell.
#[derive(Debug, Default)]
pub(super) struct Banner {
    /// What the image calls itself.
    pub(super) image: Option<String>,
    /// The slot that runs.
    pub(super) slot: Option<String>,
    /// What the machine is called in its network.
    pub(super) host_name: String,
    pub(super) addresses: Vec<IpAddr>,
    /// While nobody has claimed the appliance.
    pub(super) claim_code: Option<String>,
    /// The unit's `ActiveState`.
    pub(super) state: String,
    pub(super) notes: Vec<Note>,
}

impl Banner {
    /// In lines.
    pub(super) fn text(&self) -> String {
        let slot = self.slot.as_ref().map(|slot| format!(", slot {slot}")).unwrap_or_default();
        let image = self.image.as_ref().map(|image| format!(" — {image}")).unwrap_or_default();
        let mut lines = vec![format!("Prismatron {}{slot}{image}", env!("CARGO_PKG_VERSION"))];
        if self.state != "active" {
            lines.push(format!("  display   {}", self.state));
        }
        lines.push(format!("  page      http://{}.local:8080/", self.host_name));
        for address in &self.addresses {
            let host = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            lines.push(format!("            http://{host}:8080/"));
        }
        if self.addresses.is_empty() {
            lines.push("  network   no address yet".into());
        }
        if let Some(code) = &self.claim_code {
            lines.push(format!(
                "  claim     {code}   (asked for on the page to make the first account)"
            ));
        }
        lines.extend(
            self.notes.iter().map(|note| format!("  ! {}: {}", note.subject, note.message)),
        );
        plain(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_one_needs_first() {
        let banner = Banner {
            image: Some("Prismatron development image".into()),
            slot: Some("B".into()),
            host_name: "lobby".into(),
            addresses: vec![
                IpAddr::from([10, 0, 0, 2]),
                IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, 1]),
            ],
            claim_code: Some("01ABC-DEFGH".into()),
            state: "active".into(),
            notes: vec![Note { subject: "data partition".into(), message: "made anew".into() }],
        };
        let text = banner.text();
        for part in [
            ", slot B — Prismatron development image",
            "http://lobby.local:8080/",
            "http://10.0.0.2:8080/",
            "http://[fd00::1]:8080/",
            "claim     01ABC-DEFGH",
            "! data partition: made anew",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let dark = Banner { state: "failed".into(), ..Banner::default() }.text();
        assert!(dark.contains("display   failed") && dark.contains("no address yet"), "{dark}");
    }
}
