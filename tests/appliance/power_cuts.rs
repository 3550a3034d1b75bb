//! Power that goes at any moment, on a disk that then loses what it was not told to flush.
//!
//! After each cut it has to boot, with one of the two systems whole, with everything it has said is saved, and with
//! nothing left over. `PRISMATRON_CUTS` is how many cuts each of these takes; without it only one is run, with one cut.

use std::collections::BTreeMap;
use std::fs;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prismatron_tests::api::Api;
use prismatron_tests::chance::chance;
use prismatron_tests::in_all;
use prismatron_tests::qemu::{Boot, Vm};
use prismatron_tests::tus::Upload;
use serde_json::{Value, json};

use crate::bundles::Bundles;

fn cuts() -> u32 {
    std::env::var("PRISMATRON_CUTS").map_or(1, |cuts| cuts.parse().unwrap())
}

/// Whether a test that takes long is run: with all, or where somebody has said how many cuts.
fn is_in(test: &str) -> bool {
    std::env::var_os("PRISMATRON_CUTS").is_some() || in_all(test)
}

/// One whose cuts are as bad as real ones.
fn vm() -> Vm {
    let mut vm = Vm::new();
    vm.have_volatile_cache();
    vm
}

/// A moment that is as likely before this as any other.
fn within(time: Duration, chance: &mut fastrand::Rng) -> Duration {
    time.mul_f64(chance.f64())
}

/// How long something takes here, where it is not cut.
fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    let took = began.elapsed();
    println!("uncut it takes {took:?}");
    took
}

const SAVING: Duration = Duration::from_secs(20);
/// Of a thousand playlists that there may be.
const MANY: usize = 900;

/// Nothing was set aside, mended by halves or forgotten half-written.
fn nothing_is_broken_or_left_over(vm: &Vm, api: &Api) {
    let status = api.get("/api/status");
    // What is written of the boot loader's state can be cut by halves, and is made anew then.
    let is_other = |finding: &&Value| finding["subject"] != "boot loader";
    for finding in status["health"]["findings"].as_array().unwrap().iter().filter(is_other) {
        for word in ["set aside", "corrupt", "made anew", "cannot be used", "damaged"] {
            assert!(!finding.to_string().contains(word), "{finding}");
        }
    }
    // What is being saved at this moment has a draft too, for a moment.
    let drafts =
        r"find /data/overlay /data/os \( -name '*.new' -o -name '*.tmp' -o -name '.tmp*' \)";
    vm.wait_until(&format!("left=$({drafts}); echo $left; [ -z \"$left\" ]"));
}

#[test]
fn no_playlist_that_was_saved_is_lost() {
    let (mut vm, mut chance) = (vm(), chance());
    let mut saved = BTreeMap::new();
    for cut in 0..=cuts() {
        vm.boot(Boot::Kernel);
        let api = vm.api();
        for (id, name) in &saved {
            assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], json!(name));
        }
        nothing_is_broken_or_left_over(&vm, &api);
        if cut == cuts() {
            break;
        }
        let saving = save_on(api, cut, saved);
        vm.cut_after(within(SAVING, &mut chance), &mut chance);
        saved = saving.join().unwrap();
        println!("{} playlists are said to be saved", saved.len());
    }
    vm.cut();
}

/// Makes playlists, and renames them, until nobody answers; returns what was said to be saved.
fn save_on(
    api: Api,
    cut: u32,
    mut saved: BTreeMap<String, String>,
) -> JoinHandle<BTreeMap<String, String>> {
    std::thread::spawn(move || {
        for count in 0.. {
            let name = format!("cut {cut}, number {count}");
            let is_full = saved.len() >= MANY;
            let again = saved.keys().next_back().filter(|_| is_full || count % 2 == 1).cloned();
            let answer = match &again {
                Some(id) => api.try_call(
                    "PATCH",
                    &format!("/api/playlists/{id}"),
                    Some(&json!({"name": name})),
                ),
                None => api.try_call("POST", "/api/playlists", Some(&json!({"name": name}))),
            };
            match answer {
                Ok((200..300, playlist)) => {
                    let id = again.unwrap_or_else(|| playlist["id"].as_str().unwrap().to_owned());
                    saved.insert(id, name);
                }
                Ok((status, answer)) => panic!("{status}: {answer}"),
                Err(_) => {
                    // Whether it was renamed nobody has said: either is right.
                    if let Some(id) = again {
                        saved.remove(&id);
                    }
                    break;
                }
            }
        }
        saved
    })
}

#[test]
fn an_upload_goes_on_where_it_was() {
    if !is_in("an_upload_goes_on_where_it_was") {
        return;
    }
    const PIECE: usize = 64 << 10;
    let (mut vm, mut chance) = (vm(), chance());
    let picture = bitmap(1_500, 1_000);
    let length = picture.len() as u64;
    let mut upload: Option<(Upload, u64)> = None;
    let mut arrived: Option<u64> = None;
    // How many pictures there were before this one.
    let mut before = 0;
    for cut in 0..=cuts() {
        vm.boot(Boot::Kernel);
        let api = vm.api();
        nothing_is_broken_or_left_over(&vm, &api);
        // What it has said has arrived is there, or is a picture already.
        if let (Some((begun, acknowledged)), None) = (&upload, arrived) {
            match begun.offset(&api) {
                Ok(offset) => assert!(offset >= *acknowledged, "{offset} of {acknowledged}"),
                Err((404 | 410, _)) => {
                    assert_eq!(pictures(&api), before + 1, "{acknowledged} of {length}");
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        let (begun, mut offset) = match upload.take() {
            Some((begun, _)) if arrived.is_none() && begun.offset(&api).is_ok() => {
                let offset = begun.offset(&api).unwrap();
                (begun, offset)
            }
            _ => {
                before = pictures(&api);
                (Upload::begin(&api, "large.bmp", length).unwrap(), 0)
            }
        };
        let sending = {
            let (begun, picture, is_last) = (begun.clone(), picture.clone(), cut == cuts());
            std::thread::spawn(move || {
                while offset < length {
                    let at = offset as usize;
                    let piece = &picture[at..picture.len().min(at + PIECE)];
                    match begun.send(&api, offset, piece) {
                        Ok(next) => offset = next,
                        Err((0, _)) if !is_last => break,
                        Err(error) => panic!("{error:?}"),
                    }
                }
                (offset, api)
            })
        };
        if cut == cuts() {
            let (offset, api) = sending.join().unwrap();
            assert_eq!(offset, length);
            assert!(pictures(&api) >= 1);
            let left = vm.shell("find /var/lib/prismatron/uploads -type f ! -name lock");
            assert_eq!(left, "");
            vm.shell("prismatron verify --data-dir /var/lib/prismatron");
            break;
        }
        vm.cut_after(within(SAVING, &mut chance), &mut chance);
        let (acknowledged, _) = sending.join().unwrap();
        println!("{acknowledged} of {length} bytes are said to have arrived");
        arrived = (acknowledged == length).then_some(acknowledged);
        upload = Some((begun, acknowledged));
    }
    vm.cut();
}

fn pictures(api: &Api) -> usize {
    let media = api.get("/api/media");
    media["media"].as_array().unwrap().iter().filter(|file| file["name"] == "large.bmp").count()
}

/// An uncompressed picture (BITMAPINFOHEADER, 24 bits).
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let size = 54 + row * height;
    let mut file = b"BM".to_vec();
    for word in [size, 0, 54, 40, width, height, 1 | 24 << 16, 0, row * height, 2835, 2835, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend((0..row * height).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8));
    file
}

#[test]
fn a_first_boot_that_is_cut_is_a_first_boot_again() {
    if !is_in("a_first_boot_that_is_cut_is_a_first_boot_again") {
        return;
    }
    let mut chance = chance();
    let whole = time(|| {
        let mut vm = vm();
        vm.boot(Boot::Kernel);
        vm.wait_for("claim     ", 0);
        vm.cut();
    });
    for _ in 0..cuts() {
        let mut vm = vm();
        vm.boot(Boot::Kernel);
        vm.cut_after(within(whole, &mut chance), &mut chance);
        vm.boot(Boot::Kernel);
        vm.wait_for("claim     ", 0);
        let api = vm.api();
        assert_eq!(api.get("/api/claim")["claimed"], false);
        api.wait_for("the demonstration", |status| {
            status["player"]["playlist"]["name"] == "Demonstration"
        });
        nothing_is_broken_or_left_over(&vm, &api);
        let size = vm.shell("blockdev --getsize64 /dev/disk/by-partlabel/data");
        assert!(size.parse::<u64>().unwrap() > 512 << 20, "{size}");
        vm.cut();
    }
}

#[test]
fn what_a_cut_has_left_of_the_boot_loaders_state_is_made_anew() {
    if !is_in("what_a_cut_has_left_of_the_boot_loaders_state_is_made_anew") {
        return;
    }
    let mut vm = Vm::new();
    vm.boot(Boot::Firmware);
    vm.wait_until_confirmed();
    // As grub-editenv leaves it where the power goes before what it writes is there.
    vm.shell(": >/boot/grub/grubenv");
    vm.cut();
    vm.boot(Boot::Firmware);
    let told = "What it knows of the slots was damaged, and has been made anew: slot A";
    vm.wait_for(&format!("! boot loader: {told}"), 0);
    vm.api()
        .wait_for("the finding", |status| status["health"]["findings"].to_string().contains(told));
    // RAUC reads it, and writes it again.
    vm.wait_until_confirmed();
    let state = vm.shell("grub-editenv /boot/grub/grubenv list");
    assert_eq!(state, "ORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0");
    vm.shell("rauc status mark-active other");
    assert!(vm.shell("grub-editenv /boot/grub/grubenv list").contains("ORDER=B A"));
    vm.cut();
}

/// The two systems that a slot may hold.
struct Systems([Vec<u8>; 2]);

impl Systems {
    /// The slot that runs holds one of them, whole; which one.
    fn running(&self, vm: &Vm) -> usize {
        let slot = vm.shell("sed -n 's/.*rauc.slot=\\([AB]\\).*/\\L\\1/p' /proc/cmdline");
        let holds =
            |system: &Vec<u8>| vm.disk().read(&format!("slot-{slot}"), 0, system.len()) == *system;
        self.0.iter().position(holds).expect("the slot that runs is not whole")
    }
}

/// A second system, in a bundle on a disk of its own.
fn update(vm: &mut Vm, bundles: &Bundles) -> Systems {
    let new = bundles.slot("new.img", "2", "");
    bundles.bundle("new.raucb", &[&new, "2"]);
    vm.add_disk(&bundles.image());
    Systems([vm.made().join("slot.squashfs"), new.into()].map(|system| fs::read(system).unwrap()))
}

const INSTALL: &str = "mkdir -p /run/bundles && (mountpoint --quiet /run/bundles || mount -t squashfs /dev/vdb /run/bundles) && rauc install /run/bundles/new.raucb";

#[test]
fn an_install_that_is_cut_leaves_a_whole_system() {
    if !is_in("an_install_that_is_cut_leaves_a_whole_system") {
        return;
    }
    let (mut vm, mut chance) = (vm(), chance());
    let bundles = Bundles::new();
    let systems = update(&mut vm, &bundles);
    let mut whole = None;
    for cut in 0..=cuts() {
        vm.boot(Boot::Firmware);
        let api = vm.api();
        let running = systems.running(&vm);
        println!("system {} runs", running + 1);
        nothing_is_broken_or_left_over(&vm, &api);
        if cut == cuts() {
            break;
        }
        // As by hand: that it is by itself others show, and a minute is long where it is waited for often.
        vm.shell("touch /run/prismatron/confirmed");
        vm.wait_until_confirmed();
        let whole = *whole.get_or_insert_with(|| time(|| drop(vm.shell(INSTALL))));
        vm.shell(&format!("({INSTALL}) >/run/install.log 2>&1 &"));
        vm.cut_after(within(whole, &mut chance), &mut chance);
    }
    vm.shell(INSTALL);
    vm.cut();
}

#[test]
fn a_cut_before_an_update_is_confirmed_leaves_a_whole_system() {
    if !is_in("a_cut_before_an_update_is_confirmed_leaves_a_whole_system") {
        return;
    }
    let (mut vm, mut chance) = (vm(), chance());
    let bundles = Bundles::new();
    let systems = update(&mut vm, &bundles);
    vm.boot(Boot::Firmware);
    let began = Instant::now();
    let api = vm.api();
    let kept = api.send("POST", "/api/playlists", &json!({"name": "Kept"}));
    let id = kept["id"].as_str().unwrap().to_owned();
    vm.wait_until_confirmed();
    let whole = began.elapsed();
    vm.shell(INSTALL);
    vm.shell("systemctl --no-block reboot");
    vm.wait_for_end();
    let installed = vm.keep();
    for _ in 0..cuts() {
        vm.put_back(&installed);
        vm.boot(Boot::Firmware);
        vm.cut_after(within(whole, &mut chance), &mut chance);
        vm.boot(Boot::Firmware);
        let api = vm.api();
        println!("system {} runs", systems.running(&vm) + 1);
        let playlist = api.get(&format!("/api/playlists/{id}"));
        assert_eq!(playlist["name"], "Kept");
        nothing_is_broken_or_left_over(&vm, &api);
        // Whichever it is, it is confirmed.
        vm.wait_until_confirmed();
        vm.cut();
    }
}
