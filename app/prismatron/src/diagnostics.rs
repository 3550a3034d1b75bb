//! `prismatron diagnostics`: has the running service make its archive, and writes that to a file of its own; and
//! what the archive tells of the service's start.

use std::fs::{self, File};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use prismatron_core::output::OutputSpec;
use prismatron_store::config::Config;
use prismatron_web::{client, diagnostics_name};

use crate::cli;

/// Writes the archive, and says where. Nothing that is there is written over, and nothing is left of half an
/// archive.
///
/// # Errors
/// The service says no, or the file cannot be written.
pub(crate) async fn save(socket: &Path, file: Option<&Path>) -> anyhow::Result<String> {
    let file = file.map_or_else(|| PathBuf::from(diagnostics_name(SystemTime::now())), Into::into);
    let to = File::options().write(true).create_new(true).mode(0o600).open(&file);
    let to = to.with_context(|| format!("cannot make {}", file.display()))?;
    let fetched = client::fetch(socket, "/api/system/diagnostics", &mut BufWriter::new(to)).await;
    if fetched.is_err() {
        let _ = fs::remove_file(&file);
    }
    fetched?;
    Ok(file.display().to_string())
}

/// What the service was started with, for its archive: what is named here, and nothing else that a
/// configuration may have.
pub(crate) fn facts(
    options: &cli::Serve,
    config: &Config,
    data_dir: &Path,
) -> Vec<(&'static str, String)> {
    let path = |path: &Option<PathBuf>| match path {
        Some(path) => path.display().to_string(),
        None => "none".into(),
    };
    let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    let names = |outputs: &[OutputSpec]| {
        outputs.iter().map(|output| output.name.clone()).collect::<Vec<_>>().join(", ")
    };
    vec![
        ("configuration file", path(&options.sources.config)),
        ("data directory", data_dir.display().to_string()),
        ("safe mode by command line", options.safe_mode.to_string()),
        ("listen", options.listen.or(config.listen).map_or("the usual".into(), |a| a.to_string())),
        ("frames a second", format!("{:?}", config.fps)),
        ("most pixels", config.max_pixels.to_string()),
        ("host names", config.host_names.join(", ")),
        ("layout configured", config.layout.is_some().to_string()),
        ("outputs configured", names(&config.outputs)),
        ("quota", config.storage.quota.map_or("none".into(), mib)),
        ("reserve", mib(config.storage.reserve)),
        ("uploads expire after", format!("{} s", config.storage.upload_expiry.as_secs())),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[tokio::test]
    async fn an_archive_that_breaks_off_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, file) = (folder.path().join("socket"), folder.path().join("archive"));
        let service = UnixListener::bind(&socket).unwrap();
        let answering = std::thread::spawn(move || {
            let (mut client, _) = service.accept().unwrap();
            assert!(client.read(&mut [0; 1024]).unwrap() > 0);
            let half = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
            client.write_all(half).unwrap();
        });
        let error = save(&socket, Some(&file)).await.unwrap_err();
        assert!(error.to_string().contains("does not answer"), "{error}");
        assert!(!file.exists());
        answering.join().unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_there_stays_and_half_an_archive_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = folder.path().join("socket");
        let file = folder.path().join("archive");
        let error = save(&nobody, Some(&file)).await.unwrap_err();
        assert!(error.to_string().contains("cannot open"), "{error}");
        assert!(!file.exists());
        fs::write(&file, "mine").unwrap();
        let error = save(&nobody, Some(&file)).await.unwrap_err();
        assert!(error.to_string().contains("cannot make"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
