//! A data partition that is no longer what it was.

use prismatron_tests::in_all;
use prismatron_tests::qemu::{Boot, Vm};
use serde_json::{Value, json};

/// Types of partitions: Linux's generic one, and that of the data partition.
const LINUX: &str = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
const DATA: &str = "404b9c41-adc2-4d68-97a9-a6e3d1031cd0";

#[test]
fn a_damaged_data_partition_is_mended_and_a_broken_one_replaced_as_asked() {
    if !in_all("a_damaged_data_partition_is_mended_and_a_broken_one_replaced_as_asked") {
        return;
    }
    let mut vm = Vm::new();
    vm.boot(Boot::Kernel);
    let api = vm.api();
    let made = api.send("POST", "/api/playlists", &json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap().to_owned();
    vm.cut();

    // The superblock is gone; ext4 has copies of it.
    vm.disk().write("data", 0, &[0xa5; 4096]);
    vm.boot(Boot::Kernel);
    vm.wait_for("! data partition: It was damaged and has been mended", 0);
    let api = vm.api();
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    api.wait_for("the finding", |status| {
        status["health"]["findings"].to_string().contains("has been mended")
    });
    vm.cut();

    // All of it is garbage.
    let (_, size) = vm.disk().partition("data");
    let garbage: Vec<u8> =
        (0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for at in (0..size).step_by(garbage.len()) {
        vm.disk().write("data", at, &garbage);
    }
    vm.boot(Boot::Kernel);
    vm.wait_for(
        "! data partition: It cannot be used: it holds no file system that can be mended.",
        0,
    );
    let api = vm.api();
    let finding = |status: &Value| status["health"]["findings"].to_string();
    api.wait_for("the demonstration", |status| {
        status["player"]["playlist"]["name"] == "Demonstration"
            && finding(status).contains("kept in memory only")
    });
    assert_eq!(api.get("/api/system")["data_partition"], "set_aside");

    // Nothing is erased before somebody asks for it.
    api.send("POST", "/api/system/data-partition", &json!({"remedy": "repair"}));
    api.wait_for("the failure", |status| finding(status).contains("to repair it has failed"));
    api.send("POST", "/api/system/data-partition", &json!({"remedy": "replace"}));
    api.wait_for("the new one", |status| finding(status).contains("has been made anew"));
    api.send("POST", "/api/system/reboot", &json!({}));
    vm.wait_for_end();
    vm.boot(Boot::Kernel);
    let api = vm.api();
    assert_eq!(api.get("/api/system")["data_partition"], "in_use");
    assert!(!api.get("/api/status").to_string().contains("data partition"));
    let (status, refused) =
        api.call("POST", "/api/system/data-partition", Some(&json!({"remedy": "replace"})));
    assert_eq!(status, 409, "{refused}");
    vm.cut();
}

#[test]
fn a_full_data_partition_and_one_that_comes_late_stop_no_boot() {
    if !in_all("a_full_data_partition_and_one_that_comes_late_stop_no_boot") {
        return;
    }
    let mut vm = Vm::new();
    vm.boot(Boot::Kernel);
    let api = vm.api();
    let made = api.send("POST", "/api/playlists", &json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap().to_owned();
    // Root's own reserve too.
    vm.shell("dd if=/dev/zero of=/data/os/filler bs=1M 2>/dev/null; sync; ! dd if=/dev/zero of=/data/os/more bs=4k count=1 2>/dev/null");
    vm.cut();

    vm.boot(Boot::Kernel);
    let api = vm.api();
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    api.wait_for("the demonstration", |status| {
        status["player"]["frames"].as_u64() > Some(0)
            && status["health"]["findings"].to_string().contains("full")
    });
    let (status, refused) = api.call("POST", "/api/playlists", Some(&json!({"name": "No room"})));
    assert_eq!(status, 507, "{refused}");
    vm.shell("rm -f /data/os/filler /data/os/more");
    api.send("POST", "/api/playlists", &json!({"name": "Room again"}));
    vm.cut();

    // Another partition has taken its place, so that it cannot be made again either; its superblock is gone, too.
    vm.disk().rename("data", "someone-elses", LINUX);
    vm.disk().write("someone-elses", 0, &[0xa5; 4096]);
    vm.boot(Boot::Kernel);
    vm.wait_for("! data partition: It cannot be used", 0);
    let api = vm.api();
    api.wait_for("the demonstration", |status| {
        status["player"]["playlist"]["name"] == "Demonstration"
            && status["health"]["findings"].to_string().contains("kept in memory only")
    });
    // It comes after all, and somebody asks for it to be mended.
    vm.shell("ln -s someone-elses /dev/disk/by-partlabel/data");
    api.send("POST", "/api/system/data-partition", &json!({"remedy": "repair"}));
    api.wait_for("the repair", |status| {
        let findings = status["health"]["findings"].to_string();
        findings.contains("has been mended, and is used from the next start on")
    });
    vm.cut();
    vm.disk().rename("someone-elses", "data", DATA);
    vm.boot(Boot::Kernel);
    let api = vm.api();
    assert!(!api.get("/api/status").to_string().contains("data partition"));
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    vm.cut();
}
