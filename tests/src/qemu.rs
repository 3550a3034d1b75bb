//! The appliance in QEMU: the disk as it is after flashing, what is typed and said on its serial line, and its page.
//!
//! The processor is emulated, so all of it takes its time: waiting is by what is said, with a deadline that only a boot
//! that hangs meets. A reboot ends QEMU, and the next boot is a start of it; so is a power cut.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::api::Api;
use crate::appliance;
use crate::volatile_disk::VolatileDisk;

/// Nothing here takes this long unless it hangs, with other machines beside it on a slow computer.
pub const PATIENCE: Duration = Duration::from_secs(900);

/// What starts the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boot {
    /// QEMU itself, from slot A: quick, where it is not about the boot chain.
    Kernel,
    /// UEFI, GRUB and what it finds.
    Firmware,
}

/// The appliance.
pub struct Vm {
    folder: TempDir,
    /// As it came from the factory, with its kernel.
    made: PathBuf,
    more: Vec<String>,
    /// Where all that is said on the serial line is left.
    log: PathBuf,
    /// Between QEMU and its disk, where a cut is to lose what was not flushed.
    cache: Option<VolatileDisk>,
    running: Option<Running>,
    is_shell_there: Cell<bool>,
    /// All that was ever said on the serial line.
    said: Arc<Mutex<String>>,
}

struct Running {
    qemu: Child,
    line: ChildStdin,
    shell: UnixStream,
    page: u16,
    other: u16,
    /// Where in what was said this boot begins.
    from: usize,
}

impl Vm {
    /// One that was never booted.
    pub fn new() -> Self {
        let made = script("disk", &[]);
        let folder = tempfile::tempdir().unwrap();
        run(Command::new("cp")
            .arg("--sparse=always")
            .arg(made.join("disk.img"))
            .arg(folder.path()));
        let variables = folder.path().join("variables.fd");
        fs::copy("/usr/share/OVMF/OVMF_VARS_4M.fd", variables).unwrap();
        let test = std::thread::current().name().unwrap_or("appliance").replace("::", "-");
        let logs = made.parent().unwrap().join("logs");
        fs::create_dir_all(&logs).unwrap();
        let log = logs.join(format!("appliance-{test}.serial.log"));
        let _ = fs::remove_file(&log);
        Self {
            folder,
            made,
            more: Vec::new(),
            log,
            cache: None,
            running: None,
            is_shell_there: Cell::new(false),
            said: Arc::default(),
        }
    }

    /// The folder with what its slot A is made of.
    pub fn made(&self) -> &Path {
        &self.made
    }

    /// Its disk.
    pub fn disk(&self) -> PathBuf {
        self.folder.path().join("disk.img")
    }

    /// From now on a cut loses what its disk was not told to flush.
    ///
    /// # Panics
    /// It is on.
    pub fn have_volatile_cache(&mut self) {
        assert!(self.running.is_none(), "it is on");
        let socket = self.folder.path().join("disk");
        self.cache = Some(VolatileDisk::serve(&self.disk(), &socket));
    }

    /// Has another disk, which is only read.
    pub fn add_disk(&mut self, image: &Path) {
        let image = image.display();
        self.more
            .extend(["-drive".into(), format!("file={image},format=raw,if=virtio,readonly=on")]);
    }

    /// Where a partition is on the disk, in bytes: its start and its size.
    pub fn partition(&self, name: &str) -> (u64, u64) {
        let (_, found) = self.entry(name);
        let bytes = |of: &str| found[of].as_u64().unwrap() * 512;
        (bytes("start"), bytes("size"))
    }

    /// Makes another partition of one, for all that look for it by its name or its type, while it is off.
    ///
    /// # Panics
    /// There is no such partition.
    pub fn rename(&self, partition: &str, name: &str, kind: &str) {
        let (number, _) = self.entry(partition);
        for (what, value) in [("--part-label", name), ("--part-type", kind)] {
            let disk = self.disk();
            run(Command::new("sfdisk").args(["--quiet", what]).arg(disk).arg(&number).arg(value));
        }
    }

    /// A partition's number, and what the table says of it.
    fn entry(&self, name: &str) -> (String, Value) {
        let table = run(Command::new("sfdisk").arg("--json").arg(self.disk()));
        let table: Value = serde_json::from_str(&table).unwrap();
        let all = table["partitiontable"]["partitions"].as_array().unwrap();
        let at = all.iter().position(|partition| partition["name"] == name).unwrap();
        ((at + 1).to_string(), all[at].clone())
    }

    /// Writes to a partition while it is off.
    pub fn overwrite(&self, partition: &str, at: u64, bytes: &[u8]) {
        let disk = File::options().write(true).open(self.disk()).unwrap();
        disk.write_all_at(bytes, self.partition(partition).0 + at).unwrap();
    }

    /// Puts a file on a FAT partition while it is off, as a laptop would.
    pub fn put(&self, partition: &str, name: &str, text: &str) {
        let file = self.folder.path().join("put");
        fs::write(&file, text).unwrap();
        let image = format!("{}@@{}", self.disk().display(), self.partition(partition).0);
        run(Command::new("mcopy").args(["-o", "-i", &image]).arg(&file).arg(format!("::{name}")));
    }

    /// Switches it on.
    pub fn boot(&mut self, boot: Boot) {
        assert!(self.running.is_none(), "it is on");
        let (page, other) = (free_port(), free_port());
        let shell = self.folder.path().join("shell");
        let disk = match &self.cache {
            Some(cache) => cache.url(),
            None => self.disk().display().to_string(),
        };
        let _ = fs::remove_file(&shell);
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args("-accel tcg,thread=multi -cpu max -M q35 -m 1024 -smp 2 -no-reboot".split(' '))
            .args("-display none -nodefaults -device virtio-rng-pci".split(' '))
            .arg("-drive")
            .arg(format!("file={disk},format=raw,if=virtio,cache=writeback"))
            .args(&self.more)
            .args(["-device", "virtio-net-pci,netdev=net", "-netdev"])
            .arg(format!(
                "user,id=net,hostfwd=tcp:127.0.0.1:{page}-:8080,hostfwd=tcp:127.0.0.1:{other}-:9999"
            ))
            .args(["-chardev", "stdio,id=line,signal=off", "-serial", "chardev:line", "-chardev"])
            .arg(format!("socket,id=shell,path={},server=on,wait=off", shell.display()))
            .args(["-serial", "chardev:shell", "-monitor"])
            .arg(format!("unix:{},server=on,wait=off", self.monitor().display()));
        let _ = fs::remove_file(self.monitor());
        match boot {
            Boot::Kernel => {
                let line = "root=PARTLABEL=slot-a ro rauc.slot=A panic=5 console=ttyS0 no_timer_check quiet loglevel=4";
                let made = &self.made;
                qemu.arg("-kernel").arg(made.join("vmlinuz"));
                qemu.arg("-initrd").arg(made.join("initrd")).args(["-append", line]);
            }
            Boot::Firmware => {
                let code = "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd";
                let variables = self.folder.path().join("variables.fd");
                let variables = format!("if=pflash,format=raw,file={}", variables.display());
                qemu.args(["-drive", code, "-drive", &variables]);
            }
        }
        let mut qemu = qemu
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let from = self.said.lock().unwrap().len();
        let (mut out, said) = (qemu.stdout.take().unwrap(), Arc::clone(&self.said));
        let mut log = File::options().append(true).create(true).open(&self.log).unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                log.write_all(&bytes[..count]).unwrap();
                said.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let line = qemu.stdin.take().unwrap();
        // From the beginning: what nobody listens to is lost.
        let shell = connect(&shell);
        shell.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        self.is_shell_there.set(false);
        self.running = Some(Running { qemu, line, shell, page, other, from });
    }

    /// Puts the network's cable in or takes it out.
    ///
    /// # Panics
    /// It is off.
    pub fn connect_network(&self, is_in: bool) {
        let mut monitor = connect(&self.monitor());
        monitor.set_read_timeout(Some(PATIENCE)).unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        let mut wait_for_prompt = |monitor: &mut UnixStream| {
            said.clear();
            while !said.ends_with(b"(qemu) ") {
                monitor.read_exact(&mut byte).unwrap();
                said.push(byte[0]);
            }
        };
        wait_for_prompt(&mut monitor);
        writeln!(monitor, "set_link net {}", if is_in { "on" } else { "off" }).unwrap();
        wait_for_prompt(&mut monitor);
    }

    fn monitor(&self) -> PathBuf {
        self.folder.path().join("monitor")
    }

    /// What was said on the serial line in this boot.
    pub fn said(&self) -> String {
        let from = self.running.as_ref().map_or(0, |running| running.from);
        self.said.lock().unwrap()[from..].to_owned()
    }

    /// Waits until this is said on the serial line, in this boot and after `from`, and returns where that ends.
    ///
    /// # Panics
    /// It is not said, or the machine ends first.
    pub fn wait_for(&mut self, text: &str, from: usize) -> usize {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if let Some(at) = said.get(from..).and_then(|said| said.find(text)) {
                return from + at + text.len();
            }
            let ended = self.running.as_mut().unwrap().qemu.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it said “{text}”");
            assert!(Instant::now() < until, "it never said “{text}”");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until one of these is said in this boot; whether it is the first.
    ///
    /// # Panics
    /// Neither is, or the machine ends before.
    pub fn wait_for_either(&mut self, first: &str, second: &str) -> bool {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if said.contains(first) || said.contains(second) {
                return said.contains(first);
            }
            let ended = self.running.as_mut().unwrap().qemu.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before it said “{first}” or “{second}”");
            assert!(Instant::now() < until, "it never said “{first}” or “{second}”");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Types a line on the serial line, and returns what is said until this.
    pub fn type_line(&mut self, line: &str, until: &str) -> String {
        let from = self.said().len();
        let running = self.running.as_mut().unwrap();
        running.line.write_all(format!("{line}\n").as_bytes()).unwrap();
        running.line.flush().unwrap();
        let end = self.wait_for(until, from);
        self.said()[from..end].to_owned()
    }

    /// Waits until it reboots or switches itself off.
    pub fn wait_for_end(&mut self) {
        let until = Instant::now() + PATIENCE;
        let qemu = &mut self.running.as_mut().unwrap().qemu;
        while qemu.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it never ended");
            std::thread::sleep(Duration::from_millis(50));
        }
        self.running = None;
    }

    /// Cuts its power after some time, and has its disk lose what it was not told to flush.
    ///
    /// # Panics
    /// It has no such disk.
    pub fn cut_after(&mut self, time: Duration, chance: &mut fastrand::Rng) {
        std::thread::sleep(time);
        self.cut();
        let lost = self.cache.as_ref().unwrap().lose_power(chance);
        println!("cut after {time:?}: {lost} sectors are lost");
    }

    /// Cuts its power.
    pub fn cut(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.qemu.kill();
            let _ = running.qemu.wait();
        }
    }

    /// Runs a line of shell on it as root, which must succeed, and returns what it says.
    ///
    /// # Panics
    /// It fails, or does not end.
    pub fn shell(&self, line: &str) -> String {
        let (status, said) = self.try_shell(line);
        assert_eq!(status, 0, "{line}: {said}");
        said
    }

    /// Runs a line of shell on it as root, and returns how it ended and what it said.
    pub fn try_shell(&self, line: &str) -> (i32, String) {
        const MARK: &str = "<<end ";
        let until = Instant::now() + PATIENCE;
        let mut socket = &self.running.as_ref().unwrap().shell;
        if !self.is_shell_there.replace(true) {
            self.wait_for_shell();
        }
        writeln!(socket, "{{ {line}\n}} 2>&1; echo \"<<\"\"end $?>>\"").unwrap();
        let (mut said, mut bytes) = (Vec::new(), [0; 4096]);
        loop {
            match socket.read(&mut bytes) {
                Ok(0) => panic!("{line}: it is off"),
                Ok(count) => said.extend_from_slice(&bytes[..count]),
                Err(error) if is_waiting(&error) => {}
                Err(error) => panic!("{line}: {error}"),
            }
            let text = String::from_utf8_lossy(&said);
            if let Some((said, rest)) = text.split_once(MARK)
                && let Some((status, _)) = rest.split_once(">>")
            {
                return (status.parse().unwrap(), said.trim().to_owned());
            }
            assert!(Instant::now() < until, "{line} does not end: {text}");
        }
    }

    /// Waits until somebody listens: what is sent before is lost.
    fn wait_for_shell(&self) {
        let until = Instant::now() + PATIENCE;
        let mut socket = &self.running.as_ref().unwrap().shell;
        let (mut said, mut bytes) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&said).contains("<<ready>>") {
            assert!(Instant::now() < until, "the shell never was there");
            match socket.read(&mut bytes) {
                Ok(0) => panic!("it ended before there was a shell"),
                Ok(count) => said.extend_from_slice(&bytes[..count]),
                Err(error) if is_waiting(&error) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Waits until a line of shell succeeds.
    pub fn wait_until(&self, line: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, said) = self.try_shell(line);
            if status == 0 {
                return said;
            }
            assert!(Instant::now() < until, "{line}: {said}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Where its page is.
    pub fn page(&self) -> String {
        format!("http://127.0.0.1:{}", self.running.as_ref().unwrap().page)
    }

    /// Whether somebody on the network who says something at its port 9999 gets an answer.
    pub fn knock(&self) -> bool {
        // QEMU takes the connection in any case, and passes it on.
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.running.as_ref().unwrap().other)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"knock\n").unwrap();
        matches!(stream.read(&mut [0; 16]), Ok(1..))
    }

    /// Waits until the service is ready, and returns its API.
    pub fn api(&self) -> Api {
        self.wait_until("systemctl is-active --quiet prismatron.service");
        let token = "runuser --user=prismatron -- prismatron token --data-dir /var/lib/prismatron";
        // What it logs comes before.
        let said = self.shell(token);
        let token = said.lines().last().unwrap().trim().to_owned();
        assert_eq!(token.matches('.').count(), 2, "{said}");
        Api { base: self.page(), token }
    }
}

impl Default for Vm {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        self.cut();
        if std::thread::panicking() {
            eprintln!("── the serial line is in {}", self.log.display());
        }
    }
}

/// Connects to a socket that QEMU makes when it starts.
fn connect(socket: &Path) -> UnixStream {
    let until = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(socket) {
            Ok(socket) => return socket,
            Err(error) => assert!(Instant::now() < until, "{}: {error}", socket.display()),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a script of `tests/appliance`, and returns the path it prints.
pub fn script(name: &str, arguments: &[&str]) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("appliance").join(name);
    run(Command::new(script).args(arguments).env("PRISMATRON_BIN", appliance::binary()))
        .trim()
        .into()
}

/// Runs a command that must succeed, and returns what it says.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether nothing has come yet. A read with a timeout is broken off when the computer was suspended.
fn is_waiting(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
