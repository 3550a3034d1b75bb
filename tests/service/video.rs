//! ffmpeg works as a child of the service, under all its hardening.

use prismatron_tests::media;
use serde_json::json;

use crate::{UNIT, playing};

#[test]
fn an_uploaded_video_is_played() {
    let (machine, mut display, api) = playing();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("colours.mp4");
    media::colours(&file, &["-c:v", "libx264", "-pix_fmt", "yuv420p"]);
    machine.in_network(|| {
        let id = api.upload_media(&file);
        api.play(&json!([{
            "content": {"type": "media", "media": id},
            "duration_seconds": 3600,
            "transition": {"type": "cut", "duration_seconds": 0},
        }]));
    });
    for (channel, colour) in ["red", "green", "blue"].iter().enumerate() {
        display.wait_for(colour, |shown| {
            shown
                .rgb(0)
                .iter()
                .enumerate()
                .all(|(i, &v)| if i == channel { v > 235 } else { v < 12 })
        });
    }
    // The decoder is one of the service's own processes, with no more capabilities than it has.
    machine.wait_until("ffmpeg runs", || {
        machine
            .shell(&format!("cat /sys/fs/cgroup/systemd/system.slice/{UNIT}/cgroup.procs"))
            .lines()
            .count()
            > 1
    });
}
