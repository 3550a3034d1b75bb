//! Memory: how much there is, and how much of it can still be had without taking it from a program.

use std::fs;
use std::path::Path;

use super::{number, text};

/// Some memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All there is.
    pub total: u64,
    /// What can still be had: what is free, and what only holds copies of files.
    pub available: u64,
}

/// A limit above this is none: version 1 of control groups says so by its largest number.
const NO_LIMIT: u64 = 1 << 60;

/// The machine's: by `/proc/meminfo`, or where that is hidden by the same figures of each memory node.
pub(super) fn of_machine(root: &Path) -> Option<Memory> {
    if let Some(table) = text(&root.join("proc/meminfo")) {
        let total = figure(&table, "MemTotal:")?;
        return Some(Memory { total, available: figure(&table, "MemAvailable:")? });
    }
    let nodes = fs::read_dir(root.join("sys/devices/system/node")).ok()?;
    let tables = nodes.filter_map(|node| text(&node.ok()?.path().join("meminfo")));
    tables.filter_map(|table| of_node(&table)).reduce(|all, node| Memory {
        total: all.total.saturating_add(node.total),
        available: all.available.saturating_add(node.available),
    })
}

/// The kernel gives no sum for a node. Its own (`si_mem_available`) is this, less what it keeps back for itself.
fn of_node(table: &str) -> Option<Memory> {
    let parts = ["MemFree:", "Active(file):", "Inactive(file):", "SReclaimable:"];
    let available = parts.iter().filter_map(|part| figure(table, part)).sum();
    Some(Memory { total: figure(table, "MemTotal:")?, available })
}

/// The number after a word of a table, in bytes; tables count in KiB.
fn figure(table: &str, word: &str) -> Option<u64> {
    let mut words = table.split_whitespace();
    words.find(|found| *found == word)?;
    words.next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What the unit may use, by its control group, in either version of these.
pub(super) fn of_unit(root: &Path) -> Option<Memory> {
    let groups = text(&root.join("proc/self/cgroup"))?;
    let place = |line: &str| {
        let mut fields = line.splitn(3, ':').skip(1);
        Some((fields.next()?.to_owned(), fields.next()?.trim_start_matches('/').to_owned()))
    };
    let places: Vec<(String, String)> = groups.lines().filter_map(place).collect();
    let of = |is: fn(&str) -> bool| places.iter().find(|(name, _)| is(name)).map(|(_, at)| at);
    let folder = root.join("sys/fs/cgroup");
    let first = of(|names| names.split(',').any(|name| name == "memory"));
    if let Some(at) = first {
        let folder = folder.join("memory").join(at);
        let names = ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"];
        return of_group(&folder, names);
    }
    let folder = folder.join(of(str::is_empty)?);
    of_group(&folder, ["memory.max", "memory.current", "inactive_file"])
}

fn of_group(folder: &Path, [limit, usage, inactive]: [&str; 3]) -> Option<Memory> {
    let total = number::<u64>(&folder.join(limit)).filter(|limit| *limit < NO_LIMIT)?;
    let used = number::<u64>(&folder.join(usage))?;
    // Copies of files count as used, and the kernel lets go of them before it refuses anything.
    let stat = text(&folder.join("memory.stat")).unwrap_or_default();
    let mut words = stat.split_whitespace();
    let copies = words.find(|word| *word == inactive).and_then(|_| words.next()?.parse().ok());
    let used = used.saturating_sub(copies.unwrap_or(0));
    Some(Memory { total, available: total.saturating_sub(used) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;
    use crate::gauges::tests::lay_out;

    const NODE: &str = "Node 0 MemTotal:  8000 kB\nNode 0 MemFree:  1000 kB\n\
        Node 0 Active(file):  300 kB\nNode 0 Inactive(file):  200 kB\nNode 0 SReclaimable:  50 kB\n";

    #[test]
    fn where_the_table_is_hidden_the_nodes_are_added_up() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(of_machine(root.path()), None);
        lay_out(
            root.path(),
            &[
                ("sys/devices/system/node/node0/meminfo", NODE),
                ("sys/devices/system/node/node1/meminfo", &NODE.replace("Node 0", "Node 1")),
                ("sys/devices/system/node/online", "0-1\n"),
            ],
        );
        let two = Memory { total: 16_000 << 10, available: 3_100 << 10 };
        assert_eq!(of_machine(root.path()), Some(two));
        lay_out(
            root.path(),
            &[("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable: 4000 kB\n")],
        );
        let table = Memory { total: 9_000 << 10, available: 4_000 << 10 };
        assert_eq!(of_machine(root.path()), Some(table));
    }

    #[test]
    fn a_limit_of_the_unit_is_found_in_either_version() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(of_unit(root.path()), None);
        lay_out(
            root.path(),
            &[
                ("proc/self/cgroup", "0::/system.slice/prismatron.service\n"),
                ("sys/fs/cgroup/system.slice/prismatron.service/memory.max", "1000\n"),
                ("sys/fs/cgroup/system.slice/prismatron.service/memory.current", "700\n"),
                (
                    "sys/fs/cgroup/system.slice/prismatron.service/memory.stat",
                    "anon 200\nfile 500\ninactive_file 400\n",
                ),
            ],
        );
        assert_eq!(of_unit(root.path()), Some(Memory { total: 1000, available: 700 }));
        lay_out(
            root.path(),
            &[("sys/fs/cgroup/system.slice/prismatron.service/memory.max", "max\n")],
        );
        assert_eq!(of_unit(root.path()), None);
        lay_out(
            root.path(),
            &[
                ("proc/self/cgroup", "4:cpu,memory:/unit\n1:name=systemd:/x\n0::/x\n"),
                ("sys/fs/cgroup/memory/unit/memory.limit_in_bytes", "500\n"),
                ("sys/fs/cgroup/memory/unit/memory.usage_in_bytes", "400\n"),
                ("sys/fs/cgroup/memory/unit/memory.stat", "total_inactive_file 50\n"),
            ],
        );
        assert_eq!(of_unit(root.path()), Some(Memory { total: 500, available: 150 }));
        let none = [("sys/fs/cgroup/memory/unit/memory.limit_in_bytes", "9223372036854771712\n")];
        lay_out(root.path(), &none);
        assert_eq!(of_unit(root.path()), None);
    }
}
