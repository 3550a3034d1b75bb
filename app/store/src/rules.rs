//! What playlists, colours and outputs must be like to be stored or taken from a configuration.

use std::collections::BTreeSet;
use std::time::Duration;

use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::ParamValue;
use prismatron_core::output::{OutputSpec, Protocol, SPI_CLOCK_KHZ, is_spi_device};
use prismatron_core::playlist::{Content, Item, Playlist};
use prismatron_core::schedule::{Every, Moment, Place, Rule, Schedule};
use prismatron_core::text::{Motion, Text};
use prismatron_core::transition::Transition;

use crate::error::StoreError;
use crate::name;

/// Most outputs.
pub(crate) const MAX_OUTPUTS: usize = 1024;
const MAX_HOSTS: usize = 16;
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// Most characters of a font's, effect's or parameter's name.
const MAX_WORD: usize = 100;
const MAX_PARAMS: usize = 64;

fn invalid(what: impl Into<String>, reason: impl Into<String>) -> StoreError {
    StoreError::Invalid { what: what.into(), reason: reason.into() }
}

/// Holds a playlist against the rules, and trims its name.
pub(crate) fn check_playlist(playlist: &mut Playlist) -> Result<(), StoreError> {
    playlist.name = name::check(&playlist.name)?;
    if playlist.items.len() > Playlist::MAX_ITEMS {
        return Err(StoreError::TooMany {
            what: "items in the playlist",
            limit: Playlist::MAX_ITEMS,
        });
    }
    let mut ids = BTreeSet::new();
    for (index, item) in playlist.items.iter().enumerate() {
        let at = |reason| invalid(format!("item {} of the playlist", index + 1), reason);
        if !ids.insert(item.id) {
            return Err(at("has the id of another item".into()));
        }
        check_item(item).map_err(at)?;
    }
    Ok(())
}

fn check_item(item: &Item) -> Result<(), String> {
    if item.duration.is_some_and(|duration| !(SHORTEST..=LONGEST).contains(&duration)) {
        return Err("must last from 0.05 seconds to 7 days".into());
    }
    if item.transition.duration > Transition::MAX {
        let most = Transition::MAX.as_secs();
        return Err(format!("must not have a transition of more than {most} seconds"));
    }
    match &item.content {
        Content::Media(_) => Ok(()),
        Content::Text(text) => check_text(text),
        Content::Effect(effect) => {
            check_word("the effect's name", &effect.name)?;
            if effect.params.len() > MAX_PARAMS {
                return Err(format!("must not have more than {MAX_PARAMS} parameters"));
            }
            for (name, value) in &effect.params {
                check_word("a parameter's name", name)?;
                match value {
                    ParamValue::Number(number) if !number.is_finite() => {
                        return Err(format!("has a parameter “{name}” that is no number"));
                    }
                    ParamValue::Choice(choice) => check_word("a choice", choice)?,
                    _ => {}
                }
            }
            Ok(())
        }
    }
}

fn check_text(text: &Text) -> Result<(), String> {
    if text.text.trim().is_empty() {
        return Err("must have a text with something to read".into());
    }
    if text.text.chars().count() > Text::MAX_CHARS {
        return Err(format!("must not have more than {} characters", Text::MAX_CHARS));
    }
    if let Some(font) = &text.font {
        check_word("the font's name", font)?;
    }
    if !(0.05..=1.0).contains(&text.size) {
        return Err("must have a text size from 0.05 to 1".into());
    }
    match text.motion {
        Motion::Static => Ok(()),
        Motion::Scroll { speed } if (0.01..=10.0).contains(&speed) => Ok(()),
        Motion::Scroll { .. } => Err("must scroll at 0.01 to 10 widths a second".into()),
        Motion::Fade { period } if (0.2..=60.0).contains(&period) => Ok(()),
        Motion::Fade { .. } => Err("must fade over 0.2 to 60 seconds".into()),
    }
}

fn check_word(what: &str, word: &str) -> Result<(), String> {
    let length = word.chars().count();
    if length == 0 || length > MAX_WORD || word.chars().any(char::is_control) {
        return Err(format!("is wrong: {what} must have 1 to {MAX_WORD} readable characters"));
    }
    Ok(())
}

/// Holds a schedule against the rules, and trims names.
pub(crate) fn check_schedule(schedule: &mut Schedule) -> Result<(), StoreError> {
    if schedule.rules.len() > Schedule::MAX_RULES {
        return Err(StoreError::TooMany { what: "rules", limit: Schedule::MAX_RULES });
    }
    if let Some(zone) = &schedule.time_zone {
        check_word("the time zone", zone).map_err(|reason| invalid("the schedule", reason))?;
    }
    if !schedule.place.is_none_or(Place::is_on_earth) {
        let reason = "must be from -90 to 90 degrees north and -180 to 180 degrees east";
        return Err(invalid("the place", reason));
    }
    let mut ids = BTreeSet::new();
    let mut cron_times = 0;
    for (index, rule) in schedule.rules.iter_mut().enumerate() {
        let at = |reason: &str| invalid(format!("rule {} of the schedule", index + 1), reason);
        rule.name = name::check(&rule.name)?;
        if !ids.insert(rule.id) {
            return Err(at("has the id of another rule"));
        }
        check_rule(rule, schedule.place).map_err(at)?;
        cron_times += rule.cron_times();
        if cron_times > Schedule::MAX_CRON_TIMES {
            return Err(at(
                "begins too often: cron patterns may begin rules 1440 times a day, all of them together",
            ));
        }
    }
    Ok(())
}

fn check_rule(rule: &Rule, place: Option<Place>) -> Result<(), &'static str> {
    if rule.days.is_empty() {
        return Err("must have at least one day of the week");
    }
    if rule.dates.is_some_and(|dates| dates.every == Every::Once && dates.last < dates.first) {
        return Err("must not have a last date before its first");
    }
    if matches!(rule.from, Moment::After(_)) {
        return Err("may end so long after it has begun, but not begin so");
    }
    check_moment(&rule.from, place)?;
    check_moment(&rule.until, place)?;
    if matches!(rule.until, Moment::Cron(_)) {
        return Err("may begin by a cron pattern, but not end by one");
    }
    Ok(())
}

fn check_moment(moment: &Moment, place: Option<Place>) -> Result<(), &'static str> {
    match moment {
        Moment::Sunrise(_) | Moment::Sunset(_) if place.is_none() => {
            Err("needs to know where the wall is, to tell when the sun rises and sets")
        }
        Moment::Sunrise(minutes) | Moment::Sunset(minutes)
            if !(-Moment::MAX_OFFSET..=Moment::MAX_OFFSET).contains(minutes) =>
        {
            Err("may be 6 hours from sunrise or sunset at most")
        }
        Moment::After(minutes) if !(1..=Moment::MAX_AFTER).contains(minutes) => {
            Err("must hold for 1 minute to 24 hours after it has begun")
        }
        _ => Ok(()),
    }
}

/// Holds colour settings against the rules.
pub(crate) fn check_colour(colour: &ColourSettings) -> Result<(), StoreError> {
    if !colour.gain.iter().all(|gain| (0.0..=1.0).contains(gain)) {
        return Err(invalid("the gain", "must be from 0 to 1 for each channel"));
    }
    if !(0.2..=5.0).contains(&colour.gamma) {
        return Err(invalid("the gamma", "must be from 0.2 to 5"));
    }
    Ok(())
}

/// Gives an output its name where it has none, and holds it against the rules and the names of those
/// before it.
pub(crate) fn settle_output(
    spec: &mut OutputSpec,
    names: &mut BTreeSet<String>,
) -> Result<(), String> {
    if spec.hosts.len() > MAX_HOSTS {
        return Err(format!("an output must not have more than {MAX_HOSTS} hosts"));
    }
    for host in &spec.hosts {
        let is_readable = host.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if !(1..=260).contains(&host.len()) || !is_readable {
            return Err("a host must be a name or an address, with `:port` if need be".into());
        }
    }
    if matches!(spec.protocol, Protocol::Spi { .. })
        && !matches!(&*spec.hosts, [device] if is_spi_device(device))
    {
        let form = "LEDs on SPI have one host, the device below /dev, as in hosts: [\"spidev0.0\"]";
        return Err(form.into());
    }
    let multicast = matches!(spec.protocol, Protocol::Sacn { multicast: true, .. });
    if spec.hosts.is_empty() && !multicast {
        return Err("an output must have at least one host, as in hosts: [\"wled.local\"]".into());
    }
    match spec.protocol {
        Protocol::Ddp { .. } => {}
        Protocol::Sacn { universe, priority, sync_universe, .. } => {
            let universes = 1..=63_999;
            if !universes.contains(&universe)
                || !sync_universe.is_none_or(|universe| universes.contains(&universe))
            {
                return Err("a universe must be from 1 to 63999".into());
            }
            if priority > 200 {
                return Err("a priority must be from 0 to 200".into());
            }
        }
        Protocol::ArtNet { universe, .. } if universe > 0x7fff => {
            return Err("a port-address must be from 0 to 32767".into());
        }
        Protocol::ArtNet { .. } => {}
        Protocol::Spi { clock_khz, .. }
            if clock_khz.is_some_and(|khz| !SPI_CLOCK_KHZ.contains(&khz)) =>
        {
            return Err("clock_khz must be from 100 to 30000".into());
        }
        Protocol::Spi { .. } => {}
    }
    if spec.pace_ms > 1000 {
        return Err("pace_ms must be from 0 to 1000".into());
    }
    if spec.name.trim().is_empty() {
        spec.name = spec.hosts.first().cloned().unwrap_or_else(|| "multicast".into());
    }
    spec.name = name::check(&spec.name).map_err(|error| error.to_string())?;
    if !names.insert(spec.name.clone()) {
        return Err(format!("another output is named “{}”; names must be unique", spec.name));
    }
    Ok(())
}

/// [`settle_output`] for all outputs.
pub(crate) fn settle_outputs(outputs: &mut [OutputSpec]) -> Result<(), StoreError> {
    if outputs.len() > MAX_OUTPUTS {
        return Err(StoreError::TooMany { what: "outputs", limit: MAX_OUTPUTS });
    }
    let mut names = BTreeSet::new();
    for (index, spec) in outputs.iter_mut().enumerate() {
        settle_output(spec, &mut names).map_err(|reason| {
            invalid(format!("output {}", index + 1), format!("is wrong: {reason}"))
        })?;
    }
    Ok(())
}
