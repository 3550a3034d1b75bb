//! Media made by the real ffmpeg.

use std::path::Path;
use std::process::Command;

/// Runs ffmpeg to write a file.
///
/// # Panics
/// It fails.
pub fn ffmpeg(args: &[&str], file: &Path) {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-y"])
        .args(args)
        .arg(file)
        .output()
        .expect("ffmpeg is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// One second each of red, green and blue, 25 frames a second, 320×192.
pub fn colours(file: &Path, more: &[&str]) {
    let mut args = Vec::new();
    let sources: Vec<String> = ["red", "lime", "blue"]
        .iter()
        .map(|colour| format!("color=c={colour}:s=320x192:r=25:d=1"))
        .collect();
    for source in &sources {
        args.extend(["-f", "lavfi", "-i", source]);
    }
    args.extend(["-filter_complex", "[0][1][2]concat=n=3"]);
    args.extend(more);
    ffmpeg(&args, file);
}
