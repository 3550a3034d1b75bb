//! What is said to systemd over a real D-Bus daemon, to an object that has the interfaces which
//! `org.freedesktop.systemd1(5)` and `org.freedesktop.login1(5)` describe.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod daemon;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use daemon::Daemon;
use prismatron_system::{
    Ability, Action, Handle, Order, Orders, Return, Stage, Supervisor, System, SystemError,
    SystemState,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zbus::wire::OwnedObjectPath;
use zbus::{Connection, fdo, interface};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const MANAGER: &str = "/org/freedesktop/systemd1";
const UNIT: &str = "/org/freedesktop/systemd1/unit/wall_2eservice";

/// How systemd and login1 behave, and what they were told.
#[derive(Clone)]
struct Script {
    told: mpsc::UnboundedSender<String>,
    /// What is refused.
    denied: Arc<Mutex<Vec<&'static str>>>,
    /// What login1 says to whether it can.
    can: Arc<Mutex<&'static str>>,
    /// The main process of the unit.
    main_pid: u32,
}

impl Script {
    fn hear(&self, call: &'static str, detail: &str) -> fdo::Result<()> {
        self.told.send(format!("{call}({detail})")).unwrap();
        match self.denied.lock().unwrap().contains(&call) {
            true => Err(fdo::Error::AccessDenied("Permission denied".into())),
            false => Ok(()),
        }
    }
}

struct Manager(Script);

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    #[zbus(name = "GetUnitByPID")]
    fn get_unit_by_pid(&self, pid: u32) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(pid, std::process::id());
        Ok(OwnedObjectPath::try_from(UNIT).unwrap())
    }

    fn reset_failed_unit(&self, name: &str) -> fdo::Result<()> {
        self.0.hear("ResetFailedUnit", name)
    }

    fn restart_unit(&self, name: &str, mode: &str) -> fdo::Result<OwnedObjectPath> {
        self.0.hear("RestartUnit", &format!("{name}, {mode}"))?;
        Ok(OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap())
    }
}

struct Unit;

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property)]
    fn id(&self) -> &str {
        "wall.service"
    }
}

struct Service(Script);

#[interface(name = "org.freedesktop.systemd1.Service")]
impl Service {
    #[zbus(property, name = "MainPID")]
    fn main_pid(&self) -> u32 {
        self.0.main_pid
    }
}

struct Login(Script);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Login {
    fn can_reboot(&self) -> String {
        (*self.0.can.lock().unwrap()).into()
    }

    fn can_power_off(&self) -> String {
        (*self.0.can.lock().unwrap()).into()
    }

    fn reboot(&self, interactive: bool) -> fdo::Result<()> {
        self.0.hear("Reboot", &interactive.to_string())
    }

    fn power_off(&self, interactive: bool) -> fdo::Result<()> {
        self.0.hear("PowerOff", &interactive.to_string())
    }
}

/// A bus with systemd and login1 on it, and the task under test.
struct World {
    script: Script,
    told: mpsc::UnboundedReceiver<String>,
    handle: Handle,
    orders: Orders,
    _system: System,
    _bus: Connection,
    _daemon: Daemon,
}

impl World {
    async fn start() -> Self {
        Self::with_main_pid(std::process::id()).await
    }

    async fn with_main_pid(main_pid: u32) -> Self {
        let daemon = Daemon::start().await;
        let (tell, told) = mpsc::unbounded_channel();
        let script = Script {
            told: tell,
            denied: Arc::default(),
            can: Arc::new(Mutex::new("yes")),
            main_pid,
        };
        let bus = zbus::connection::Builder::address(daemon.address.as_str())
            .serve_at(MANAGER, Manager(script.clone()))
            .serve_at(UNIT, Unit)
            .serve_at(UNIT, Service(script.clone()))
            .serve_at("/org/freedesktop/login1", Login(script.clone()))
            .name("org.freedesktop.systemd1")
            .name("org.freedesktop.login1")
            .build();
        let bus = timeout(PATIENCE, bus).await.expect("the bus does not answer").unwrap();
        let (system, handle, orders) = System::start_on(Supervisor::Systemd, &daemon.address);
        Self { script, told, handle, orders, _system: system, _bus: bus, _daemon: daemon }
    }

    fn deny(&self, calls: &[&'static str]) {
        *self.script.denied.lock().unwrap() = calls.to_vec();
    }

    async fn ask(&self, action: Action) -> Result<(), SystemError> {
        self.handle.request(action, Duration::ZERO, "admin").await.map(drop)
    }

    /// The next call.
    async fn told(&mut self) -> String {
        timeout(PATIENCE, self.told.recv()).await.expect("nothing is told").unwrap()
    }

    /// Waits for the order to prepare, and says that it is done.
    async fn prepare(&mut self, expected: Action) {
        match timeout(PATIENCE, self.orders.recv()).await.expect("no order").unwrap() {
            Order::Prepare(action, done) => {
                assert_eq!(action, expected);
                done.send(()).unwrap();
            }
            order => panic!("{order:?}"),
        }
    }

    async fn until(&self, wanted: impl FnMut(&SystemState) -> bool) -> SystemState {
        let mut state = self.handle.state();
        timeout(PATIENCE, state.wait_for(wanted))
            .await
            .expect("it never comes to that")
            .unwrap()
            .clone()
    }
}

#[tokio::test]
async fn what_there_is_is_found_out() {
    let world = World::start().await;
    let state = world.until(|state| state.unit.is_some()).await;
    assert_eq!(state.unit.as_deref(), Some("wall.service"));
    assert_eq!((state.reboot, state.power_off), (Ability::Yes, Ability::Yes));
}

#[tokio::test]
async fn a_restart_is_prepared_forgiven_and_asked_for_once() {
    let mut world = World::start().await;
    world.ask(Action::Restart).await.unwrap();
    world.ask(Action::Restart).await.unwrap();
    world.prepare(Action::Restart).await;
    assert_eq!(world.told().await, "ResetFailedUnit(wall.service)");
    assert_eq!(world.told().await, "RestartUnit(wall.service, replace)");
    let state = world.until(|_| true).await;
    assert_eq!(state.pending.unwrap().stage, Stage::UnderWay);
    world.ask(Action::Restart).await.unwrap();
    assert!(world.told.try_recv().is_err(), "systemd is asked once");
    assert!(world.orders.try_recv().is_err(), "SIGTERM comes from systemd");
}

#[tokio::test]
async fn a_restart_that_is_refused_is_made_by_the_exit_code() {
    let mut world = World::start().await;
    world.deny(&["ResetFailedUnit", "RestartUnit"]);
    world.ask(Action::Restart).await.unwrap();
    world.prepare(Action::Restart).await;
    let order = timeout(PATIENCE, world.orders.recv()).await.unwrap().unwrap();
    assert!(matches!(order, Order::Leave(Return::BySystemd)), "{order:?}");
}

#[tokio::test]
async fn the_unit_of_somebody_else_is_not_restarted() {
    let mut world = World::with_main_pid(1).await;
    world.ask(Action::Restart).await.unwrap();
    world.prepare(Action::Restart).await;
    let order = timeout(PATIENCE, world.orders.recv()).await.unwrap().unwrap();
    assert!(matches!(order, Order::Leave(Return::BySystemd)), "{order:?}");
    assert!(world.told.try_recv().is_err());
}

#[tokio::test]
async fn reboot_and_power_off_are_prepared_and_asked_for() {
    for (action, call) in [(Action::Reboot, "Reboot(false)"), (Action::PowerOff, "PowerOff(false)")]
    {
        let mut world = World::start().await;
        world.ask(action).await.unwrap();
        world.prepare(action).await;
        assert_eq!(world.told().await, call);
        assert!(world.orders.try_recv().is_err(), "nothing ends before SIGTERM comes");
    }
}

#[tokio::test]
async fn a_reboot_that_is_refused_ends_nothing_and_is_told() {
    let mut world = World::start().await;
    world.deny(&["Reboot"]);
    world.ask(Action::Reboot).await.unwrap();
    world.prepare(Action::Reboot).await;
    let order = timeout(PATIENCE, world.orders.recv()).await.unwrap().unwrap();
    assert!(matches!(order, Order::Resume), "{order:?}");
    let state = world.until(|state| state.failure.is_some()).await;
    let failure = state.failure.unwrap();
    assert_eq!(failure.action, Action::Reboot);
    assert!(failure.reason.contains("polkit does not allow it"), "{}", failure.reason);
    world.until(|state| state.pending.is_none()).await;
    world.deny(&[]);
    world.ask(Action::Reboot).await.unwrap();
    assert_eq!(world.until(|state| state.pending.is_some()).await.failure, None);
}

#[tokio::test]
async fn what_login1_says_no_to_is_not_accepted() {
    let world = World::start().await;
    for (word, expected) in [("challenge", "password"), ("na", "cannot do it"), ("no", "polkit")] {
        *world.script.can.lock().unwrap() = word;
        let error = world.ask(Action::PowerOff).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    *world.script.can.lock().unwrap() = "yes";
    world.ask(Action::PowerOff).await.unwrap();
}

#[tokio::test]
async fn without_a_bus_only_a_restart_is_possible() {
    let (_system, handle, mut orders) =
        System::start_on(Supervisor::Systemd, "unix:path=/nonexistent/bus");
    let refused = handle.request(Action::Reboot, Duration::ZERO, "admin").await.unwrap_err();
    assert!(refused.to_string().contains("system bus"), "{refused}");
    drop(handle.request(Action::Restart, Duration::ZERO, "admin").await.unwrap());
    let prepare = timeout(PATIENCE, orders.recv()).await.unwrap();
    assert!(matches!(prepare, Some(Order::Prepare(Action::Restart, _))), "{prepare:?}");
    drop(prepare);
    let order = timeout(PATIENCE, orders.recv()).await.unwrap();
    assert!(matches!(order, Some(Order::Leave(Return::BySystemd))), "{order:?}");
}
