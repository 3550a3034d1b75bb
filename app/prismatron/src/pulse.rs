//! The signs of life that systemd's watchdog is fed by: rounds of the engine and of every output, and an
//! answer of the page.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use prismatron_engine as engine;
use prismatron_output::StatusBoard;
use prismatron_system::{Life, Sign, Watchdog};
use prismatron_web::Places;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for the page's answer.
const ANSWER: Duration = Duration::from_secs(4);
/// What a good answer begins with.
const GOOD: &[u8] = b"HTTP/1.1 200 ";

/// Whose signs are taken.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) engine: engine::Handle,
    pub(crate) outputs: StatusBoard,
    /// Where the page listens.
    pub(crate) page: SocketAddr,
    pub(crate) places: Places,
}

/// Feeds the watchdog, if systemd has set one. Never ends.
pub(crate) async fn feed(parts: Parts) {
    let Some(watchdog) = Watchdog::detect() else { return };
    let patience = (watchdog.every() * 4 / 5).min(ANSWER);
    watchdog.feed(|| signs(&parts, patience)).await;
}

async fn signs(parts: &Parts, patience: Duration) -> Vec<Sign> {
    let rounds = parts.engine.counters().rounds;
    let player = Sign { of: "player".into(), life: Life::Rounds { thread: 0, count: rounds } };
    let outputs = parts.outputs.pulses().into_iter().map(|pulse| Sign {
        of: format!("output “{}”", pulse.name),
        life: Life::Rounds { thread: pulse.thread, count: pulse.rounds },
    });
    let mut signs: Vec<Sign> = std::iter::once(player).chain(outputs).collect();
    let answer = ask(parts.page, patience).await.map(drop);
    // A crowd that takes every place must not be able to darken the wall.
    if answer.is_ok() || !parts.places.are_taken() {
        signs.push(Sign { of: "page".into(), life: Life::Answer(answer) });
    }
    signs
}

/// Asks the page whether it works, as any client would. What is left to be read of a good answer is returned.
pub(crate) async fn ask(page: SocketAddr, patience: Duration) -> Result<TcpStream, String> {
    let asked = async {
        let address = loopback(page);
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET /api/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut begin = [0; GOOD.len()];
        stream.read_exact(&mut begin).await?;
        Ok::<_, std::io::Error>((begin, stream))
    };
    match timeout(patience, asked).await {
        Ok(Ok((begin, rest))) if begin == *GOOD => Ok(rest),
        Ok(Ok((begin, _))) => Err(format!("answers “{}”", String::from_utf8_lossy(&begin).trim())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer in {patience:?}")),
    }
}

/// Where a listener is reached from this machine.
fn loopback(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// What is made of a page that says this, and then nothing more.
    async fn asked(says: &'static [u8]) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let page = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 15];
            stream.read_exact(&mut request).await.unwrap();
            assert_eq!(&request, b"GET /api/health");
            stream.write_all(says).await.unwrap();
            std::future::pending::<()>().await;
        });
        let answer = ask(address, Duration::from_millis(300)).await.map(drop);
        page.abort();
        answer
    }

    #[tokio::test]
    async fn only_a_good_answer_is_one() {
        assert_eq!(asked(b"HTTP/1.1 200 OK\r\n").await, Ok(()));
        assert!(asked(b"HTTP/1.1 503 Service Unavailable\r\n").await.unwrap_err().contains("503"));
        assert!(asked(b"HTTP").await.unwrap_err().contains("no answer"));
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(ask(gone, Duration::from_secs(5)).await.is_err());
    }

    #[test]
    fn a_listener_on_all_interfaces_is_asked_on_loopback() {
        let asked = |text: &str| loopback(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(asked("[::]:80"), "[::1]:80");
        assert_eq!(asked("192.0.2.1:80"), "192.0.2.1:80");
    }
}
