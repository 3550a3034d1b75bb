//! The appliance in QEMU: the disk as it is after flashing, what is typed and said on its serial line, and its page.
//!
//! The processor is emulated, so all of it takes its time: waiting is by what is said, with a deadline that only a boot
//! that hangs meets. A reboot ends QEMU, and the next boot is a start of it; so is a power cut.

mod arch;
mod cabinet;
mod disk;
mod guest;
mod kept;
mod monitor;
mod script;
mod shell;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Deref;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::said::Said;
use crate::volatile_disk::VolatileDisk;
pub use arch::Arch;
pub use cabinet::{Cabinet, Sensors, Set};
pub use disk::Disk;
pub use guest::Guest;
pub use kept::Kept;
use kept::{DISK, VARIABLES, copy};
use monitor::Monitor;
use script::run_script;
pub use script::{run, script};

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
    arch: Arch,
    folder: TempDir,
    disk: Disk,
    /// As it came from the factory, with its kernel.
    made: PathBuf,
    more: Vec<String>,
    /// Where all that is said on the serial line is left.
    log: PathBuf,
    /// Where its page is on this computer, in each boot: a page that is open finds it again.
    page: Option<u16>,
    /// Between QEMU and its disk, where a cut is to lose what was not flushed.
    cache: Option<VolatileDisk>,
    /// Bytes a second that its disk takes.
    write_speed: Option<u32>,
    running: Option<Running>,
    /// All that was ever said on the serial line.
    said: Said,
}

struct Running {
    qemu: Child,
    line: ChildStdin,
    /// Ends with the machine.
    listener: JoinHandle<()>,
    guest: Guest,
    other: u16,
    /// Where in what was said this boot begins.
    from: usize,
}

impl Vm {
    /// One that was never booted.
    pub fn new() -> Self {
        Self::of(Arch::X86_64)
    }

    /// One with this processor that was never booted.
    pub fn of(arch: Arch) -> Self {
        if arch == Arch::Arm64 {
            run_script(arch, "appliance/program", &[]);
        }
        let made = PathBuf::from(run_script(arch, "appliance/disk", &[]));
        let folder = tempfile::tempdir().unwrap();
        copy(&[made.join(DISK)], folder.path());
        let variables = folder.path().join(VARIABLES);
        fs::copy(arch.variables(), variables).unwrap();
        Self {
            arch,
            disk: Disk::new(folder.path().join(DISK)),
            folder,
            log: serial_log(&made, "appliance"),
            made,
            page: None,
            more: Vec::new(),
            cache: None,
            write_speed: None,
            running: None,
            said: Said::default(),
        }
    }

    /// The folder with what its slot A is made of.
    pub fn made(&self) -> &Path {
        &self.made
    }

    /// Its disk, for when it is off.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// From now on a cut loses what its disk was not told to flush.
    ///
    /// # Panics
    /// It is on.
    pub fn have_volatile_cache(&mut self) {
        assert!(self.running.is_none(), "it is on");
        let socket = self.folder.path().join("disk");
        self.cache = Some(VolatileDisk::serve(self.disk.image(), &socket));
    }

    /// From the next boot on its disk takes no more bytes a second than this.
    pub fn limit_writes(&mut self, bytes_per_second: u32) {
        self.write_speed = Some(bytes_per_second);
    }

    /// Has another disk, which is only read.
    pub fn add_disk(&mut self, image: &Path) {
        let image = image.display();
        self.more
            .extend(["-drive".into(), format!("file={image},format=raw,if=virtio,readonly=on")]);
    }

    /// Switches it on.
    pub fn boot(&mut self, boot: Boot) {
        assert!(self.running.is_none(), "it is on");
        let (page, other) = (*self.page.get_or_insert_with(free_port), free_port());
        let (shell, monitor) = (self.socket("shell"), self.socket("monitor"));
        let disk = match &self.cache {
            Some(cache) => cache.url(),
            None => self.disk.image().display().to_string(),
        };
        let speed = self.write_speed.map(|speed| format!(",throttling.bps-write={speed}"));
        let speed = speed.unwrap_or_default();
        for socket in [&shell, &monitor] {
            let _ = fs::remove_file(socket);
        }
        let forwards =
            format!("hostfwd=tcp:127.0.0.1:{page}-:8080,hostfwd=tcp:127.0.0.1:{other}-:9999");
        let mut qemu = emulator(self.arch, &forwards);
        qemu.arg("-drive")
            .arg(format!("file={disk},format=raw,if=virtio,cache=writeback{speed}"))
            .args(&self.more)
            .arg("-chardev")
            .arg(format!("stdio,id=line,signal=off,logfile={},logappend=on", self.log.display()))
            .args(["-serial", "chardev:line"]);
        add_shell(self.arch, &mut qemu, &shell);
        qemu.arg("-monitor").arg(format!("unix:{},server=on,wait=off", monitor.display()));
        match boot {
            Boot::Kernel => {
                let arguments = self.arch.arguments();
                let line = format!(
                    "root=PARTLABEL=slot-a ro rauc.slot=A panic=5 {arguments} quiet loglevel=4"
                );
                let made = &self.made;
                qemu.arg("-kernel").arg(made.join("vmlinuz"));
                qemu.arg("-initrd").arg(made.join("initrd")).args(["-append", &line]);
            }
            Boot::Firmware => {
                let code = format!("if=pflash,format=raw,readonly=on,file={}", self.arch.code());
                let variables = self.folder.path().join(VARIABLES);
                let variables = format!("if=pflash,format=raw,file={}", variables.display());
                qemu.args(["-drive", &code, "-drive", &variables]);
            }
        }
        let mut qemu = qemu
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let from = self.said.len();
        let listener = self.said.listen(qemu.stdout.take().unwrap());
        let line = qemu.stdin.take().unwrap();
        let guest = Guest::connect(&shell, page);
        self.running = Some(Running { qemu, line, listener, guest, other, from });
    }

    /// Puts the network's cable in or takes it out.
    ///
    /// # Panics
    /// It is off.
    pub fn connect_network(&self, is_in: bool) {
        let state = if is_in { "on" } else { "off" };
        Monitor::connect(&self.socket("monitor")).command(&format!("set_link net {state}"));
    }

    /// Lets through what its network says to it, or withholds that, with the cable in.
    ///
    /// # Panics
    /// It is off.
    pub fn answer(&self, is_answered: bool) {
        let filter = if is_answered {
            "object_del withheld".into()
        } else {
            // It lets go of what it holds after so many microseconds.
            format!(
                "object_add filter-buffer,id=withheld,netdev=net,queue=tx,interval={}",
                u32::MAX
            )
        };
        Monitor::connect(&self.socket("monitor")).command(&filter);
    }

    fn socket(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What was said on the serial line in this boot.
    pub fn said(&self) -> String {
        let from = self.running.as_ref().map_or(0, |running| running.from);
        self.said.after(from)
    }

    /// Waits until this is said on the serial line, in this boot and after `from`, and returns where that ends.
    ///
    /// # Panics
    /// It is not said, or the machine ends first.
    pub fn wait_for(&mut self, text: &str, from: usize) -> usize {
        self.wait_until_said(text, |said| {
            let at = said.get(from..)?.find(text)?;
            Some(from + at + text.len())
        })
    }

    /// Waits until one of these is said in this boot; whether it is the first.
    ///
    /// # Panics
    /// Neither is, or the machine ends before.
    pub fn wait_for_either(&mut self, first: &str, second: &str) -> bool {
        self.wait_until_said(first, |said| {
            let is_first = said.contains(first);
            (is_first || said.contains(second)).then_some(is_first)
        })
    }

    fn wait_until_said<T>(&mut self, what: &str, found: impl Fn(&str) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            // What it says last is there by then.
            let has_ended = self.running.as_ref().unwrap().listener.is_finished();
            if let Some(found) = found(&self.said()) {
                return found;
            }
            assert!(!has_ended, "it ended before it said “{what}”");
            assert!(Instant::now() < until, "it never said “{what}”");
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

    /// Whether somebody on the network who says something at its port 9999 gets an answer.
    pub fn knock(&self) -> bool {
        // QEMU takes the connection in any case, and passes it on.
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.running.as_ref().unwrap().other)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"knock\n").unwrap();
        matches!(stream.read(&mut [0; 16]), Ok(1..))
    }
}

/// What is asked of it while it is on.
impl Deref for Vm {
    type Target = Guest;

    /// # Panics
    /// It is off.
    fn deref(&self) -> &Guest {
        &self.running.as_ref().expect("it is off").guest
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

/// QEMU, with an emulated processor and a network that leads to this computer.
fn emulator(arch: Arch, forwards: &str) -> Command {
    let mut qemu = arch.emulator();
    // One processor: of two that are emulated one may run what the kernel patches for the other, and it panics.
    qemu.args("-accel tcg,thread=multi -m 1024 -no-reboot".split(' '))
        .args("-display none -nodefaults -device virtio-rng-pci".split(' '))
        .args(["-device", "virtio-net-pci,netdev=net", "-netdev"])
        .arg(format!("user,id=net,{forwards}"));
    qemu
}

/// Gives it a second serial line, which leads to this socket.
fn add_shell(arch: Arch, qemu: &mut Command, socket: &Path) {
    qemu.arg("-chardev")
        .arg(format!("socket,id=shell,path={},server=on,wait=off", socket.display()))
        .args(arch.shell().split(' '));
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

/// Where what this test's machine says on its serial line is left, beside the folder that it was made in; empty at first.
fn serial_log(made: &Path, tier: &str) -> PathBuf {
    let test = std::thread::current().name().unwrap_or(tier).replace("::", "-");
    let logs = made.parent().unwrap().join("logs");
    fs::create_dir_all(&logs).unwrap();
    let log = logs.join(format!("{tier}-{test}.serial.log"));
    let _ = fs::remove_file(&log);
    log
}

/// A port of this computer that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
