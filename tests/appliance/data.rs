//! A data partition that is no longer what it was.

use prismatron_tests::qemu::{Boot, Vm};

#[test]
fn a_damaged_data_partition_is_mended_and_a_broken_one_replaced() {
    let mut vm = Vm::new();
    vm.boot(Boot::Kernel);
    let api = vm.api();
    let made = api.send("POST", "/api/playlists", &serde_json::json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap().to_owned();
    vm.cut();

    // The superblock is gone; ext4 has copies of it.
    vm.overwrite("data", 0, &[0xa5; 4096]);
    vm.boot(Boot::Kernel);
    vm.wait_for("! data partition: It was damaged and has been mended", 0);
    let api = vm.api();
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    api.wait_for("the finding", |status| {
        status["health"]["findings"].to_string().contains("has been mended")
    });
    vm.cut();

    // All of it is garbage.
    let (_, size) = vm.partition("data");
    let garbage: Vec<u8> =
        (0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for at in (0..size).step_by(garbage.len()) {
        vm.overwrite("data", at, &garbage);
    }
    vm.boot(Boot::Kernel);
    vm.wait_for(
        "! data partition: It had no file system that could be mended, and was made anew",
        0,
    );
    let api = vm.api();
    api.wait_for("the demonstration", |status| {
        status["player"]["playlist"]["name"] == "Demonstration"
    });
    vm.cut();
}
