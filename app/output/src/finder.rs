//! Finding WLED controllers: they announce `_wled._tcp` by multicast DNS (RFC 6762) with service discovery (RFC 6763).
//!
//! Asked is from port 5353 with SO_REUSEADDR, as RFC 6762, section 15.1 lets several programs on a machine do, so that
//! answers come to the group like everybody's, and past firewalls that let mDNS in. Interfaces are those that `/sys` lists
//! and that are up and multicast: asking the kernel for addresses would take a netlink socket, which the service may not
//! have.
//!
//! Whatever a network says is bounded: so many controllers, so many bytes, so long.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::num::ParseIntError;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::net::sockopt::{
    set_ip_add_membership_with_ifindex, set_ip_multicast_if_with_ifindex, set_ip_multicast_ttl,
    set_socket_reuseaddr,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, ResourceRecord, TYPE};

/// Where everybody is asked (RFC 6762, section 3).
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const PORT: u16 = 5353;
const SERVICE: &str = "_wled._tcp.local";
/// When it is asked again: an answer may be lost, and one that has just been given is not given again within a second.
const AGAIN: [Duration; 2] = [Duration::from_millis(1100), Duration::from_millis(2200)];
/// Most controllers that are told of.
const MOST: usize = 256;
/// Longest datagram (RFC 6762, section 17).
const LONGEST: usize = 9000;
const INTERFACES: &str = "/sys/class/net";
/// `<linux/if.h>`.
const IFF_UP: u32 = 1;
const IFF_MULTICAST: u32 = 1 << 12;

/// A controller that has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundController {
    /// What it calls itself.
    pub name: String,
    /// Its name in the network, such as `wled-4f2a10.local`, where it says so.
    pub host: Option<String>,
    /// Where it answers.
    pub address: IpAddr,
    /// Port of its own page.
    pub port: u16,
}

/// Asks all networks for WLED controllers and listens for so long. Blocks.
///
/// # Errors
/// There is no network to ask.
pub fn find_wled(within: Duration) -> io::Result<Vec<FoundController>> {
    find(Path::new(INTERFACES), within)
}

fn find(interfaces: &Path, within: Duration) -> io::Result<Vec<FoundController>> {
    let interfaces = multicast_interfaces(interfaces)?;
    let socket = open(&interfaces)?;
    let query = query().map_err(io::Error::other)?;
    let begin = Instant::now();
    let mut asked = 0;
    let mut heard = Heard::default();
    let mut buffer = [0; LONGEST];
    loop {
        let passed = begin.elapsed();
        if asked == 0 || AGAIN.get(asked - 1).is_some_and(|again| *again <= passed) {
            ask(&socket, &interfaces, &query)?;
            asked += 1;
        }
        let next = AGAIN.get(asked - 1).copied().unwrap_or(within).min(within);
        let wait = next.saturating_sub(begin.elapsed());
        if wait.is_zero() {
            if next == within {
                return Ok(heard.controllers());
            }
            continue;
        }
        socket.set_read_timeout(Some(wait))?;
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => heard.take(&buffer[..length], from.ip()),
            Err(error) if is_no_matter(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Nothing came in time, or somebody is not there.
fn is_no_matter(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::WouldBlock | Kind::TimedOut | Kind::Interrupted | Kind::ConnectionRefused
    )
}

/// Numbers of the interfaces that are up and multicast.
fn multicast_interfaces(folder: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)?.filter_map(Result::ok) {
        let read = |file| std::fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        let flags = u32::from_str_radix(read("flags").trim().trim_start_matches("0x"), 16);
        let index: Result<u32, ParseIntError> = read("ifindex").trim().parse();
        if let (Ok(flags), Ok(index)) = (flags, index)
            && flags & (IFF_UP | IFF_MULTICAST) == IFF_UP | IFF_MULTICAST
        {
            found.push(index);
        }
    }
    Ok(found)
}

/// A socket that hears the group on all of the interfaces that have it.
fn open(interfaces: &[u32]) -> io::Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
    set_socket_reuseaddr(&socket, true)?;
    set_ip_multicast_ttl(&socket, 255)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT))?;
    let join = |index: &u32| {
        set_ip_add_membership_with_ifindex(&socket, &GROUP, &Ipv4Addr::UNSPECIFIED, *index)
    };
    let joined = interfaces.iter().filter(|index| join(index).is_ok()).count();
    if joined == 0 {
        return Err(io::Error::new(io::ErrorKind::NetworkUnreachable, "there is no network"));
    }
    Ok(socket.into())
}

/// Asks on each interface; fails where none takes it.
fn ask(socket: &UdpSocket, interfaces: &[u32], query: &[u8]) -> io::Result<()> {
    let mut refused = None;
    let mut sent = 0;
    for index in interfaces {
        let asked =
            set_ip_multicast_if_with_ifindex(socket, &GROUP, &Ipv4Addr::UNSPECIFIED, *index)
                .map_err(io::Error::from)
                .and_then(|()| socket.send_to(query, SocketAddr::from((GROUP, PORT))));
        match asked {
            Ok(_) => sent += 1,
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if sent == 0 => Err(error),
        _ => Ok(()),
    }
}

fn query() -> Result<Vec<u8>, simple_dns::SimpleDnsError> {
    let mut packet = Packet::new_query(0);
    let question = Question::new(Name::new(SERVICE)?, TYPE::PTR.into(), CLASS::IN.into(), false);
    packet.questions.push(question);
    packet.build_bytes_vec()
}

/// What has been said so far.
#[derive(Debug, Default)]
struct Heard {
    /// Who said that there is one, by its full name in small letters, with the name as it was said.
    instances: BTreeMap<String, (String, IpAddr)>,
    /// Where its service is.
    services: BTreeMap<String, (String, u16)>,
    addresses: BTreeMap<String, Ipv4Addr>,
}

impl Heard {
    fn take(&mut self, datagram: &[u8], from: IpAddr) {
        // Anybody may send anything.
        let Ok(packet) = Packet::parse(datagram) else { return };
        if !packet.has_flags(PacketFlag::RESPONSE) {
            return;
        }
        for record in packet.answers.iter().chain(&packet.additional_records) {
            self.record(record, from);
        }
    }

    fn record(&mut self, record: &ResourceRecord<'_>, from: IpAddr) {
        let name = record.name.to_string().to_lowercase();
        let full = |len: usize| len >= MOST;
        match &record.rdata {
            RData::PTR(instance) if name == SERVICE && !full(self.instances.len()) => {
                let said = instance.0.get_labels().first();
                let said = said.map(|label| label.to_string()).unwrap_or_default();
                let key = instance.0.to_string().to_lowercase();
                self.instances.entry(key).or_insert((readable(&said), from));
            }
            RData::SRV(service) if !full(self.services.len()) => {
                let host = readable(&service.target.to_string());
                self.services.insert(name, (host, service.port));
            }
            RData::A(address) if !full(self.addresses.len()) => {
                self.addresses.insert(name, address.address.into());
            }
            _ => {}
        }
    }

    fn controllers(&self) -> Vec<FoundController> {
        let mut seen = BTreeSet::new();
        let found = self.instances.iter().map(|(instance, (name, from))| {
            let service = self.services.get(instance);
            let host = service.map(|(host, _)| host.clone());
            let said = host.as_ref().and_then(|host| self.addresses.get(&host.to_lowercase()));
            FoundController {
                name: name.clone(),
                address: said.map_or(*from, |address| IpAddr::V4(*address)),
                port: service.map_or(80, |(_, port)| *port),
                host,
            }
        });
        let mut found: Vec<_> = found.filter(|one| seen.insert((one.address, one.port))).collect();
        found.sort_by_key(|controller| controller.name.to_lowercase());
        found
    }
}

/// A name without what is not read, and not endless.
fn readable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

    /// An answer as RFC 1035, section 4.1 and RFC 6763, section 12.1 have it, written by hand: a pointer to
    /// `Stairs._wled._tcp.local`, where its service is, and an address.
    pub(crate) fn answer() -> Vec<u8> {
        let mut bytes = vec![0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 2];
        let service = b"\x05_wled\x04_tcp\x05local\0";
        let record = |bytes: &mut Vec<u8>, name: &[u8], kind: u8, data: &[u8]| {
            bytes.extend(name);
            bytes.extend([0, kind, 0, 1, 0, 0, 0, 120, 0, data.len() as u8]);
            bytes.extend(data);
        };
        // The service's name stands at byte 12, the instance's after its record's ten.
        record(&mut bytes, service, 12, b"\x06Stairs\xc0\x0c");
        let instance = [0xc0, 12 + service.len() as u8 + 10];
        record(&mut bytes, &instance, 33, b"\0\0\0\0\0\x50\x08wled-abc\x05local\0");
        record(&mut bytes, b"\x08wled-abc\x05local\0", 1, &[192, 0, 2, 7]);
        bytes
    }

    fn stairs(address: [u8; 4]) -> FoundController {
        FoundController {
            name: "Stairs".into(),
            host: Some("wled-abc.local".into()),
            address: Ipv4Addr::from(address).into(),
            port: 80,
        }
    }

    #[test]
    fn an_answer_is_understood() {
        let mut heard = Heard::default();
        heard.take(&answer(), FROM);
        heard.take(&answer(), FROM);
        assert_eq!(heard.controllers(), [stairs([192, 0, 2, 7])]);
    }

    #[test]
    fn a_question_is_no_answer_and_other_services_are_others_affair() {
        let mut heard = Heard::default();
        heard.take(&query().unwrap(), FROM);
        let mut other = answer();
        other[14] = b'x';
        heard.take(&other, FROM);
        assert_eq!(heard.controllers(), []);
    }

    #[test]
    fn what_is_asked_is_what_the_specification_says() {
        let expected = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x05_wled\x04_tcp\x05local\0\0\x0c\0\x01";
        assert_eq!(query().unwrap(), expected);
    }

    #[test]
    fn interfaces_are_those_that_are_up_and_multicast() {
        let folder = std::env::temp_dir().join(format!("prismatron-net-{}", std::process::id()));
        for (name, flags, index) in
            [("eth0", "0x1003", "2"), ("lo", "0x9", "1"), ("wlan0", "0x1002", "3")]
        {
            let interface = folder.join(name);
            std::fs::create_dir_all(&interface).unwrap();
            std::fs::write(interface.join("flags"), format!("{flags}\n")).unwrap();
            std::fs::write(interface.join("ifindex"), format!("{index}\n")).unwrap();
        }
        assert_eq!(multicast_interfaces(&folder).unwrap(), [2]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    proptest! {
        #[test]
        fn any_datagram_is_survived(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            at in 0_usize..120,
            byte: u8,
        ) {
            let mut heard = Heard::default();
            heard.take(&bytes, FROM);
            let mut changed = answer();
            let at = at % changed.len();
            changed[at] = byte;
            heard.take(&changed, FROM);
            prop_assert!(heard.controllers().len() <= 1);
        }
    }
}
