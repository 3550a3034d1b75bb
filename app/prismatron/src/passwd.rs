//! `prismatron passwd`: gives an account another password, by the local socket. The password is typed twice
//! without being seen, or comes as a line of standard input; it is never an argument, which every user of the
//! machine could read.

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use prismatron_store::folded;
use prismatron_web::client::{Method, ask, tell};
use serde_json::json;

/// Longest line that is read: more than any password may have.
const LONGEST: u64 = 4096;

/// Sets it, and says so.
///
/// # Errors
/// There is no such account, the two are not alike, or the service says no.
pub(crate) async fn set(socket: &Path, name: &str) -> anyhow::Result<String> {
    // Before anybody types: who may not, or mistypes the name, hears it at once.
    let answer = ask(socket, Method::GET, "/api/accounts").await?;
    let mut accounts = answer["accounts"].as_array().into_iter().flatten();
    let account = accounts.find(|account| {
        account["name"].as_str().is_some_and(|known| folded(known) == folded(name))
    });
    let Some(account) = account else { bail!("there is no account “{name}”") };
    let (id, name) = (account["id"].as_str(), account["name"].as_str());
    let (id, name) = id.zip(name).context("the answer is not understood")?;
    let document = json!({ "password": read(name)? });
    tell(socket, Method::PUT, &format!("/api/accounts/{id}/password"), &document).await?;
    Ok(format!("{name} has another password, and has to sign in again everywhere"))
}

fn read(name: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        let read = io::Read::take(io::stdin().lock(), LONGEST).read_line(&mut line);
        read.context("standard input has no password")?;
        return Ok(line.trim_end_matches(['\n', '\r']).to_owned());
    }
    let ask = |prompt: String| rpassword::prompt_password(prompt).context("no password was typed");
    let first = ask(format!("New password of {name}: "))?;
    let second = ask("The same again: ".into())?;
    ensure!(first == second, "the two are not the same: nothing was changed");
    Ok(first)
}
