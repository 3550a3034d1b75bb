//! The chain of ffmpeg filters that brings a video to the canvas.

use prismatron_core::media::Fit;
use prismatron_core::unit::Size;

use super::rate::Rate;

/// Fits what comes, square pixels or not, to the canvas, at a constant rate where one is given.
pub(super) fn chain(fit: Fit, canvas: Size, rate: Option<Rate>) -> String {
    let (w, h) = (canvas.width(), canvas.height());
    // start_time=0 shows the first frame from the start where the picture begins after the sound, and from
    // the time sought where the frame that is shown then began before it.
    let rate = rate.map(|rate| format!("fps={rate}:start_time=0,")).unwrap_or_default();
    let shape = match fit {
        Fit::Stretch => format!("scale={w}:{h}:flags=bilinear"),
        Fit::Cover => format!(
            "crop=w='max(1,min(iw,ih*{w}/{h}/sar))':h='max(1,min(ih,iw*sar*{h}/{w}))':exact=1,\
             scale={w}:{h}:flags=bilinear"
        ),
        Fit::Contain => format!(
            "scale=w='max(1,min({w},round({h}*iw*sar/ih)))':h='max(1,min({h},round({w}*ih/iw/sar)))'\
             :flags=bilinear,pad={w}:{h}:-1:-1"
        ),
    };
    format!("{rate}{shape},setsar=1")
}
