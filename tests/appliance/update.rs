//! Updates, as the page asks for them: what is refused, what is installed, and what is left as it was.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prismatron_tests::api::Api;
use prismatron_tests::ddp::{Display, Shown};
use prismatron_tests::file_server::FileServer;
use prismatron_tests::media::ffmpeg;
use prismatron_tests::qemu::{Boot, Vm, run, script};
use prismatron_tests::tus::Upload;
use serde_json::{Value, json};

use crate::bundles::Bundles;
use crate::{LEDS, setup_for};

const COMPATIBLE: &str = "prismatron-qemux86-64";

/// Turns a byte over.
fn corrupt(file: &Path, at: u64) {
    let file = File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[!byte[0]], at).unwrap();
}

/// How long the squashfs is that a bundle begins with: that is at its byte 40.
fn squashfs(bundle: &Path) -> u64 {
    let mut used = [0; 8];
    File::open(bundle).unwrap().read_exact_at(&mut used, 40).unwrap();
    u64::from_le_bytes(used).next_multiple_of(4096)
}

/// Takes everything else off a bundle.
fn bare(bundle: &Path) {
    File::options().write(true).open(bundle).unwrap().set_len(squashfs(bundle)).unwrap();
}

/// Takes bytes off a file's end.
fn shorten(file: &Path, bytes: u64) {
    let file = File::options().write(true).open(file).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

/// Somebody who updates the appliance from its page, in a browser.
struct Operator(Child);

impl Operator {
    fn update(page: &str, name: &str, password: &str, bundle: &Path, version: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/appliance.mjs");
        let mut node = Command::new("node");
        node.arg(script).args([page, name, password]).arg(bundle).arg(version);
        Self(node.stdin(Stdio::null()).spawn().unwrap())
    }

    fn has_seen_it_through(mut self) {
        assert!(self.0.wait().unwrap().success(), "the page's side of it is told above");
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Has an update that was inspected installed, and reboots into it.
pub(crate) fn install(vm: &mut Vm, api: &Api) {
    api.wait_for_update("inspected");
    // There is no way back to a system whose start is not confirmed.
    vm.wait_until_confirmed();
    api.send("POST", "/api/system/update/install", &json!({}));
    api.wait_for_update("waiting_for_reboot");
    api.send("POST", "/api/system/update/reboot", &json!({}));
    vm.wait_for_end();
}

/// The newest section of the changelog, which bundles have with them.
fn newest_changes() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CHANGELOG.md");
    let text = std::fs::read_to_string(file).unwrap();
    let newest = text.split("\n## ").nth(1).unwrap();
    newest.split_once('\n').unwrap().1.trim().into()
}

/// Uploads what is refused, and returns why.
fn refused(api: &Api, bundle: &Path) -> Value {
    Upload::update(api, bundle).unwrap();
    api.wait_for_update("failed")["failure"].clone()
}

#[test]
fn an_update_is_made_from_the_page_and_the_next_streamed() {
    let mut vm = Vm::new();
    let bundles = Bundles::new();
    let second = bundles.slot("second.img", "2", "");
    let second = bundles.bundle("second.raucb", &[&second, "2"]);
    let third = bundles.slot("third.img", "3", "");
    let keys = script("keys", &[]);
    let adaptive = ["3", keys.to_str().unwrap(), COMPATIBLE, "verity", "block-hash-index"];
    let third = bundles.bundle("third.raucb", &[&[third.as_str()], &adaptive[..]].concat());
    let picture = PathBuf::from(bundles.path("picture.png"));
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=size=64x48", "-frames:v", "1"], &picture);

    vm.boot(Boot::Firmware);
    let api = vm.api();
    let media = api.upload_media(&picture);
    let playlist = api.play(&json!([{
        "content": {"type": "media", "media": media},
        "duration_seconds": 3600,
    }]));
    let is_kept = |api: &Api| {
        let items = &api.get(&format!("/api/playlists/{playlist}"))["items"];
        assert_eq!(items[0]["content"]["media"], json!(media));
        let file = api.bytes(&format!("/api/media/{media}/file"));
        assert_eq!(file, std::fs::read(&picture).unwrap());
    };
    is_kept(&api);
    vm.wait_until_confirmed();

    let (name, password) = ("me", "a long enough password");
    let account = json!({"name": name, "password": password, "role": "admin"});
    api.send("POST", "/api/accounts", &account);
    let page = Operator::update(&vm.page(), name, password, &second, "2");
    let bundle = api.wait_for_update("installing")["bundle"].clone();
    assert_eq!((&bundle["version"], &bundle["direction"]), (&json!("2"), &json!("up")));
    assert!(bundle["signer"].as_str().unwrap().contains("CN = signer"), "{bundle}");
    // Nobody breaks it off: neither the API nor the console.
    for (method, path, says) in [
        ("POST", "/api/system/reboot", "being installed"),
        ("POST", "/api/system/poweroff", "being installed"),
        ("DELETE", "/api/system/update", "cannot be stopped"),
    ] {
        let (status, problem) = api.call(method, path, None);
        assert_eq!(status, 409, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    vm.type_line("4", "Type yes to do it: ");
    vm.type_line("yes", "an update is being installed");
    vm.type_line("9", "Type erase to do it: ");
    let refused = vm.type_line("erase", "an update is being installed");
    assert!(refused.contains("It cannot be done"), "{refused}");
    assert_eq!(vm.shell("find /data/os -name 'factory-reset*'"), "", "it erases all of it later");
    vm.wait_for_end();

    vm.boot(Boot::Firmware);
    vm.wait_for("slot B — Prismatron for QEMU, 2", 0);
    let api = vm.api();
    is_kept(&api);
    page.has_seen_it_through();
    let last = api.wait_for_update("idle")["last"].clone();
    assert_eq!((&last["slot"], &last["version"]), (&json!("B"), &json!("2")));
    assert_eq!(api.get("/api/snapshots")["snapshots"][0]["occasion"], "before_update");
    assert!(!vm.said().contains("! update:"));
    assert!(vm.shell("grep -a B_ /boot/grub/grubenv").contains("B_TRY=0"));

    let server = FileServer::serve(third.parent().unwrap().into());
    let url = format!("http://10.0.2.2:{}/third.raucb", server.port());
    api.send("POST", "/api/system/update", &json!({"url": url}));
    api.wait_for_update("inspected");
    api.send("POST", "/api/system/update/install", &json!({}));
    let update = api.wait_for_update("waiting_for_reboot");
    assert_eq!((&update["next"]["slot"], &update["next"]["version"]), (&json!("A"), &json!("3")));
    vm.type_line("4", "Type yes to do it: ");
    vm.type_line("yes", "reboot");
    vm.wait_for_end();
    let (fetched, size) = (server.sent(), third.metadata().unwrap().len());
    println!("{fetched} bytes were fetched of a bundle of {size}");
    assert!(fetched < size / 2, "what is in the slots already was fetched");

    vm.boot(Boot::Firmware);
    vm.wait_for("slot A — Prismatron for QEMU, 3", 0);
    let api = vm.api();
    is_kept(&api);
    let last = api.wait_for_update("idle")["last"].clone();
    assert_eq!((&last["slot"], &last["version"]), (&json!("A"), &json!("3")));
    // Where the health gate looks, if it were still to.
    api.send("POST", "/api/system/update/confirm", &json!({}));
    vm.shell("test -e /run/prismatron/confirmed");
    assert!(vm.shell("rauc status --output-format=json").contains(r#""booted":"A""#));

    // And back to the one before, as an administrator asks for it.
    vm.wait_until_confirmed();
    api.send("POST", "/api/system/update/rollback", &json!({}));
    let update = api.wait_for_update("waiting_for_reboot");
    assert_eq!(
        (&update["next"]["slot"], &update["next"]["errand"]),
        (&json!("B"), &json!("roll_back"))
    );
    api.send("POST", "/api/system/update/reboot", &json!({}));
    vm.wait_for_end();
    vm.boot(Boot::Firmware);
    vm.wait_for("slot B — Prismatron for QEMU, 2", 0);
    let last = vm.api().wait_for_update("idle")["last"].clone();
    assert_eq!((&last["slot"], &last["errand"]), (&json!("B"), &json!("roll_back")));
    is_kept(&vm.api());
    vm.cut();
}

#[test]
fn the_show_goes_on_while_it_is_installed_and_nobody_has_to_reboot_into_it() {
    let mut display = Display::new(LEDS);
    let mut vm = Vm::new();
    let bundles = Bundles::new();
    // Nobody starts what is in it.
    let image = bundles.path("second.img");
    std::fs::write(&image, vec![7; 64 << 20]).unwrap();
    let bundle = bundles.bundle("second.raucb", &[&image, "2"]);
    vm.disk().put("provision", "prismatron-setup.ron", &setup_for(&display, ""));
    // It is to be seen while it is installed.
    vm.limit_writes(2 << 20);
    vm.boot(Boot::Kernel);
    let api = vm.api();
    let red = json!({"type": "effect", "effect": "solid", "params": {"colour": "#800000"}});
    let cut = json!({"type": "cut", "duration_seconds": 0});
    api.play(&json!([{"content": red, "duration_seconds": 3600, "transition": cut}]));
    let is_red = |shown: &Shown| matches!(shown.rgb(0), [red, 0, 0] if red > 0);
    let bright = display.wait_for("red", is_red).rgb(0)[0];
    let order = || vm.shell("grep -a ^ORDER= /boot/grub/grubenv");
    vm.wait_until_confirmed();
    for dim in [false, true] {
        api.send("PATCH", "/api/system/update", &json!({"dim": dim}));
        Upload::update(&api, &bundle).unwrap();
        api.wait_for_update("inspected");
        api.send("POST", "/api/system/update/install", &json!({}));
        api.wait_for_update("installing");
        // What has come before is of no account.
        while display.next(Duration::from_millis(1)).is_some() {}
        for _ in 0..5 {
            display.wait_for("light as it is set", |shown| {
                is_red(shown) && (shown.rgb(0)[0] < bright / 2) == dim
            });
        }
        assert_eq!(api.get("/api/system/update")["stage"], "installing", "it came too late");
        api.wait_for_update("waiting_for_reboot");
        display.wait_for("all its light", |shown| shown.rgb(0) == [bright, 0, 0]);
        assert!(order().starts_with("ORDER=B"), "{}", order());
        api.send("DELETE", "/api/system/update", &json!({}));
        assert!(order().starts_with("ORDER=A"), "{}", order());
        assert_eq!(api.get("/api/system/update")["stage"], "idle");
    }
    vm.cut();
}

#[test]
fn what_is_not_fit_is_refused_with_its_reason() {
    let mut vm = Vm::new();
    let bundles = Bundles::new();
    let keys = script("keys", &[]);
    let keys = keys.to_str().unwrap();
    let small = bundles.small();
    let strangers = bundles.path("strangers");
    let make_keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conf/rauc-keys");
    run(Command::new(make_keys).arg(&strangers));
    let fine = bundles.bundle("fine.raucb", &[&small, "2"]);
    let stranger = bundles.bundle("stranger.raucb", &[&small, "2", &strangers]);
    let older = bundles.bundle("older.raucb", &[&small, "0.9"]);
    let other_machine = bundles.bundle("other-machine.raucb", &[&small, "2", keys, "toaster"]);
    let plain = bundles.bundle("plain.raucb", &[&small, "2", keys, COMPATIBLE, "plain"]);
    let truncated = bundles.bundle("truncated.raucb", &[&small, "2"]);
    shorten(&truncated, 1000);
    let unsigned = bundles.bundle("unsigned.raucb", &[&small, "2"]);
    bare(&unsigned);
    let torn = bundles.bundle("torn.raucb", &[&small, "2"]);
    corrupt(&torn, torn.metadata().unwrap().len() - 600);
    let head = bundles.bundle("head.raucb", &[&small, "2"]);
    corrupt(&head, 1);
    let room = vm.disk().partition("slot-b").1;
    let large = bundles.path("large.img");
    File::create(&large).unwrap().set_len(room + (1 << 20)).unwrap();
    let large = bundles.bundle("large.raucb", &[&large, "2"]);
    let middling = bundles.path("middling.img");
    std::fs::write(&middling, vec![7; 8 << 20]).unwrap();
    let corrupted = bundles.bundle("corrupted.raucb", &[&middling, "2"]);
    corrupt(&corrupted, 4 << 20);
    let tree = bundles.bundle("tree.raucb", &[&middling, "2"]);
    corrupt(&tree, squashfs(&tree) + 100);

    vm.boot(Boot::Kernel);
    let api = vm.api();
    for (bundle, cause, says) in [
        (&stranger, "wrong_key", "signed by somebody"),
        (&other_machine, "wrong_compatible", "“toaster”"),
        (&plain, "plain_format", "verity"),
        (&truncated, "truncated", "get it once more"),
        (&unsigned, "unsigned", "Nobody has signed it"),
        (&torn, "corrupted", "not those that were signed"),
        (&large, "too_large", "does not fit"),
    ] {
        let failure = refused(&api, bundle);
        assert_eq!(failure["cause"], cause, "{failure}");
        assert!(failure["message"].as_str().unwrap().contains(says), "{failure}");
    }
    // Of a year in which its certificate has expired, and of one in which nobody has set the clock.
    for (time, cause) in [("2050-01-01", "expired"), ("1970-01-02", "clock_unset")] {
        vm.shell(&format!("timedatectl set-ntp false; date --set={time}"));
        let failure = refused(&vm.api(), &fine);
        assert_eq!(failure["cause"], cause, "{failure}");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    vm.shell(&format!("date --set=@{now}"));

    // What is older may be installed, by somebody who was told.
    let api = vm.api();
    Upload::update(&api, &older).unwrap();
    let bundle = api.wait_for_update("inspected")["bundle"].clone();
    assert_eq!((&bundle["version"], &bundle["direction"]), (&json!("0.9"), &json!("down")));
    let said = bundle["changelog"].as_str().unwrap();
    assert!(said.lines().count() > 2 && newest_changes().starts_with(said), "{said}");
    api.send("DELETE", "/api/system/update", &json!({}));

    // What is damaged further in shows while it is written, which nothing is before this boot is confirmed.
    vm.wait_until_confirmed();
    for bundle in [&corrupted, &head, &tree] {
        Upload::update(&api, bundle).unwrap();
        api.wait_for_update("inspected");
        api.send("POST", "/api/system/update/install", &json!({}));
        let failure = api.wait_for_update("failed")["failure"].clone();
        assert_eq!(failure["cause"], "corrupted", "{failure}");
    }

    assert!(vm.shell("cat /boot/grub/grubenv").contains("ORDER=A B"));
    let system = std::fs::read(vm.made().join("slot.squashfs")).unwrap();
    assert!(vm.disk().read("slot-a", 0, system.len()) == system, "the running system was touched");
    assert_eq!(vm.shell("ls /var/lib/prismatron/uploads"), "lock", "nothing is left of them");
    vm.cut();
}
