//! What ffprobe says of a video, read from its JSON.

use std::time::Duration;

use serde::Deserialize;

/// A video's first picture stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Short name of the codec: `h264`.
    pub codec: String,
    /// Width and height of the frames in the file.
    pub stored: (u32, u32),
    /// Width and height as shown: turned, and with square pixels.
    pub shown: (u32, u32),
    /// Average frames a second.
    pub fps: Option<f32>,
    /// Time of the picture stream, or of the whole file where the stream does not tell.
    pub duration: Option<Duration>,
}

/// Why ffprobe's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// There is no picture stream.
    #[error("there is no video in this file")]
    NoVideo,
    /// The stream has no size.
    #[error("the video does not say how large its picture is")]
    NoSize,
    /// It is not JSON as ffprobe writes it.
    #[error("ffprobe's answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    sample_aspect_ratio: String,
    #[serde(default)]
    avg_frame_rate: String,
    #[serde(default)]
    r_frame_rate: String,
    #[serde(default)]
    duration: String,
    #[serde(default)]
    side_data_list: Vec<SideData>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
struct Tags {
    #[serde(default, rename = "DURATION")]
    duration: String,
}

#[derive(Deserialize)]
struct SideData {
    #[serde(default)]
    rotation: f64,
}

#[derive(Default, Deserialize)]
struct Format {
    #[serde(default)]
    duration: String,
}

impl Facts {
    /// Reads the output of `ffprobe -show_streams -show_format -of json`.
    ///
    /// # Errors
    /// It is not that, or tells of no video.
    pub fn parse(json: &[u8]) -> Result<Self, FactsError> {
        let answer: Answer = serde_json::from_slice(json).map_err(FactsError::Unreadable)?;
        let stream = answer.streams.into_iter().next().ok_or(FactsError::NoVideo)?;
        let stored = (stream.width, stream.height);
        if stored.0 == 0 || stored.1 == 0 {
            return Err(FactsError::NoSize);
        }
        let pixel = ratio(&stream.sample_aspect_ratio, ':').unwrap_or(1.0).clamp(0.01, 100.0);
        let across = (f64::from(stored.0) * pixel).round().clamp(1.0, f64::from(u32::MAX)) as u32;
        let rotation = stream.side_data_list.iter().map(|data| data.rotation).find(|r| *r != 0.0);
        let quarter = (rotation.unwrap_or(0.0) / 90.0).round() as i64;
        let shown = if quarter % 2 == 0 { (across, stored.1) } else { (stored.1, across) };
        let duration = seconds(&stream.duration)
            .or_else(|| clock(&stream.tags.duration))
            .or_else(|| seconds(&answer.format.duration));
        let fps = fps(ratio(&stream.avg_frame_rate, '/'), ratio(&stream.r_frame_rate, '/'));
        Ok(Self { codec: stream.codec_name, stored, shown, fps, duration })
    }
}

/// The rate to play at: the average, or the base rate where frames are of uneven length, as phones record.
fn fps(average: Option<f64>, base: Option<f64>) -> Option<f32> {
    let uneven = |average: f64, base: f64| (average - base).abs() > base * 0.005;
    match (average, base) {
        (Some(average), Some(base)) if base <= 60.5 && uneven(average, base) => Some(base as f32),
        (average, base) => average.or(base).map(|fps| fps as f32),
    }
}

fn ratio(text: &str, sign: char) -> Option<f64> {
    let (num, den) = text.split_once(sign)?;
    let (num, den): (f64, f64) = (num.parse().ok()?, den.parse().ok()?);
    let ratio = num / den;
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).ok() } else { None }
}

/// Hours, minutes and seconds as Matroska's tag has them: `00:01:02.500000000`.
fn clock(text: &str) -> Option<Duration> {
    let mut parts = text.splitn(3, ':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let rest: f64 = parts.next()?.parse().ok()?;
    let seconds = hours * 3600.0 + minutes * 60.0 + rest;
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_video_lying_on_its_side() {
        let facts = Facts::parse(
            br#"{"streams":[{"codec_name":"h264","width":1920,"height":1080,"sample_aspect_ratio":"1:1",
                "avg_frame_rate":"17821/600","r_frame_rate":"30/1","duration":"2.5","tags":{"language":"und"},
                "side_data_list":[{"side_data_type":"Display Matrix","rotation":-90}]}],
                "format":{"duration":"2.6"}}"#,
        );
        let expected = Facts {
            codec: "h264".into(),
            stored: (1920, 1080),
            shown: (1080, 1920),
            fps: Some(30.0),
            duration: Some(Duration::from_millis(2500)),
        };
        assert_eq!(facts.unwrap(), expected);
    }

    #[test]
    fn matroska_keeps_the_duration_in_a_tag() {
        let facts = Facts::parse(
            br#"{"streams":[{"width":720,"height":576,"sample_aspect_ratio":"64:45","avg_frame_rate":"0/0",
                "r_frame_rate":"25/1","tags":{"DURATION":"00:01:02.500000000"}}],"format":{"duration":"99"}}"#,
        )
        .unwrap();
        assert_eq!(facts.duration, Some(Duration::from_millis(62_500)));
        assert_eq!((facts.shown, facts.fps), ((1024, 576), Some(25.0)));
    }

    #[test]
    fn useless_answers() {
        assert!(matches!(Facts::parse(b"{}"), Err(FactsError::NoVideo)));
        assert!(matches!(Facts::parse(br#"{"streams":[{}]}"#), Err(FactsError::NoSize)));
        assert!(matches!(Facts::parse(b"no"), Err(FactsError::Unreadable(_))));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(json: Vec<u8>, text in ".*") {
            let _ = Facts::parse(&json);
            let _ = (seconds(&text), clock(&text), ratio(&text, '/'));
        }
    }
}
