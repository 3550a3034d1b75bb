//! That the interface is RAUC's own. What the proxy asks for, the imitation has, or the other tests would fail; what the
//! imitation has, RAUC has, by its introspection. `tests/service` holds the copy of that to what RAUC's package installs.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};
use zbus::object_server::Interface;

use crate::imitation::{Imitation, Installer};

const INTERFACE: &str = "de.pengutronix.rauc.Installer";
const RAUC: &str = include_str!("de.pengutronix.rauc.Installer.xml");

/// Methods, signals and properties, each with the types of what goes in and comes out.
fn members(introspection: &str) -> BTreeSet<String> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(introspection, options).unwrap();
    let is_ours = |node: &Node| node.attribute("name") == Some(INTERFACE);
    let interface = document.descendants().find(is_ours).expect("the interface");
    let types = |member: Node, way: &str| {
        let args = member.children().filter(|arg| arg.has_tag_name("arg"));
        let args = args.filter(|arg| arg.attribute("direction").unwrap_or("out") == way);
        args.filter_map(|arg| arg.attribute("type")).collect::<String>()
    };
    let members = interface.children().filter(|node| node.attribute("name").is_some());
    members
        .map(|member| {
            let [name, kind, access] =
                ["name", "type", "access"].map(|key| member.attribute(key).unwrap_or_default());
            let (takes, gives) = (types(member, "in"), types(member, "out"));
            format!("{} {name} {kind}{access}({takes}) → ({gives})", member.tag_name().name())
        })
        .collect()
}

#[test]
fn all_that_is_asked_of_rauc_is_in_its_introspection() {
    let mut imitation = String::new();
    Installer(Imitation::new("", String::new())).introspect_to_writer(&mut imitation, 0);
    let (own, of_rauc) = (members(&imitation), members(RAUC));
    assert_eq!(own.len(), 8, "{own:#?}");
    assert_eq!(own.difference(&of_rauc).collect::<Vec<_>>(), [""; 0], "of {of_rauc:#?}");
}
