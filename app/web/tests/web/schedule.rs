//! What plays when by itself.

use jiff::tz::TimeZone;
use prismatron_core::schedule::{Followed, Obedience, Standing};
use serde_json::{Value, json};

use crate::world::{Client, World};

async fn playlist(admin: &Client) -> String {
    let made = admin.post("/api/playlists", json!({ "name": "Show" })).await.expect(201);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The evening of each weekday, and a brightness for the night.
fn rules(playlist: &str) -> Value {
    json!([
        {
            "name": "Evening",
            "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "dates": { "first": "2026-11-01", "last": "2026-11-30", "every_year": true },
            "from": { "type": "sunset", "offset_minutes": -15 },
            "until": { "type": "clock", "time": "23:00" },
            "act": { "type": "play", "playlist": playlist },
        },
        {
            "name": "Night",
            "from": { "type": "clock", "time": "22:00" },
            "until": { "type": "clock", "time": "06:00" },
            "act": { "type": "brightness", "brightness": 0.25 },
        },
    ])
}

fn schedule(rules: &Value) -> Value {
    let place = json!({ "latitude": 52.52, "longitude": 13.4 });
    json!({ "enabled": true, "time_zone": "Europe/Berlin", "place": place, "rules": rules })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_set_read_and_kept() {
    let world = World::start().await;
    let admin = world.admin().await;
    let empty = admin.get("/api/schedule").await.expect(200);
    assert_eq!(empty.header("etag"), "\"0\"");
    assert_eq!(empty.json()["time_zone_in_force"], "UTC");
    let list = playlist(&admin).await;
    let set = admin.put("/api/schedule", schedule(&rules(&list))).await.expect(200);
    assert_eq!(set.header("etag"), "\"1\"");
    let set = set.json();
    assert_eq!(
        (&set["revision"], &set["time_zone_in_force"]),
        (&json!(1), &json!("Europe/Berlin"))
    );
    let night = &set["rules"][1];
    assert_eq!(night["days"].as_array().unwrap().len(), 7);
    assert_eq!((&night["enabled"], &night["problem"]), (&json!(true), &Value::Null));
    assert_eq!(night["from"], json!({ "type": "clock", "time": "22:00:00" }));
    for field in ["name", "days", "dates", "from", "act"] {
        assert_eq!(set["rules"][0][field], rules(&list)[0][field], "{field}");
    }
    assert_eq!(admin.get("/api/schedule").await.json(), set);

    // A rule keeps its id as long as it is sent with it.
    let mut known = rules(&list);
    known[0]["id"] = set["rules"][0]["id"].clone();
    let again = admin.put("/api/schedule", schedule(&known)).await.expect(200).json();
    assert_eq!(again["rules"][0]["id"], set["rules"][0]["id"]);
    assert_ne!(again["rules"][1]["id"], set["rules"][1]["id"]);

    admin.delete(&format!("/api/playlists/{list}")).await.expect(204);
    let orphaned = admin.get("/api/schedule").await.json();
    assert_eq!(orphaned["rules"][0]["problem"], "its playlist has been deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_begin_by_a_cron_pattern() {
    let world = World::start().await;
    let admin = world.admin().await;
    let rule = |pattern: &str, minutes: u16| {
        json!([{
            "name": "Bells",
            "from": { "type": "cron", "pattern": pattern },
            "until": { "type": "after", "minutes": minutes },
            "act": { "type": "dark" },
        }])
    };
    let set = admin.put("/api/schedule", schedule(&rule("0 9-17/4 * * FRI", 5))).await.expect(200);
    let set = set.json();
    assert_eq!(set["rules"][0]["from"], json!({ "type": "cron", "pattern": "0 9-17/4 * * FRI" }));
    assert_eq!(set["rules"][0]["until"], json!({ "type": "after", "minutes": 5 }));
    let week = admin.get("/api/schedule/week?first=2026-11-23").await.expect(200).json();
    let starts: Vec<&str> =
        week["show"].as_array().unwrap().iter().map(|one| one["start"].as_str().unwrap()).collect();
    let at = |hour| format!("2026-11-27T{hour}:00:00+01:00");
    assert_eq!(starts, [at("09"), at("13"), at("17")]);
    assert_eq!(week["show"][0]["end"], "2026-11-27T09:05:00+01:00");

    for (wrong, minutes, told) in [
        ("often", 5, "rules[0].from.pattern: a cron pattern has five fields"),
        ("0 25 * * *", 5, "out of bounds"),
        ("0 18 * * FRI", 0, "must hold for 1 minute to 24 hours"),
    ] {
        let refused = admin.put("/api/schedule", schedule(&rule(wrong, minutes))).await.expect(422);
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(told), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_schedule_is_refused() {
    let world = World::start().await;
    let admin = world.admin().await;
    let empty = || schedule(&json!([]));
    admin.with("if-match", "\"0\"").put("/api/schedule", empty()).await.expect(200);
    let stale = admin.with("if-match", "\"0\"").put("/api/schedule", empty()).await.expect(412);
    assert!(stale.detail().contains("changed since"), "{stale:?}");
    admin.put("/api/schedule", empty()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_by_name() {
    let world = World::start().await;
    let admin = world.admin().await;
    let list = playlist(&admin).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut schedule = schedule(&rules(&list));
        change(&mut schedule);
        schedule
    };
    let cases: [(Value, &str); 10] = [
        (with(&|s| s["time_zone"] = json!("Europe/Nowhere")), "time_zone: there is no zone"),
        (with(&|s| s["place"]["latitude"] = json!(91)), "-90 to 90 degrees north"),
        (with(&|s| s["place"] = Value::Null), "needs to know where the wall is"),
        (
            with(&|s| s["rules"][0]["act"]["playlist"] = json!("0123456789abcdef")),
            "rules[0].act.playlist: there is no playlist",
        ),
        (with(&|s| s["rules"][1]["act"]["brightness"] = json!(2)), "rules[1].act.brightness"),
        (with(&|s| s["rules"][0]["from"]["offset_minutes"] = json!(361)), "6 hours"),
        (with(&|s| s["rules"][1]["days"] = json!([])), "at least one day"),
        (with(&|s| s["rules"][1]["from"]["time"] = json!("25:00")), "rules[1].from"),
        (with(&|s| s["rules"][1]["colour"] = json!("red")), "unknown field"),
        (
            with(&|s| {
                let first = json!({ "first": "2026-02-02", "last": "2026-02-01" });
                s["rules"][1]["dates"] = first;
            }),
            "last date before its first",
        ),
    ];
    for (schedule, detail) in cases {
        let answer = admin.put("/api/schedule", schedule).await.expect(422);
        assert!(answer.detail().contains(detail), "{detail}: {answer:?}");
    }
    let many = vec![rules(&list)[1].clone(); 101];
    admin.put("/api/schedule", schedule(&many.into())).await.expect(429);
    assert_eq!(admin.get("/api/schedule").await.json()["revision"], 0, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_computed_with_the_days_clocks_change() {
    let world = World::start().await;
    let admin = world.admin().await;
    let list = playlist(&admin).await;
    let draft = schedule(&rules(&list));
    let path = "/api/schedule/week?first=2026-10-19";
    let week = admin.post(path, draft.clone()).await.expect(200).json();
    assert_eq!(week["time_zone"], "Europe/Berlin");
    let days = week["days"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    // The clocks go back on Sunday.
    assert_eq!(days[6]["date"], "2026-10-25");
    assert_eq!(days[6]["start"], "2026-10-25T00:00:00+02:00");
    assert_eq!(days[6]["end"], "2026-10-26T00:00:00+01:00");
    assert!(days[0]["sunrise"].as_str().unwrap().starts_with("2026-10-19T07:"), "{week}");
    assert!(days[0]["sunset"].as_str().unwrap().starts_with("2026-10-19T18:"), "{week}");
    assert_eq!(week["show"], json!([]), "not in November");
    let nights = week["brightness"].as_array().unwrap();
    assert_eq!(nights.len(), 8, "that of Sunday before reaches into it: {week}");
    let first = json!({
        "rule": "1", "start": "2026-10-19T00:00:00+02:00", "end": "2026-10-19T06:00:00+02:00",
    });
    assert_eq!(nights[0], first, "cut to the week; new rules go by their place");
    assert_eq!(nights[7]["end"], "2026-10-26T00:00:00+01:00");

    // The Monday of the present week: it is 2026-02-02 by the clock of this world.
    admin.put("/api/schedule", draft).await.expect(200);
    let now = admin.get("/api/schedule/week").await.expect(200).json();
    assert_eq!(now["days"][0]["date"], "2026-02-02");
    let november = admin.get("/api/schedule/week?first=2026-11-23").await.expect(200).json();
    let shows = november["show"].as_array().unwrap();
    assert_eq!(shows.len(), 5);
    assert_eq!(shows[0]["end"], "2026-11-23T23:00:00+01:00");
    assert_eq!(november["occurrences"].as_array().unwrap().len(), 5 + 8);
    admin.get("/api/schedule/week?first=yesterday").await.expect(400);
    admin.get("/api/schedule/week?first=9999-12-28").await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_state_is_told_and_brightness_is_left_to_it() {
    let world = World::start().await;
    let admin = world.admin().await;
    let state = admin.get("/api/status").await.json()["schedule"].clone();
    assert_eq!((&state["mode"], &state["show"]), (&json!("off"), &Value::Null));
    assert_eq!(state["local_time"], "2026-02-02T02:40:00+00:00");
    let list = playlist(&admin).await;
    let set = admin.put("/api/schedule", schedule(&rules(&list))).await.expect(200).json();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let stored = world.store.schedule().borrow().clone();
    let outlook = stored.schedule.outlook(&zone, "2026-02-02T02:40:00Z".parse().unwrap());
    let (show, brightness) = (Obedience::Kept, Obedience::Kept);
    let followed = Followed { outlook, show, brightness };
    world.standing.send_replace(Standing::On(Box::new(followed.clone())));
    let state = admin.get("/api/status").await.json()["schedule"].clone();
    assert_eq!(state["mode"], "on");
    assert_eq!(state["show"]["rule"], Value::Null);
    assert_eq!(state["show"]["next"]["rule"]["name"], "Evening");
    let night = json!({
        "id": set["rules"][1]["id"],
        "name": "Night",
        "act": { "type": "brightness", "brightness": 0.25 },
    });
    let morning = json!({ "at": "2026-02-02T06:00:00+01:00", "rule": null });
    let expected = json!({ "rule": night, "overridden": false, "next": morning });
    assert_eq!(state["brightness"], expected);

    // Another gamma is no wish for another brightness …
    admin.patch("/api/settings", json!({ "gamma": 2.0 })).await.expect(200);
    assert_eq!(world.engine.state().borrow().colour.brightness.get(), 0.25);
    // … and somebody’s own is not given up by one.
    admin.patch("/api/settings", json!({ "brightness": 0.5 })).await.expect(200);
    assert_eq!(world.engine.state().borrow().colour.brightness.get(), 0.5);
    let brightness = Obedience::Overridden;
    world.standing.send_replace(Standing::On(Box::new(Followed { brightness, ..followed })));
    admin.patch("/api/settings", json!({ "gamma": 1.0 })).await.expect(200);
    assert_eq!(world.engine.state().borrow().colour.brightness.get(), 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_zones_are_listed() {
    let world = World::start().await;
    let viewer = world.account("Vera", "viewer").await;
    let zones = viewer.get("/api/time-zones").await.expect(200).json();
    assert_eq!(zones["machine"], "UTC");
    assert!(zones["time_zones"].as_array().unwrap().contains(&json!("Europe/Berlin")));
}
