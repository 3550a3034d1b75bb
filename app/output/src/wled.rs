//! Asks a WLED controller whether it is there: `GET /json/info`, <https://kno.wled.ge/interfaces/json-api/>.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;

/// Most bytes of an answer that are read; WLED's are about two thousand.
const ANSWER_BYTES: u64 = 64 * 1024;
/// Most characters of a name or version that are kept.
const TEXT_CHARS: usize = 64;

/// What a WLED controller says about itself, as far as it does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// Name its owner gave it.
    pub name: Option<String>,
    /// Version of WLED.
    pub version: Option<String>,
    /// How many LEDs it drives.
    pub leds: Option<u64>,
    /// How many segments it can have.
    pub segments: Option<u64>,
}

impl Info {
    /// Reads an answer. What is missing or of another type is left out; `None` is something that is no
    /// JSON object at all.
    pub fn parse(answer: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(answer).ok()?;
        let object = value.as_object()?;
        let text = |key| object.get(key).and_then(Value::as_str).and_then(presentable);
        let number =
            |key| object.get("leds").and_then(|leds| leds.get(key)).and_then(Value::as_u64);
        Some(Self {
            name: text("name"),
            version: text("ver"),
            leds: number("count"),
            segments: number("maxseg"),
        })
    }

    /// In a line for people.
    pub fn describe(&self) -> String {
        let name = self.name.as_deref().unwrap_or("WLED");
        let version = self.version.as_ref().map(|version| format!(" (WLED {version})"));
        let leds = self.leds.map(|leds| format!(", {leds} LEDs"));
        format!("{name}{}{}", version.unwrap_or_default(), leds.unwrap_or_default())
    }
}

/// Text from outside, without control characters and not too long.
fn presentable(text: &str) -> Option<String> {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Asks the controller at an address. `host` is the name it is known by, for a proxy before it.
///
/// # Errors
/// Why there was no answer, in words for people.
pub fn ask(address: IpAddr, port: u16, host: &str, at_most: Duration) -> Result<Info, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(at_most))
        .http_status_as_error(false)
        .proxy(None)
        .max_redirects(0)
        .max_idle_connections(0)
        .build()
        .into();
    let url = format!("http://{}/json/info", SocketAddr::new(address, port));
    let mut answer = agent
        .get(&url)
        .header("Host", host)
        .header("Connection", "close")
        .call()
        .map_err(|error| error.to_string())?;
    if answer.status() != 200 {
        return Err(format!("HTTP status {}", answer.status().as_u16()));
    }
    let body = answer
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES)
        .read_to_vec()
        .map_err(|error| error.to_string())?;
    Info::parse(&body).ok_or_else(|| "the answer is not WLED's".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes.
    fn server(answer: Vec<u8>) -> (SocketAddr, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            let _ = stream.write_all(&answer);
            String::from_utf8(request).unwrap()
        });
        (address, thread)
    }

    fn answered(head: &str, body: &[u8]) -> Result<Info, String> {
        let (address, thread) = server([head.as_bytes(), b"\r\n\r\n", body].concat());
        let answer = ask(address.ip(), address.port(), "wled.local", Duration::from_secs(10));
        let request = thread.join().unwrap();
        assert!(request.starts_with("GET /json/info HTTP/1.1\r\n"), "{request}");
        assert!(request.to_lowercase().contains("host: wled.local\r\n"), "{request}");
        answer
    }

    #[test]
    fn a_controller_tells_its_name_version_and_leds() {
        let body = br#"{"ver":"0.15.0","leds":{"count":300,"maxseg":32,"fps":5},"name":"Kitchen"}"#;
        let info = answered("HTTP/1.1 200 OK\r\nContent-Type: application/json", body).unwrap();
        assert_eq!(info.describe(), "Kitchen (WLED 0.15.0), 300 LEDs");
        assert_eq!(info.segments, Some(32));
    }

    #[test]
    fn other_answers_are_failures_in_words() {
        assert_eq!(answered("HTTP/1.1 404 Not Found", b"").unwrap_err(), "HTTP status 404");
        assert_eq!(answered("HTTP/1.1 200 OK", b"<html>").unwrap_err(), "the answer is not WLED's");
        assert!(answered("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/", b"").is_err());
        assert!(answered("nonsense", b"").is_err());
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let endless = answered("HTTP/1.1 200 OK", &vec![b' '; 200_000]);
        assert!(endless.is_err(), "{endless:?}");
    }

    #[test]
    fn fields_of_other_types_are_left_out() {
        let info = Info::parse(br#"{"name":7,"ver":"  ","leds":[1]}"#).unwrap();
        assert_eq!(info, Info::default());
        assert_eq!(info.describe(), "WLED");
        let hostile = format!(r#"{{"name":"{}\u001b[31m"}}"#, "x".repeat(1000));
        assert_eq!(Info::parse(hostile.as_bytes()).unwrap().name.unwrap(), "x".repeat(64));
        assert_eq!(Info::parse(b"[]"), None);
        assert_eq!(Info::parse(b""), None);
    }
}
