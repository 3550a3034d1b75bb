//! Bundles, made and signed as those of the appliance's tests are.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The kind of machine that is updated.
pub(crate) const COMPATIBLE: &str = "prismatron-test";
/// Bytes of the image in each bundle.
pub(crate) const IMAGE: usize = 300_000;

/// Keys, made once: the machine's own and a stranger's.
struct Keys {
    folder: TempDir,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let make = checkout().join("conf/rauc-keys");
        for whose in ["own", "strangers"] {
            run(Command::new(&make).arg(folder.path().join(whose)));
        }
        // Certificates of the same authority for another time than this.
        for (whose, year) in [("late", 2020), ("early", 2090)] {
            let own = folder.path().join(whose);
            fs::create_dir(&own).unwrap();
            run(Command::new("sh").current_dir(&own).arg("-ec").arg(format!(
                "openssl req -newkey rsa:2048 -nodes -subj /CN={whose} -keyout signer.key -out signer.csr
                 printf 'keyUsage = digitalSignature\nextendedKeyUsage = emailProtection\n' >signer.ext
                 printf '[ca]\ndefault_ca = a\n[a]\ndatabase = index\nnew_certs_dir = .\nserial = serial\n' >ca.cnf
                 printf 'default_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n' >>ca.cnf
                 : >index; echo 01 >serial
                 openssl ca -batch -notext -config ca.cnf -cert ../own/keyring.pem -keyfile ../own/authority.key \
                   -startdate {year}0101000000Z -enddate {year}1231000000Z -extfile signer.ext -in signer.csr -out signer.pem",
            )));
        }
        Keys { folder }
    })
}

/// Who signs.
#[derive(Clone, Copy)]
pub(crate) enum Signer {
    Own,
    Stranger,
    Late,
    Early,
}

/// A folder of bundles, with the configuration of RAUC's program.
pub(crate) struct Bundles(TempDir);

impl Bundles {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        fs::write(path.join("root.img"), vec![7; IMAGE]).unwrap();
        let configuration = format!(
            "[system]\ncompatible={COMPATIBLE}\nbootloader=noop\nbundle-formats=-plain\n\n\
             [keyring]\npath={}\n",
            keys().folder.path().join("own/keyring.pem").display()
        );
        fs::write(path.join("system.conf"), configuration).unwrap();
        Self(folder)
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.0.path().join("system.conf")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// One that may be installed.
    pub(crate) fn good(&self, version: &str) -> PathBuf {
        self.make(version, Signer::Own, COMPATIBLE, "verity")
    }

    pub(crate) fn make(
        &self,
        version: &str,
        signer: Signer,
        compatible: &str,
        format: &str,
    ) -> PathBuf {
        let out = self.path(&format!("{version}.raucb"));
        let keys = keys().folder.path().join(match signer {
            Signer::Own => "own",
            Signer::Stranger => "strangers",
            Signer::Late => "late",
            Signer::Early => "early",
        });
        run(Command::new(checkout().join("tests/appliance/bundle"))
            .arg(&out)
            .arg(self.path("root.img"))
            .arg(version)
            .arg(keys)
            .args([compatible, format]));
        out
    }

    /// The same without its last bytes.
    pub(crate) fn shortened(&self, bundle: &Path, by: u64) -> PathBuf {
        let out = bundle.with_extension(format!("{by}.short"));
        fs::copy(bundle, &out).unwrap();
        let file = File::options().write(true).open(&out).unwrap();
        file.set_len(file.metadata().unwrap().len() - by).unwrap();
        out
    }

    /// What is in it, unsigned.
    pub(crate) fn unsigned(&self) -> PathBuf {
        let out = self.path("unsigned.raucb");
        run(Command::new("mksquashfs").arg(self.path("root.img")).arg(&out).arg("-quiet"));
        out
    }
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
