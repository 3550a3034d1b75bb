//! What is shown: the state of engine, store and outputs put together into wire types.

mod displays;
mod health;
mod metrics;
mod player;
mod playlist;
mod schedule;
mod system;
mod update;
mod wall;

pub(crate) use displays::displays;
pub(crate) use health::{health, health_report, last_worked};
pub(crate) use metrics::{OPEN_METRICS, metrics};
pub(crate) use player::{identifying, player};
pub(crate) use playlist::{playlist, summary};
pub(crate) use schedule::{schedule, schedule_state, week, zone_name};
pub(crate) use system::{accepted, first_start, machine, system};
pub(crate) use update::{summary as update_summary, update};
pub(crate) use wall::{controllers, layout, output_statuses, outputs, power};

use std::time::{Duration, SystemTime};

use humantime::{format_rfc3339_millis, format_rfc3339_seconds};
use prismatron_store::MediaEntry;

use crate::app::App;
use crate::wire::media::{DeletedMedia, Media, Trash};
use crate::wire::output::NamedOutputStatus;
use crate::wire::status::{Status, Storage};

/// How everything is.
pub(crate) fn status(app: &App) -> Status {
    let storage = app.store.storage();
    let outputs = output_statuses(app);
    Status {
        version: app.version,
        uptime_seconds: app.clock.now().saturating_sub(app.started).as_secs(),
        safe_mode: app.safe_mode.cause().map(|cause| cause.reason.clone()),
        certificate: app.tls.as_ref().map(|tls| tls.fingerprint().to_string()),
        player: player(app, &app.player()),
        schedule: schedule_state(app),
        health: health_report(app),
        outputs: outputs
            .into_iter()
            .map(|(name, status)| NamedOutputStatus { name, status })
            .collect(),
        storage: Storage {
            used_bytes: storage.used,
            deleted_bytes: app.library().deleted_bytes(),
            quota_bytes: storage.quota,
            free_bytes: storage.free,
            reserve_bytes: storage.reserve,
            uploads: storage.uploads_in_progress,
        },
        system: system(app),
        notices: app.notices.clone(),
    }
}

/// A file of the library.
pub(crate) fn media(app: &App, entry: &MediaEntry) -> Media {
    let info = &entry.info;
    let failures = app.engine.failures(Duration::MAX).recent;
    let problem = failures.iter().rfind(|failure| failure.media == Some(entry.id));
    Media {
        id: entry.id.to_string(),
        name: entry.name.clone(),
        kind: info.kind.into(),
        format: info.format.clone(),
        width: info.size.width(),
        height: info.size.height(),
        duration_seconds: info.duration.map(|time| time.as_secs_f64()),
        fps: info.fps,
        bytes: entry.bytes,
        crc32: format!("{:08x}", entry.crc32),
        // Files that came in the same second have their order, too.
        added: format_rfc3339_millis(entry.added).to_string(),
        problem: problem.map(|failure| failure.reason.to_string()),
    }
}

/// What was deleted and can be brought back.
pub(crate) fn trash(app: &App) -> Trash {
    let library = app.library();
    let deleted = |deleted: &prismatron_store::DeletedMedia| DeletedMedia {
        media: media(app, &deleted.entry),
        deleted: time(deleted.since),
        until: time(deleted.until()),
    };
    let media = library.deleted().into_iter().map(deleted).collect();
    Trash { media, bytes: library.deleted_bytes() }
}

/// A time in RFC 3339.
pub(crate) fn time(time: SystemTime) -> String {
    format_rfc3339_seconds(time).to_string()
}
