//! A client of resumable uploads that can be cut at any byte (<https://tus.io/protocols/resumable-upload>, 1.0.0).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use ureq::http::{Request, Response};
use ureq::{Body, SendBody};

use crate::api::Api;
use crate::appliance::agent;

/// Bytes that an emulated machine takes well within the time an answer may take.
const PIECE: usize = 4 << 20;

/// An upload that was begun.
#[derive(Debug, Clone)]
pub struct Upload {
    path: String,
}

impl Upload {
    /// Begins one of a medium.
    ///
    /// # Errors
    /// The status of the answer and its words, or 0 where none came.
    pub fn begin(api: &Api, name: &str, length: u64) -> Result<Self, (u16, String)> {
        Self::begin_at(api, "/api/uploads", name, length)
    }

    /// Uploads an update.
    ///
    /// # Errors
    /// As for `begin`.
    pub fn update(api: &Api, bundle: &Path) -> Result<(), (u16, String)> {
        let name = bundle.file_name().unwrap().to_str().unwrap();
        let file = File::open(bundle).unwrap();
        let length = file.metadata().unwrap().len();
        let upload = Self::begin_at(api, "/api/system/update/uploads", name, length)?;
        let mut offset = 0;
        while offset < length {
            let mut piece = vec![0; PIECE.min((length - offset) as usize)];
            file.read_exact_at(&mut piece, offset).unwrap();
            offset = upload.send(api, offset, &piece)?;
        }
        Ok(())
    }

    fn begin_at(api: &Api, path: &str, name: &str, length: u64) -> Result<Self, (u16, String)> {
        let metadata = format!("filename {}", BASE64_STANDARD.encode(name));
        let request = request(api, "POST", path)
            .header("Upload-Length", length.to_string())
            .header("Upload-Metadata", metadata);
        let answer = agent().run(request.body(()).unwrap());
        let answer = ok(answer)?;
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let path = location.strip_prefix(&api.base).unwrap_or(&location).to_owned();
        Ok(Self { path })
    }

    /// Sends bytes that go at this offset, and returns the next.
    ///
    /// # Errors
    /// As for `begin`.
    pub fn send(&self, api: &Api, offset: u64, bytes: &[u8]) -> Result<u64, (u16, String)> {
        let request = request(api, "PATCH", &self.path)
            .header("Upload-Offset", offset.to_string())
            .header("Content-Type", "application/offset+octet-stream");
        let answer = agent().run(request.body(SendBody::from_reader(&mut &bytes[..])).unwrap());
        Ok(offset_of(&ok(answer)?))
    }

    /// How much has arrived, if the upload is still known, once nobody is at it any more: a file that was whole when the
    /// power went is read at the start.
    ///
    /// # Errors
    /// As for `begin`.
    pub fn offset(&self, api: &Api) -> Result<u64, (u16, String)> {
        loop {
            let answer = agent().run(request(api, "HEAD", &self.path).body(()).unwrap());
            match ok(answer) {
                Err((423, _)) => std::thread::sleep(Duration::from_millis(100)),
                answer => return Ok(offset_of(&answer?)),
            }
        }
    }
}

fn request(api: &Api, method: &str, path: &str) -> ureq::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("{}{path}", api.base))
        .header("Authorization", format!("Bearer {}", api.token))
        .header("Tus-Resumable", "1.0.0")
}

fn ok(answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, (u16, String)> {
    let mut answer = answer.map_err(|error| (0, error.to_string()))?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Err((answer.status().as_u16(), text))
}

fn offset_of(answer: &Response<Body>) -> u64 {
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}
