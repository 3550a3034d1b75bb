//! What a script would say to a running program.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::appliance::agent;

/// A program's HTTP API, with a token for all of it.
#[derive(Debug, Clone)]
pub struct Api {
    /// `http://127.0.0.1:PORT`, or with `https`
    pub base: String,
    /// A bearer token.
    pub token: String,
    /// Nothing it is waited for takes this long unless it hangs.
    pub patience: Duration,
}

impl Api {
    /// `HOST:PORT`
    pub fn address(&self) -> &str {
        self.base.split_once("://").unwrap().1
    }

    /// A raw connection to it.
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).unwrap()
    }

    /// Sends a request with the token and returns status and JSON body (`Null` where there is none).
    ///
    /// # Panics
    /// Nobody answers.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.try_call(method, path, body).unwrap()
    }

    /// The same where perhaps nobody answers.
    ///
    /// # Errors
    /// Nobody does.
    pub fn try_call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), ureq::Error> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {}", self.token));
        let agent = agent();
        let mut response = match body {
            Some(json) => agent.run(
                request.header("Content-Type", "application/json").body(json.to_string()).unwrap(),
            ),
            None => agent.run(request.body(()).unwrap()),
        }?;
        let text = response.body_mut().read_to_string()?;
        Ok((response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Signs in by name, as anybody on the network; returns the status and the session's cookie.
    pub fn sign_in(&self, name: &str, password: &str) -> (u16, String) {
        let url = format!("{}/api/session", self.base);
        let document = serde_json::json!({ "name": name, "password": password });
        let request = agent().post(&url).header("Content-Type", "application/json");
        let answer = request.send(document.to_string()).unwrap();
        let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        (answer.status().as_u16(), cookie.to_owned())
    }

    /// Whether a session goes on.
    pub fn is_signed_in(&self, cookie: &str) -> bool {
        let url = format!("{}/api/session", self.base);
        agent().get(&url).header("Cookie", cookie).call().unwrap().status() == 200
    }

    /// `GET`, which must succeed.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, None);
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// `GET` of a file, which must succeed.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let request = agent().get(format!("{}{path}", self.base));
        let answer = request.header("Authorization", format!("Bearer {}", self.token)).call();
        let mut answer = answer.unwrap();
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.body_mut().read_to_vec().unwrap()
    }

    /// `POST` of a file; returns status and JSON body.
    pub fn post_bytes(&self, path: &str, bytes: &[u8]) -> (u16, Value) {
        let request = agent().post(format!("{}{path}", self.base));
        let mut answer = request
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/octet-stream")
            .send(bytes)
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// `POST` (or another method), which must succeed.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(method, path, Some(body));
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Uploads a file as `curl -F file=@…` does and returns status and body.
    pub fn upload(&self, file: &Path) -> (u16, Value) {
        let output = Command::new("curl")
            .args(["-sS", "-w", "\n%{http_code}", "-H"])
            .arg(format!("Authorization: Bearer {}", self.token))
            .arg("-F")
            .arg(format!("file=@{}", file.display()))
            .arg(format!("{}/api/media", self.base))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Uploads a file that must be taken, and returns its id.
    pub fn upload_media(&self, file: &Path) -> String {
        let (status, body) = self.upload(file);
        assert_eq!(status, 201, "{}: {body}", file.display());
        body["media"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a playlist of these items (as the API takes them), plays it, and returns its id.
    pub fn play(&self, items: &Value) -> String {
        let playlist = self.send("POST", "/api/playlists", &serde_json::json!({"name": "test"}));
        let id = playlist["id"].as_str().unwrap().to_owned();
        self.send(
            "POST",
            &format!("/api/playlists/{id}/items"),
            &serde_json::json!({"items": items}),
        );
        self.send("POST", &format!("/api/playlists/{id}/activate"), &serde_json::json!({}));
        id
    }

    /// Asks for the status until it is as wanted.
    ///
    /// # Panics
    /// It does not come to that.
    pub fn wait_for(&self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let until = Instant::now() + self.patience;
        loop {
            let status = self.get("/api/status");
            if wanted(&status) {
                return status;
            }
            assert!(Instant::now() < until, "never {what}: {status:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks where an update stands until it stands there.
    ///
    /// # Panics
    /// It fails, or does not come there.
    pub fn wait_for_update(&self, stage: &str) -> Value {
        let until = Instant::now() + self.patience;
        loop {
            // An emulated machine that writes all it can may be too slow for a request.
            let update = self
                .try_call("GET", "/api/system/update", None)
                .map_or(Value::Null, |(_, update)| update);
            if update["stage"] == stage {
                return update;
            }
            assert!(update["stage"] != "failed", "it fails before it is {stage}: {update:#}");
            assert!(Instant::now() < until, "never {stage}: {update:#}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}
