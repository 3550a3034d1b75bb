//! Restart, reboot, power off: who is told what, and when it begins. The program was started by nobody here,
//! so that only a restart is possible.

use std::time::Duration;

use prismatron_system::{Order, Return};
use serde_json::json;

use crate::events::{connect, text};
use crate::world::{PASSWORD, World};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_restart_is_accepted_first_and_then_begins() {
    let mut world = World::start().await;
    let admin = world.admin().await;
    let answer = admin.command("/api/system/restart").await.expect(202).json();
    assert_eq!(answer["status"], "accepted");
    assert_eq!(answer["message"], "Prismatron restarts now.");
    assert_eq!((&answer["action"], &answer["who"]), (&json!("restart"), &json!("link")));
    let order = tokio::time::timeout(PATIENCE, world.orders.recv()).await.unwrap();
    assert!(matches!(order, Some(Order::Leave(Return::ByItself))), "{order:?}");
    let state = admin.get("/api/system").await.expect(200).json();
    assert_eq!(state["pending"]["stage"], "under_way");
    assert!(admin.delete("/api/system/pending").await.expect(409).detail().contains("under way"));
}

#[tokio::test]
async fn nothing_begins_while_the_answer_is_not_taken() {
    let mut world = World::start().await;
    let asked = world.system.request(prismatron_system::Action::Restart, Duration::ZERO, "test");
    let accepted = asked.await.unwrap();
    // The task has had its turn more than once by the time that it has answered this.
    world.system.request(prismatron_system::Action::Restart, Duration::ZERO, "test").await.unwrap();
    assert!(world.orders.try_recv().is_err());
    drop(accepted);
    assert!(tokio::time::timeout(PATIENCE, world.orders.recv()).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_pending_is_shown_kept_and_can_be_cancelled() {
    let mut world = World::start().await;
    let admin = world.admin().await;
    assert_eq!(
        admin.delete("/api/system/pending").await.expect(404).detail(),
        "nothing is pending"
    );
    let late = json!({"delay_seconds": 60});
    let first = admin.post("/api/system/restart", late).await.expect(202).json();
    assert_eq!(first["message"], "Prismatron restarts in 60 seconds.");
    let sooner = json!({"delay_seconds": 0});
    let second = admin.post("/api/system/restart", sooner).await.expect(202).json();
    assert!(second["seconds_left"].as_f64().unwrap() > 30.0, "it stays as it was: {second}");
    let status = admin.get("/api/status").await.expect(200).json();
    assert_eq!(status["system"]["pending"]["stage"], "waiting");
    let state = admin.delete("/api/system/pending").await.expect(200).json();
    assert_eq!(state["pending"], json!(null));
    assert!(world.orders.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_possible_is_refused_with_its_reason() {
    let world = World::start().await;
    let admin = world.admin().await;
    for path in ["/api/system/reboot", "/api/system/poweroff"] {
        let reason = admin.command(path).await.expect(503).detail();
        assert!(reason.contains("not started by systemd"), "{reason}");
    }
    for delay in [-1.0, 61.0] {
        let body = json!({"delay_seconds": delay});
        admin.post("/api/system/restart", body).await.expect(422);
    }
    admin.post("/api/system/restart", json!({"delay": 1})).await.expect(422);
    let state = admin.get("/api/system").await.expect(200).json();
    assert_eq!((&state["supervisor"], &state["unit"]), (&json!("none"), &json!(null)));
    assert_eq!(state["restart"], json!({"possible": true, "reason": null}));
    assert_eq!(state["reboot"]["possible"], false);
    assert_eq!(state["pending"], json!(null));
}

#[tokio::test]
async fn strangers_may_ask_for_nothing() {
    let world = World::start().await;
    let stranger = world.stranger();
    for path in ["/api/system/restart", "/api/system/reboot", "/api/system/poweroff"] {
        stranger.command(path).await.expect(401);
    }
    stranger.get("/api/system").await.expect(401);
    stranger.delete("/api/system/pending").await.expect(401);
}

#[tokio::test]
async fn a_data_partition_is_mended_only_where_it_was_set_aside() {
    let world = World::start().await;
    let admin = world.admin().await;
    let replace = json!({"remedy": "replace"});
    let ask = |remedy| admin.post("/api/system/data-partition", remedy);
    assert_eq!(admin.get("/api/system").await.json()["data_partition"], json!(null));
    ask(replace.clone()).await.expect(409);

    let machine = world.machine();
    std::fs::create_dir_all(&machine).unwrap();
    let link = machine.join("prismatron-data");
    std::os::unix::fs::symlink("/dev/disk/by-partlabel/data", &link).unwrap();
    assert_eq!(admin.get("/api/system").await.json()["data_partition"], "in_use");
    ask(replace.clone()).await.expect(409);

    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(machine.join("prismatron-data.memory"), &link).unwrap();
    assert_eq!(admin.get("/api/system").await.json()["data_partition"], "set_aside");
    ask(json!({"remedy": "pray"})).await.expect(422);
    let operator = world.account("olga", "operator").await;
    operator.post("/api/system/data-partition", replace.clone()).await.expect(403);
    assert!(!machine.join("data-remedy").exists());
    ask(replace).await.expect(202);
    assert_eq!(std::fs::read_to_string(machine.join("data-remedy")).unwrap(), "replace");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_tells_of_itself() {
    let world = World::on_machine(&[
        ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n"),
        ("sys/class/thermal/thermal_zone0/temp", "61500\n"),
        ("proc/self/net/fib_trie", "  |-- 192.0.2.17\n     /32 host LOCAL\n"),
        ("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable: 4000 kB\n"),
    ])
    .await;
    let viewer = world.account("Vera", "viewer").await;
    let machine = viewer.get("/api/system/machine").await.expect(200).json();
    assert_eq!(machine["addresses"], json!(["192.0.2.17"]));
    let cpu = json!({
        "sensor": "cpu-thermal", "celsius": 61.5, "hot_celsius": 85.0, "critical_celsius": null,
    });
    assert_eq!(machine["temperatures"], json!([cpu]));
    assert_eq!(machine["memory"]["available_bytes"], 4000 << 10);
    assert_eq!(machine["time"], "2026-02-02T02:40:00+00:00");
    assert!(machine["uptime_seconds"].as_u64().unwrap() > 0, "{machine}");
    assert!(!machine["host_name"].as_str().unwrap().is_empty(), "{machine}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_says_what_is_left_to_be_done() {
    let world = World::start().await;
    let admin = world.admin().await;
    let state = admin.get("/api/first-start").await.expect(200).json();
    let expected = json!({
        "claimed": false, "time_zone": false, "layout": true, "outputs": false, "light": false,
    });
    assert_eq!(state, expected);
    world.account("Ada", "admin").await;
    let zone = json!({ "enabled": true, "time_zone": "Europe/Berlin", "rules": [] });
    admin.put("/api/schedule", zone).await.expect(200);
    admin.put("/api/outputs", json!({ "outputs": [] })).await.expect(200);
    let state = world.signed_in("Ada", PASSWORD).await.get("/api/first-start").await.json();
    let done = (&state["claimed"], &state["time_zone"], &state["outputs"]);
    assert_eq!(done, (&json!(true), &json!(true), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_taken_and_read_along() {
    let world = World::start().await;
    let admin = world.admin().await;
    admin.get("/api/log/file").await.expect(404);
    let path = world.folder.path().join("logs/prismatron.log");
    let long = "x".repeat(1023) + "\n";
    std::fs::write(&path, "first\n".to_owned() + &long.repeat(4096)).unwrap();
    let file = admin.get("/api/log/file").await.expect(200);
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(file.body.len(), 4095 * 1024, "whole lines");

    let mut socket = connect(&admin, "/api/log/live?least=warn&contains=Wall").await.unwrap();
    let write = |line: &str| drop(world.lines.send(line.into()));
    while world.lines.receiver_count() == 0 {
        tokio::task::yield_now().await;
    }
    write("2026-02-02T02:40:00Z  INFO player: the wall is set");
    write("2026-02-02T02:40:00Z  WARN player: the wall is odd");
    write("2026-02-02T02:40:00Z ERROR player: something else");
    let line = text(&mut socket).await;
    let odd = json!({
        "type": "line", "level": "warn", "line": "2026-02-02T02:40:00Z  WARN player: the wall is odd",
    });
    assert_eq!(line, odd);
    admin.get("/api/log/live?least=loud").await.expect(400);
}
