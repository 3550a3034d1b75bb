//! The machine's disk, while it is off: as somebody who has it in hand sees it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::run;

/// An image of a disk with a GPT.
pub struct Disk(PathBuf);

impl Disk {
    pub(super) fn new(image: PathBuf) -> Self {
        Self(image)
    }

    /// Its image.
    pub fn image(&self) -> &Path {
        &self.0
    }

    /// Where a partition is, in bytes: its start and its size.
    pub fn partition(&self, name: &str) -> (u64, u64) {
        let (_, found) = self.entry(name);
        let bytes = |of: &str| found[of].as_u64().unwrap() * 512;
        (bytes("start"), bytes("size"))
    }

    /// Makes another partition of one, for all that look for it by its name or its type.
    ///
    /// # Panics
    /// There is no such partition.
    pub fn rename(&self, partition: &str, name: &str, kind: &str) {
        let (number, _) = self.entry(partition);
        for (what, value) in [("--part-label", name), ("--part-type", kind)] {
            let image = self.image();
            run(Command::new("sfdisk").args(["--quiet", what]).arg(image).arg(&number).arg(value));
        }
    }

    /// Reads from a partition.
    pub fn read(&self, partition: &str, at: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let image = File::open(self.image()).unwrap();
        image.read_exact_at(&mut bytes, self.partition(partition).0 + at).unwrap();
        bytes
    }

    /// Writes to a partition.
    pub fn write(&self, partition: &str, at: u64, bytes: &[u8]) {
        let image = File::options().write(true).open(self.image()).unwrap();
        image.write_all_at(bytes, self.partition(partition).0 + at).unwrap();
    }

    /// Puts a file on a FAT partition, as a laptop would.
    pub fn put(&self, partition: &str, name: &str, text: &str) {
        let file = self.image().with_file_name("put");
        fs::write(&file, text).unwrap();
        let image = format!("{}@@{}", self.image().display(), self.partition(partition).0);
        run(Command::new("mcopy").args(["-o", "-i", &image]).arg(&file).arg(format!("::{name}")));
    }

    /// A partition's number, and what the table says of it.
    fn entry(&self, name: &str) -> (String, Value) {
        let table = run(Command::new("sfdisk").arg("--json").arg(self.image()));
        let table: Value = serde_json::from_str(&table).unwrap();
        let all = table["partitiontable"]["partitions"].as_array().unwrap();
        let at = all.iter().position(|partition| partition["name"] == name).unwrap();
        ((at + 1).to_string(), all[at].clone())
    }
}
