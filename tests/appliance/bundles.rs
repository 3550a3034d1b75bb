//! Updates, made for a test.

use std::fs;
use std::process::Command;

use prismatron_tests::qemu::{run, script};

/// Bundles, on a disk of their own.
pub(crate) struct Bundles(tempfile::TempDir);

impl Bundles {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub(crate) fn slot(&self, name: &str, version: &str, change: &str) -> String {
        let out = self.path(name);
        script("slot", &[&out, version, change]);
        out
    }

    /// A small file in place of a system, for what is refused before it is read.
    pub(crate) fn small(&self) -> String {
        let small = self.path("small.img");
        fs::write(&small, vec![1; 1 << 16]).unwrap();
        small
    }

    /// All that was made, as an image.
    pub(crate) fn image(&self) -> std::path::PathBuf {
        let (folder, image) =
            (self.0.path().join("bundles"), self.0.path().join("bundles.squashfs"));
        let uncompressed = ["-quiet", "-no-progress", "-noI", "-noD", "-noF"];
        run(Command::new("mksquashfs").arg(folder).arg(&image).args(uncompressed));
        image
    }

    pub(crate) fn bundle(&self, name: &str, arguments: &[&str]) -> std::path::PathBuf {
        let folder = self.0.path().join("bundles");
        fs::create_dir_all(&folder).unwrap();
        let out = folder.join(name);
        script("bundle", &[&[out.to_str().unwrap()], arguments].concat());
        out
    }
}
