//! A web server of files that are read in pieces (RFC 9110, section 14), which counts what was fetched.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The server, on loopback, until the test ends.
pub struct FileServer {
    port: u16,
    sent: Arc<AtomicU64>,
}

impl FileServer {
    /// Serves the files of a folder.
    pub fn serve(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, sent) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (folder, count) = (folder.clone(), Arc::clone(&count));
                // A peer that goes away is none of the server's business.
                std::thread::spawn(move || drop(answer_all(&stream, &folder, &count)));
            }
        });
        Self { port, sent }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes of files that were sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Answers one request after the other, as long as the peer likes.
fn answer_all(stream: &TcpStream, folder: &Path, count: &AtomicU64) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(request) = lines.next().transpose()? {
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut range = None;
        while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
            let line = line.to_ascii_lowercase();
            range = range.or_else(|| line.strip_prefix("range: bytes=").map(str::to_owned));
        }
        let Ok(file) = File::open(folder.join(path.trim_start_matches('/'))) else {
            write!(&mut &*stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        };
        let length = file.metadata()?.len();
        let (from, to) = match range.as_deref().and_then(|range| range.split_once('-')) {
            Some((from, to)) => {
                let number = |text: &str| text.parse::<u64>().ok();
                (number(from).unwrap(), number(to).map_or(length, |to| length.min(to + 1)))
            }
            None => (0, length),
        };
        let status = match range {
            Some(_) => {
                let last = to.saturating_sub(1);
                format!("206 Partial Content\r\nContent-Range: bytes {from}-{last}/{length}")
            }
            None => "200 OK".to_owned(),
        };
        let body = to.saturating_sub(from);
        write!(
            &mut &*stream,
            "HTTP/1.1 {status}\r\nAccept-Ranges: bytes\r\nContent-Length: {body}\r\n\r\n"
        )?;
        if method != "HEAD" {
            send(stream, &file, from..to, count)?;
        }
    }
    Ok(())
}

fn send(
    mut stream: &TcpStream,
    file: &File,
    mut range: Range<u64>,
    count: &AtomicU64,
) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    while !range.is_empty() {
        let most = bytes.len().min((range.end - range.start) as usize);
        let read = file.read_at(&mut bytes[..most], range.start)?;
        stream.write_all(&bytes[..read])?;
        count.fetch_add(read as u64, Ordering::Relaxed);
        range.start += read as u64;
    }
    Ok(())
}
