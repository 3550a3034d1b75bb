//! A machine with a real systemd, where what `app/dist` has is installed: a Debian root in systemd-nspawn.
//!
//! `tests/service/machine` boots it and sees to it that nothing is left; here is what a test does with it. It
//! has a network of its own, in which nobody else is and which outlasts its boots, so every wire to it ends
//! at the usual port.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

use crate::api::Api;
use crate::appliance::binary;
use crate::ddp::Display;
use crate::guide;
use crate::said::Said;

/// Nothing on a machine takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Where a checkout is on the machine, as far as it is needed to install.
pub const CHECKOUT: &str = "/usr/src/prismatron";

/// How a boot came to its end.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Ended {
    /// The machine is off.
    Off,
    /// The machine wants to boot again.
    Reboot,
}

/// A machine. When it is dropped nothing is left of it.
pub struct Machine {
    keeper: Child,
    orders: Option<ChildStdin>,
    said: Receiver<String>,
    /// The process that holds its namespaces, booted or not.
    holder: u32,
    console: Said,
    work: TempDir,
    /// That nobody uses up the tasks of the service's user, who is one and the same on all machines.
    _tasks: File,
}

impl Machine {
    /// A machine that has nothing of Prismatron but a checkout with the program built, and is not booted.
    ///
    /// # Panics
    /// It cannot be made here; `tests/run` asks first.
    pub fn bare() -> Self {
        Self::among(FlockOperation::LockShared)
    }

    /// [`Machine::bare`], beside others or alone.
    fn among(others: FlockOperation) -> Self {
        let tasks = File::create(cache().join("tasks.lock")).unwrap();
        flock(&tasks, others).unwrap();
        let work = TempDir::new().unwrap();
        let mut keeper = Command::new(service_tests().join("machine"))
            .args([&root(), work.path()])
            // Ctrl-C ends the tests; the keeper has to outlive them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let console = Said::default();
        console.listen(keeper.stderr.take().unwrap());
        let (sender, said) = channel();
        let lines = BufReader::new(keeper.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let orders = keeper.stdin.take();
        let mut machine = Self { keeper, orders, said, holder: 0, console, work, _tasks: tasks };
        assert_eq!(machine.hear(), "prepared");
        machine.holder =
            child(child(machine.keeper.id()).expect("unshare")).expect("its first process");
        let checkout = machine.path(CHECKOUT);
        fs::create_dir_all(checkout.join("target/release")).unwrap();
        fs::copy(binary(), checkout.join("target/release/prismatron")).unwrap();
        copy_folder(&service_tests().join("../../app/dist"), &checkout.join("app/dist"));
        machine
    }

    /// Puts the package of this version where `cargo deb` would, and returns its path.
    ///
    /// # Panics
    /// It is not built; `tests/run` does that.
    pub fn bring_package(&self, version: &str) -> String {
        let name = format!("prismatron_{version}.deb");
        let file = format!("{CHECKOUT}/target/debian/{name}");
        let to = self.path(&file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let built = cache().join("debian").join(name);
        fs::copy(&built, to).unwrap_or_else(|error| panic!("{}: {error}", built.display()));
        file
    }

    /// A machine on which everything is installed as the guide says, and which is not booted.
    pub fn installed() -> Self {
        Self::bare().install()
    }

    fn install(self) -> Self {
        // As an image is made. What systemctl is to start it leaves to the boot.
        let script = "mount -t proc proc \"$0/proc\" && exec chroot \"$0\" sh -e -c \"cd $1; $2\"";
        let output = Command::new("nsenter")
            .args(["--mount", "--target", &self.holder.to_string(), "unshare", "--mount"])
            .args(["env", "SYSTEMD_OFFLINE=1", "sh", "-e", "-c", script])
            .arg(self.work.path().join("root"))
            .args([CHECKOUT, &guide::section("Install").join("\n")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        self
    }

    /// A machine with this configuration, booted; the service has been told to start and may not be ready.
    pub fn booted_with(config: &str) -> Self {
        let machine = Self::installed();
        machine.write("/etc/prismatron/prismatron.ron", config);
        machine.boot();
        machine
    }

    /// [`Machine::booted_with`], with no other machine beside it meanwhile: for what uses up what all share.
    pub fn alone_with(config: &str) -> Self {
        let machine = Self::among(FlockOperation::LockExclusive).install();
        machine.write("/etc/prismatron/prismatron.ron", config);
        machine.boot();
        machine
    }

    /// Boots it and waits until all that starts at boot has started or failed to.
    pub fn boot(&self) {
        self.begin_boot();
        self.wait_until("booted", || {
            let Some(init) = self.init() else { return false };
            if fs::read_to_string(format!("/proc/{init}/comm")).unwrap_or_default() != "systemd\n" {
                return false;
            }
            let asked = self.try_run(&["systemctl", "is-system-running", "--wait"]);
            matches!(asked.stdout.trim_ascii(), b"running" | b"degraded")
        });
    }

    /// Lets it boot.
    pub fn begin_boot(&self) {
        self.orders.as_ref().unwrap().write_all(b"boot\n").unwrap();
    }

    /// Waits until it has shut down.
    pub fn wait_for_end(&self) -> Ended {
        match self.hear().as_str() {
            "ended 0" => Ended::Off,
            "ended 133" => Ended::Reboot,
            other => panic!("{other}\n{}", self.console.text()),
        }
    }

    fn hear(&self) -> String {
        let said = self.said.recv_timeout(PATIENCE);
        said.unwrap_or_else(|error| panic!("{error}\n{}", self.console.text()))
    }

    /// Its first process, as seen from here.
    fn init(&self) -> Option<u32> {
        let nspawn = child(child(self.holder)?)?;
        child(nspawn)
    }

    /// A file of it, as seen from here.
    fn path(&self, file: &str) -> PathBuf {
        // A running machine has mounts of its own over its root.
        let root = match self.init() {
            Some(init) => format!("/proc/{init}/root"),
            None => format!("/proc/{}/root{}/root", self.holder, self.work.path().display()),
        };
        PathBuf::from(root).join(file.trim_start_matches('/'))
    }

    /// Writes a file, and the folders to it.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a program.
    pub fn write_program(&self, file: &str, text: &str) {
        self.write(file, text);
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Reads a file.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    /// Whether there is such a file.
    pub fn exists(&self, file: &str) -> bool {
        fs::symlink_metadata(self.path(file)).is_ok()
    }

    /// A command on the booted machine, as root; its streams are the caller's to choose.
    pub fn command(&self, command: &[&str]) -> Command {
        let init = self.init().expect("it is booted").to_string();
        let mut bounded = Command::new("timeout");
        bounded
            .args(["--kill-after=5", &PATIENCE.as_secs().to_string()])
            .args(["nsenter", "--all", "--target", &init, "env", "--ignore-environment"])
            .args(["PATH=/usr/sbin:/usr/bin", "LC_ALL=C.UTF-8", "SYSTEMD_PAGER="])
            .args(command);
        bounded
    }

    /// Runs a command on the booted machine, as root.
    pub fn try_run(&self, command: &[&str]) -> Output {
        self.command(command).stdin(Stdio::null()).output().unwrap()
    }

    /// A connection to one of its local sockets, as root.
    pub fn connect(&self, socket: &str) -> UnixStream {
        UnixStream::connect(self.path(socket)).unwrap()
    }

    /// Runs a command that must succeed, and returns what it says.
    pub fn run(&self, command: &[&str]) -> String {
        let output = self.try_run(command);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {}: {said}{error}", output.status);
        said
    }

    /// Runs a line of shell that must succeed, and returns what it says.
    pub fn shell(&self, line: &str) -> String {
        self.run(&["sh", "-c", line])
    }

    /// Everything that bears the name, but the checkout.
    pub fn leftovers(&self) -> Vec<String> {
        let found = self.shell(
            "find / -xdev -name '*prismatron*' -not -path '/usr/src/*' -not -path '/proc/*' -prune",
        );
        let mut found: Vec<String> = found.lines().map(str::to_owned).collect();
        found.sort_unstable();
        found
    }

    /// Runs a command as another user, without a session.
    pub fn try_run_as(&self, user: &str, command: &[&str]) -> Output {
        let as_user = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"];
        self.try_run(&[&as_user, command].concat())
    }

    /// A property of a unit.
    pub fn show(&self, unit: &str, property: &str) -> String {
        self.run(&["systemctl", "show", "--property", property, "--value", unit]).trim().to_owned()
    }

    /// Waits until a property of a unit has this value.
    pub fn wait_for(&self, unit: &str, property: &str, value: &str) {
        self.wait_until(&format!("{unit}: {property}={value}"), || {
            self.show(unit, property) == value
        });
    }

    /// Waits for a state.
    ///
    /// # Panics
    /// It does not come.
    pub fn wait_until(&self, what: &str, mut state: impl FnMut() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !state() {
            assert!(Instant::now() < until, "never {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What a unit has written to the journal since the machine was booted.
    pub fn journal(&self, unit: &str) -> String {
        self.run(&["journalctl", "--boot", "--output=cat", "--unit", unit])
    }

    /// Stops the threads of one of its processes that have this name from running, until the answer is
    /// dropped.
    ///
    /// # Panics
    /// There are none.
    pub fn freeze(&self, pid: &str, thread: &str) -> Frozen {
        let own = fs::read_to_string(format!("/proc/{}/cgroup", self.holder)).unwrap();
        let own = own.lines().find_map(|line| line.split_once(":freezer:")).unwrap().1;
        let frozen = Frozen(PathBuf::from(format!("/sys/fs/cgroup/freezer{own}/frozen")));
        fs::create_dir(&frozen.0).unwrap();
        let mut names = Vec::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.outside(pid))).unwrap() {
            let task = task.unwrap();
            names.push(fs::read_to_string(task.path().join("comm")).unwrap().trim().to_owned());
            if names.last().is_some_and(|name| name == thread) {
                let id = task.file_name();
                fs::write(frozen.0.join("tasks"), id.as_encoded_bytes()).unwrap();
            }
        }
        assert!(names.iter().any(|name| name == thread), "no {thread} in {names:?}");
        fs::write(frozen.0.join("freezer.state"), "FROZEN").unwrap();
        frozen
    }

    /// What one of its processes is called here.
    ///
    /// # Panics
    /// There is no such process.
    pub fn outside(&self, pid: &str) -> String {
        let space = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let its = space(&self.init().unwrap().to_string());
        let called = |name: &str| {
            let status = fs::read_to_string(format!("/proc/{name}/status")).unwrap_or_default();
            let names = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
            names.is_some_and(|names| names.split_whitespace().last() == Some(pid))
        };
        let all = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
        all.filter_map(|name| name.into_string().ok())
            .find(|name| called(name) && space(name) == its)
            .unwrap()
    }

    /// Does something within its network, on a thread of its own; what it runs there is in that network too.
    pub fn in_network<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let network = File::open(format!("/proc/{}/ns/net", self.holder)).unwrap();
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(network.as_fd(), kind).unwrap();
                work()
            });
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Lays a cable between its network and another's, at whose ends these addresses (`ADDRESS/LENGTH`) are.
    ///
    /// # Panics
    /// There is one.
    pub fn lay_cable(&self, address: &str, other: &Self, at: &str) {
        let peer = other.holder.to_string();
        let ip = |arguments: &[&str]| {
            let done = Command::new("ip").args(arguments).status().unwrap();
            assert!(done.success(), "ip {arguments:?}");
        };
        self.in_network(|| {
            let ends = ["type", "veth", "peer", "name", "cable", "netns", &peer];
            ip(&[&["link", "add", "cable"], &ends[..]].concat());
        });
        for (machine, address) in [(self, address), (other, at)] {
            machine.in_network(|| {
                ip(&["address", "add", address, "dev", "cable"]);
                ip(&["link", "set", "cable", "up"]);
            });
        }
    }

    /// A DDP display in its network, at the protocol's own port.
    pub fn display(&self, host: &str, leds: usize) -> Display {
        self.in_network(|| Display::at(&format!("{host}:4048"), leds))
    }

    /// The API of the service, to be used with [`Self::in_network`].
    pub fn api(&self) -> Api {
        self.api_of("8080", "/var/lib/prismatron")
    }

    /// The API of a display at this port, with this data directory.
    pub fn api_of(&self, port: &str, data_dir: &str) -> Api {
        let sign_in = guide::section("Sign in");
        let token = sign_in.iter().find(|line| line.contains("prismatron token")).unwrap();
        let token = self.shell(&token.replace("/var/lib/prismatron", data_dir)).trim().to_owned();
        Api { base: format!("http://127.0.0.1:{port}"), token, patience: PATIENCE }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() && self.init().is_some() {
            let journal = self.try_run(&["journalctl", "--boot", "--no-hostname", "--lines=150"]);
            eprintln!("── journal\n{}", String::from_utf8_lossy(&journal.stdout));
        }
        // With its orders it ends.
        drop(self.orders.take());
        let _ = self.keeper.wait();
    }
}

/// Threads that do not run.
pub struct Frozen(PathBuf);

impl Drop for Frozen {
    fn drop(&mut self) {
        fs::write(self.0.join("freezer.state"), "THAWED").unwrap();
    }
}

fn service_tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("service")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Where tests keep what they make once.
fn cache() -> PathBuf {
    let cache = std::env::var_os("PRISMATRON_TEST_CACHE");
    cache.map_or_else(|| service_tests().join("../.cache"), PathBuf::from)
}

/// The Debian root, made where it is not there.
fn root() -> PathBuf {
    let made =
        Command::new(service_tests().join("root")).stderr(Stdio::inherit()).output().unwrap();
    assert!(made.status.success(), "the root cannot be made");
    String::from_utf8(made.stdout).unwrap().trim().into()
}

/// The first child of a process.
fn child(pid: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}
