//! What plays when by itself.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::Span;
use jiff::civil::Date;
use prismatron_core::id::RuleId;
use prismatron_core::schedule::{Act, Schedule as DomainSchedule};
use prismatron_store::{Playlists, StoredSchedule};

use crate::app::App;
use crate::extract::{self, IfMatch, Params, etag};
use crate::problem::Problem;
use crate::view;
use crate::wire::Invalid;
use crate::wire::schedule::{NewSchedule, Schedule, TimeZoneList, Week, WeekQuery};

/// What plays when by itself
#[utoipa::path(get, path = "/api/schedule", tag = "schedule", responses(
    (status = 200, description = "The schedule.", body = Schedule,
        headers(("ETag" = String, description = "Its revision."))),
))]
pub(super) async fn read(State(app): State<App>) -> impl IntoResponse {
    let stored = app.schedule();
    answer(&app, &stored)
}

/// Sets what plays when by itself
///
/// What follows from it now is done at once. What somebody chooses otherwise holds until the schedule next changes what
/// it wants.
#[utoipa::path(put, path = "/api/schedule", tag = "schedule",
    params(("If-Match" = Option<String>, Header, description = "The revision that is replaced.")),
    request_body = NewSchedule,
    responses((status = 200, description = "The schedule now.", body = Schedule,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn set(
    State(app): State<App>,
    known: IfMatch,
    extract::Json(new): extract::Json<NewSchedule>,
) -> Result<impl IntoResponse, Problem> {
    let before = app.schedule();
    known.check(before.revision)?;
    let expected = matches!(known, IfMatch::Revisions(_)).then_some(before.revision);
    let (mut schedule, ids) = understood(&app, new)?;
    for (index, id) in ids.into_iter().enumerate() {
        schedule.rules[index].id = match id {
            Some(id) => id,
            None => unused(&schedule)?,
        };
    }
    let stored = app.store.save_schedule(schedule, expected).await?;
    Ok(answer(&app, &stored))
}

/// What the schedule comes to in a week
#[utoipa::path(get, path = "/api/schedule/week", tag = "schedule", params(WeekQuery), responses(
    (status = 200, description = "Which rule wins when.", body = Week),
))]
pub(super) async fn week(
    State(app): State<App>,
    Params(query): Params<WeekQuery>,
) -> Result<Json<Week>, Problem> {
    let schedule = app.schedule().schedule.clone();
    come_to(&app, schedule, query, |id| id.to_string()).await
}

/// What a schedule to be would come to in a week
#[utoipa::path(post, path = "/api/schedule/week", tag = "schedule", params(WeekQuery),
    request_body = NewSchedule,
    responses((status = 200, description = "Which rule would win when.", body = Week)))]
pub(super) async fn draft_week(
    State(app): State<App>,
    Params(query): Params<WeekQuery>,
    extract::Json(new): extract::Json<NewSchedule>,
) -> Result<Json<Week>, Problem> {
    let (mut schedule, ids) = understood(&app, new)?;
    // By place while it is computed: new ones have no ids yet.
    for (rule, index) in schedule.rules.iter_mut().zip(0..) {
        rule.id = RuleId(index);
    }
    let name = move |RuleId(index): RuleId| {
        let known = usize::try_from(index).ok().and_then(|index| ids.get(index).copied().flatten());
        known.map_or_else(|| index.to_string(), |id| id.to_string())
    };
    come_to(&app, schedule, query, name).await
}

/// Time zones that can be chosen
#[utoipa::path(get, path = "/api/time-zones", tag = "schedule", responses(
    (status = 200, description = "Their names in the IANA database.", body = TimeZoneList),
))]
pub(super) async fn time_zones(State(app): State<App>) -> Result<Json<TimeZoneList>, Problem> {
    let zones = app.zones.clone();
    let read = tokio::task::spawn_blocking(move || (zones.machine(), zones.names())).await;
    let (machine, time_zones) = read.map_err(|error| Problem::internal(&error))?;
    Ok(Json(TimeZoneList { machine: view::zone_name(&machine), time_zones }))
}

fn answer(app: &App, stored: &StoredSchedule) -> impl IntoResponse + use<> {
    (etag(stored.revision), Json(view::schedule(app, stored)))
}

/// A schedule with rules that have no ids, and those they have already.
fn understood(
    app: &App,
    new: NewSchedule,
) -> Result<(DomainSchedule, Vec<Option<RuleId>>), Problem> {
    let NewSchedule { enabled, time_zone, place, rules } = new;
    if let Some(name) = &time_zone
        && app.zones.named(name).is_none()
    {
        return Err(Invalid::new("time_zone", format!("there is no zone “{name}”")).into());
    }
    let playlists = app.playlists();
    let mut schedule =
        DomainSchedule { enabled, time_zone, place: place.map(Into::into), rules: Vec::new() };
    let mut ids = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let within = |error: Invalid| error.within(format_args!("rules[{index}]"));
        let (rule, id) = rule.into_rule().map_err(within)?;
        check(&playlists, rule.act).map_err(within)?;
        schedule.rules.push(rule);
        ids.push(id);
    }
    Ok((schedule, ids))
}

fn check(playlists: &Playlists, act: Act) -> Result<(), Invalid> {
    match act {
        Act::Play(id) if playlists.get(id).is_none() => {
            Err(Invalid::new("act.playlist", format!("there is no playlist {id}")))
        }
        _ => Ok(()),
    }
}

fn unused(schedule: &DomainSchedule) -> Result<RuleId, Problem> {
    loop {
        let id = RuleId(getrandom::u64().map_err(|error| Problem::internal(&error))?);
        if schedule.rule(id).is_none() {
            return Ok(id);
        }
    }
}

async fn come_to(
    app: &App,
    schedule: DomainSchedule,
    WeekQuery { first }: WeekQuery,
    name: impl Fn(RuleId) -> String + Send + 'static,
) -> Result<Json<Week>, Problem> {
    let zone = app.zones.in_force(schedule.time_zone.as_deref());
    let first = first.unwrap_or_else(|| monday(zone.to_datetime(app.now()).date()));
    // A hundred rules by the sun take a moment.
    let work = move || view::week(&schedule, &zone, first, name);
    let week =
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?;
    week.map(Json).ok_or_else(|| Invalid::new("first", "there is no such week").into())
}

fn monday(date: Date) -> Date {
    let since = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(Span::new().days(since)).unwrap_or(date)
}
