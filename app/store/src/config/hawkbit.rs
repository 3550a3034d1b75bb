//! A hawkBit server that hands out updates, as the setup file has it.

use serde::{Deserialize, Serialize};

/// A hawkBit server of one's own (<https://eclipse.dev/hawkbit/>), and what this machine is there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Hawkbit {
    server: String,
    tenant: String,
    target: Option<String>,
    token: String,
}

/// The text of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename(deserialize = "hawkbit"))]
struct Draft {
    server: String,
    #[serde(default = "usual_tenant")]
    tenant: String,
    #[serde(default)]
    target: Option<String>,
    token: String,
}

fn usual_tenant() -> String {
    "DEFAULT".into()
}

impl Hawkbit {
    /// Its host, with a port where that is not the usual one.
    pub fn host(&self) -> &str {
        self.server.split_once("://").map_or(&self.server, |(_, host)| host)
    }

    /// Whether it is spoken to over TLS.
    pub fn is_secure(&self) -> bool {
        self.server.starts_with("https://")
    }

    /// Whose machines it keeps apart from others'.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// What this machine is called there; otherwise as in its network.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// What this machine shows there (a target token).
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// Plain characters in one word: nothing that could be another line of the file they are written to.
fn is_word(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl TryFrom<Draft> for Hawkbit {
    type Error = &'static str;

    fn try_from(draft: Draft) -> Result<Self, &'static str> {
        let Draft { server, tenant, target, token } = draft;
        let host = ["https://", "http://"].iter().find_map(|scheme| server.strip_prefix(scheme));
        let is_host = |host: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
            is_word(host) && host.bytes().all(is_plain)
        };
        if !host.is_some_and(is_host) {
            return Err("a hawkBit server is an address such as \"https://updates.example\"");
        }
        if ![&tenant, &token].into_iter().chain(&target).all(|word| is_word(word)) {
            return Err("tenant, target and token are words of at most 128 plain characters");
        }
        Ok(Self { server, tenant, target, token })
    }
}

impl From<Hawkbit> for Draft {
    fn from(Hawkbit { server, tenant, target, token }: Hawkbit) -> Self {
        Self { server, tenant, target, token }
    }
}

/// Hides the token.
impl std::fmt::Debug for Hawkbit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hawkbit").field("server", &self.server).finish_non_exhaustive()
    }
}
