//! E1.31 by multicast, in a network of the machine's own: nothing of it gets out.

use std::net::{Ipv4Addr, UdpSocket};
use std::process::Command;

use prismatron_tests::appliance::PATIENCE;
use prismatron_tests::machine::Machine;

use crate::{UNIT, play};

/// Two universes: 170 LEDs and 30.
const CONFIG: &str = r#"(
    layout: (pieces: [Matrix(columns: 20, rows: 10)]),
    outputs: [(hosts: [], protocol: Sacn(universe: 300, multicast: true))],
)"#;

/// Where the values are in a packet, and where its universe is (ANSI E1.31-2018, table 4-1).
const VALUES: usize = 126;
const UNIVERSE: usize = 113;

#[test]
fn each_universe_goes_to_its_own_group() {
    let machine = Machine::installed();
    let ip = |arguments: &str| {
        let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(done.success(), "ip {arguments}");
    };
    machine.in_network(|| {
        ip("link set lo multicast on");
        ip("route add 239.0.0.0/8 dev lo");
    });
    // Section 9.3.1: 239.255 and the number of the universe; 300 is 1 and 44.
    let groups = [(300_u16, 170), (301, 30)];
    let receivers = groups.map(|(universe, _)| {
        machine.in_network(|| {
            let [high, low] = universe.to_be_bytes();
            let group = Ipv4Addr::new(239, 255, high, low);
            // Bound to the group: what is sent to another does not come in here.
            let socket = UdpSocket::bind((group, 5568)).unwrap();
            socket.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        })
    });
    machine.write("/etc/prismatron/prismatron.ron", CONFIG);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    play(&machine, &machine.api(), "#00ff00");
    for ((universe, leds), receiver) in groups.into_iter().zip(receivers) {
        loop {
            let mut packet = [0; 1024];
            let length = receiver.recv(&mut packet).expect("a packet");
            assert_eq!(packet[UNIVERSE..UNIVERSE + 2], universe.to_be_bytes());
            let values = &packet[VALUES..length];
            if values.len() >= leds * 3
                && values[..leds * 3].chunks(3).all(|led| led == [0, 255, 0])
            {
                break;
            }
        }
    }
}
