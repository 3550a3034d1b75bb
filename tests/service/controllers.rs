//! WLED controllers are found by what they announce; who announces here is Avahi, on a machine of its own.

use prismatron_tests::machine::Machine;
use serde_json::json;

use crate::UNIT;

/// As WLED's own announcement (`wled00/network.cpp`: a service `wled` on TCP, at its page's port), with a name as people give.
const ANNOUNCED: &str = r#"<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name>Bühne, links</name>
  <service>
    <type>_wled._tcp</type>
    <port>80</port>
    <txt-record>mac=aabbcc4f2a10</txt-record>
  </service>
</service-group>
"#;

#[test]
fn a_controller_that_announces_itself_is_found() {
    let (machine, controller) = (Machine::installed(), Machine::bare());
    machine.lay_cable("10.42.0.1/24", &controller, "10.42.0.2/24");
    controller.write("/etc/avahi/services/wled.service", ANNOUNCED);
    controller
        .write("/etc/avahi/avahi-daemon.conf", "[server]\nhost-name=wled-4f2a10\nuse-ipv6=no\n");
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    let api = machine.api();
    let find = || machine.in_network(|| api.send("POST", "/api/outputs/find", &json!({})));
    assert_eq!(find(), json!({"controllers": []}), "it is off");
    controller.boot();
    controller.run(&["systemctl", "start", "avahi-daemon.service"]);
    let found = json!({
        "name": "Bühne, links",
        "host": "wled-4f2a10.local",
        "address": "10.42.0.2",
        "port": 80,
    });
    machine.wait_until("found", || {
        let answer = find();
        let controllers = answer["controllers"].as_array().unwrap();
        assert!(controllers.len() <= 1, "{answer}");
        controllers.first().is_some_and(|controller| {
            found.as_object().unwrap().iter().all(|(key, value)| controller[key] == *value)
        })
    });
}
