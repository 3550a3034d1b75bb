//! A controller that is unplugged refuses nothing: it is the kernel that finds nobody at its address any more.

use std::process::Command;

use prismatron_tests::machine::Machine;

use crate::{LEDS, UNIT, is_red, play};

const CONFIG: &str = r#"(
    layout: (canvas: (320, 192), pieces: [Matrix(columns: 8, rows: 8)]),
    outputs: [(hosts: ["10.42.0.2", "127.0.0.1"])],
)"#;

#[test]
fn the_next_host_takes_over_until_it_is_back() {
    let (machine, controller) = (Machine::installed(), Machine::bare());
    machine.lay_cable("10.42.0.1/24", &controller, "10.42.0.2/24");
    machine.write("/etc/prismatron/prismatron.ron", CONFIG);
    let mut first = controller.display("10.42.0.2", LEDS);
    let mut second = machine.display("127.0.0.1", LEDS);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    let api = machine.api();
    play(&machine, &api, "#ff0000");
    first.wait_for("red", is_red);
    let ip = |arguments: &str| {
        let told = || Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(controller.in_network(told).success(), "ip {arguments}");
    };
    // Its switch is still there.
    ip("address delete 10.42.0.2/24 dev cable");
    second.wait_for("red", is_red);
    ip("address add 10.42.0.2/24 dev cable");
    play(&machine, &api, "#00ff00");
    first.wait_for("green", |shown| shown.rgb(0) == [0, 255, 0]);
}
