//! Accounts, named tokens and the audit log.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;
use prismatron_store::{Account as Stored, Accounts, ApiToken};
use serde::Deserialize;

use crate::access::guard::Note;
use crate::access::{Identity, Who, owns, password};
use crate::app::App;
use crate::extract::{self, Id, Params, missing};
use crate::problem::Problem;
use crate::view;
use crate::wire::Invalid;
use crate::wire::account::{
    Account, AccountChange, AccountList, AuditPage, MadeToken, NewAccount, NewPassword, NewToken,
    Token, TokenList,
};

/// Longest that a token is good for, in days.
const MOST_DAYS: u32 = 1095;
/// Lines of the audit log in an answer, unless asked for less.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 500;

/// Holds a new password against the rules.
pub(super) fn new_password(field: &str, text: &str) -> Result<(), Invalid> {
    let (least, most) = (password::SHORTEST, password::LONGEST);
    if text.chars().count() >= least && text.len() <= most {
        Ok(())
    } else if text.len() <= most {
        Err(Invalid::new(field, format!("must have at least {least} characters")))
    } else {
        Err(Invalid::new(field, format!("may have {most} bytes at most")))
    }
}

/// Refuses a token: with accounts of its own making it would never end.
fn no_token(identity: &Identity) -> Result<(), Problem> {
    match identity.who() {
        Who::Token { .. } => Err(Problem::forbidden("a token may not change accounts")),
        _ => Ok(()),
    }
}

fn account(all: &Accounts, account: &Stored) -> Account {
    Account {
        id: account.id.to_string(),
        name: account.name.clone(),
        role: account.role.into(),
        tokens: all.tokens().filter(|token| token.owner == Some(account.id)).count(),
    }
}

fn find(app: &App, id: AccountId) -> Result<Account, Problem> {
    let all = app.access.accounts();
    let found = all.get(id).ok_or_else(|| missing::<AccountId>(id))?;
    Ok(account(&all, found))
}

/// All accounts
#[utoipa::path(get, path = "/api/accounts", tag = "accounts", responses(
    (status = 200, description = "By name.", body = AccountList),
))]
pub(super) async fn list(State(app): State<App>) -> Json<AccountList> {
    let all = app.access.accounts();
    Json(AccountList { accounts: all.all().map(|one| account(&all, one)).collect() })
}

/// Makes an account
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", request_body = NewAccount,
    responses((status = 201, description = "The account.", body = Account)))]
pub(super) async fn create(
    State(app): State<App>,
    identity: Identity,
    extract::Json(NewAccount { name, role, password }): extract::Json<NewAccount>,
) -> Result<impl IntoResponse, Problem> {
    no_token(&identity)?;
    new_password("password", &password)?;
    let hash = app.access.hash(password).await.ok_or_else(Problem::not_hashed)?;
    let made = app.store.create_account(name, role.into(), hash).await?;
    let note = Note::detail(format!("made the {} {}", made.role, made.name));
    Ok((StatusCode::CREATED, Extension(note), Json(account(&app.access.accounts(), &made))))
}

/// Changes an account's name or role; another role ends its sessions
#[utoipa::path(patch, path = "/api/accounts/{id}", tag = "accounts",
    params(("id" = String, Path, description = "Its id.")), request_body = AccountChange,
    responses((status = 200, description = "The account now.", body = Account)))]
pub(super) async fn change(
    State(app): State<App>,
    identity: Identity,
    Id(id): Id<AccountId>,
    extract::Json(AccountChange { name, role }): extract::Json<AccountChange>,
) -> Result<impl IntoResponse, Problem> {
    no_token(&identity)?;
    let before = find(&app, id)?;
    let role = role.map(Role::from);
    let is_named = name.is_some();
    app.store.edit_account(id, name, role).await?;
    let now = find(&app, id)?;
    let named = is_named.then(|| format!("named {} {}", before.name, now.name));
    let made = role.map(|role| format!("made {} {role}", before.name));
    let done: Vec<_> = named.into_iter().chain(made).collect();
    Ok((Extension(Note::detail(done.join(", "))), Json(now)))
}

/// Sets somebody else's password, which ends their sessions
#[utoipa::path(put, path = "/api/accounts/{id}/password", tag = "accounts",
    params(("id" = String, Path, description = "Its id.")), request_body = NewPassword,
    responses((status = 204, description = "Set.")))]
pub(super) async fn set_password(
    State(app): State<App>,
    identity: Identity,
    Id(id): Id<AccountId>,
    extract::Json(NewPassword { password }): extract::Json<NewPassword>,
) -> Result<impl IntoResponse, Problem> {
    no_token(&identity)?;
    if matches!(identity.who(), Who::Account { id: own, .. } if *own == id) {
        let detail = "change your own password at /api/session/password, giving the old one";
        return Err(Problem::conflict(detail));
    }
    new_password("password", &password)?;
    let name = find(&app, id)?.name;
    let hash = app.access.hash(password).await.ok_or_else(Problem::not_hashed)?;
    app.store.set_account_password(id, hash).await?;
    Ok((StatusCode::NO_CONTENT, Extension(Note::detail(format!("of {name}")))))
}

/// Deletes an account, with its sessions and tokens
#[utoipa::path(delete, path = "/api/accounts/{id}", tag = "accounts",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "Gone.")))]
pub(super) async fn delete(
    State(app): State<App>,
    identity: Identity,
    Id(id): Id<AccountId>,
) -> Result<impl IntoResponse, Problem> {
    no_token(&identity)?;
    let name = find(&app, id)?.name;
    app.store.delete_account(id).await?;
    Ok((StatusCode::NO_CONTENT, Extension(Note::detail(format!("deleted {name}")))))
}

fn token(token: &ApiToken) -> Token {
    Token {
        id: token.id.to_string(),
        name: token.name.clone(),
        role: token.role.into(),
        created: view::time(token.created()),
        expires: view::time(token.expires()),
        made_by: token.made_by.clone(),
        owner: token.owner.map(|id| id.to_string()),
    }
}

/// The tokens of one's own account; all of them for an admin
#[utoipa::path(get, path = "/api/tokens", tag = "accounts", responses(
    (status = 200, description = "Newest first.", body = TokenList),
))]
pub(super) async fn tokens(State(app): State<App>, identity: Identity) -> Json<TokenList> {
    let all = app.access.accounts();
    let mine = all.tokens().filter(|one| owns(&identity, one)).map(token);
    let mut tokens: Vec<_> = mine.collect();
    tokens.reverse();
    Json(TokenList { tokens })
}

/// Makes a named token for a script, with one's own role at most
#[utoipa::path(post, path = "/api/tokens", tag = "accounts", request_body = NewToken,
    responses((status = 201, description = "The token, this once.", body = MadeToken)))]
pub(super) async fn make_token(
    State(app): State<App>,
    identity: Identity,
    extract::Json(NewToken { name, role, days }): extract::Json<NewToken>,
) -> Result<impl IntoResponse, Problem> {
    let role = Role::from(role);
    if let Who::Token { .. } = identity.who() {
        return Err(Problem::forbidden("a token may not make tokens: it would never end"));
    }
    if role > identity.role() {
        return Err(Problem::role_needed(role, identity.role()));
    }
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Invalid::new("days", format!("must be from 1 to {MOST_DAYS}")).into());
    }
    let life = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let (made, secret) = app.access.make_token(&identity, name, role, life).await?;
    let note = Note::detail(format!("made the {role} token {} for {days} days", made.name));
    Ok((StatusCode::CREATED, Extension(note), Json(MadeToken { token: token(&made), secret })))
}

/// Deletes a token, which is worth nothing from then on
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "accounts",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "Gone.")))]
pub(super) async fn delete_token(
    State(app): State<App>,
    identity: Identity,
    Id(id): Id<TokenId>,
) -> Result<impl IntoResponse, Problem> {
    let found = app.access.token_of(id, &identity).ok_or_else(|| missing::<TokenId>(id))?;
    app.store.delete_token(id).await?;
    let note = Note::detail(format!("deleted the token {}", found.name));
    Ok((StatusCode::NO_CONTENT, Extension(note)))
}

/// Which part of the audit log is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    before: Option<u64>,
    limit: Option<usize>,
}

/// The audit log: who did what, newest first
#[utoipa::path(get, path = "/api/audit", tag = "accounts",
    params(
        ("before" = Option<u64>, Query, description = "`next` of the page after this one in time."),
        ("limit" = Option<usize>, Query, description = "Most lines, 1 to 500; 100 when left out."),
    ),
    responses((status = 200, description = "Some lines of the present file.", body = AuditPage)))]
pub(super) async fn audit(
    State(app): State<App>,
    Params(Part { before, limit }): Params<Part>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Invalid::new("limit", format!("must be from 1 to {LONGEST_PAGE}")).into());
    }
    let log = app.store.audit().clone();
    let lost = log.lost();
    let page = tokio::task::spawn_blocking(move || log.page(before, limit)).await;
    let page = page.map_err(|error| Problem::internal(&error))??;
    let lines = page.records.into_iter().map(Into::into).collect();
    Ok(Json(AuditPage { lines, next: page.next, lost }))
}
