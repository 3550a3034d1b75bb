//! What those see who stand before a new machine.

use std::process::Command;

use prismatron_tests::machine::Machine;
use serde_json::json;

use crate::{UNIT, play};

/// A matrix of 32×12 and a page that is reached from the network.
const CONFIG: &str = r#"(
    listen: "0.0.0.0:8080",
    layout: (canvas: (320, 120), pieces: [Matrix(columns: 32, rows: 12)]),
    outputs: [(hosts: ["127.0.0.1"])],
)"#;

#[test]
fn the_claim_code_is_on_the_wall_and_at_login_prompts_until_somebody_claims_it() {
    let machine = Machine::installed();
    machine.in_network(|| {
        // Addresses for documentation, which are everybody's own (RFC 5737).
        let done =
            Command::new("ip").args(["address", "add", "192.0.2.7/24", "dev", "lo"]).status();
        assert!(done.unwrap().success());
    });
    machine.write("/etc/prismatron/prismatron.ron", CONFIG);
    let mut display = machine.display("127.0.0.1", 32 * 12);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    let api = machine.api();
    play(&machine, &api, "#0000ff");
    display.wait_for("letters over dimmed light", |shown| {
        let letters = (0..32 * 12).filter(|&led| shown.rgb(led)[0] > 128).count();
        let dimmed = (0..32 * 12).filter(|&led| shown.rgb(led) == [0, 0, 64]).count();
        letters > 10 && dimmed > 100
    });
    // It wants a terminal.
    let prompt =
        || machine.shell("script --quiet --command 'agetty --show-issue' /dev/null </dev/null");
    let code = machine.run(&["prismatron", "claim-code"]);
    let said = prompt();
    assert!(said.contains(&format!("claim    {}", code.trim())), "{said}");
    assert!(said.contains("page     http://192.0.2."), "{said}");

    let claim = json!({"code": code.trim(), "name": "ada", "password": "long enough for her"});
    machine.in_network(|| api.send("POST", "/api/claim", &claim));
    display.wait_for("full light", |shown| (0..32 * 12).all(|led| shown.rgb(led) == [0, 0, 255]));
    machine.wait_until("a prompt without the code", || !prompt().contains("claim"));
    assert!(prompt().contains("page     http://192.0.2."), "{}", prompt());
}
