//! The real program over TLS, asked by curl and openssl.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use prismatron_tests::appliance::{Appliance, Start, binary};
use prismatron_tests::systemd::NotifySocket;
use serde_json::{Value, json};
use tempfile::TempDir;

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The certificate a server shows, as PEM.
fn shown(address: &str) -> String {
    let said = openssl(&["s_client", "-connect", address, "-servername", "localhost"]);
    let from = said.find("-----BEGIN CERTIFICATE-----").unwrap();
    let until = said.find("-----END CERTIFICATE-----").unwrap();
    format!("{}-----END CERTIFICATE-----\n", &said[from..until])
}

/// What `openssl x509` says of a certificate.
fn told(certificate: &str, options: &[&str]) -> String {
    let mut child = Command::new("openssl")
        .args(["x509", "-noout"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(certificate.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// Its fingerprint, as openssl has it.
fn fingerprint(certificate: &str) -> String {
    let said = told(certificate, &["-fingerprint", "-sha256"]);
    said.trim().split_once('=').unwrap().1.to_owned()
}

/// A certificate of `localhost` that openssl makes and signs with its own key, at `NAME.pem` and `NAME.key`.
fn make(folder: &Path, name: &str) -> String {
    let file = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    let (certificate, key) = (file("pem"), file("key"));
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-noenc",
        "-days",
        "90",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ]);
    fingerprint(&std::fs::read_to_string(certificate).unwrap())
}

/// What curl makes of it; head and body.
fn curl(certificate: &Path, arguments: &[&str]) -> Output {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--max-time", "30", "--cacert"]);
    curl.arg(certificate).args(arguments).output().unwrap()
}

/// What curl gets, which trusts this certificate and no other.
fn get(certificate: &Path, arguments: &[&str]) -> String {
    let output = curl(certificate, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Its certificate in a file for curl.
fn trust(appliance: &Appliance) -> PathBuf {
    let file = appliance.folder().path().join("shown.pem");
    std::fs::write(&file, shown(appliance.address())).unwrap();
    file
}

/// The fields of a head that start a line.
fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// How everything is, asked with the token.
fn status(appliance: &Appliance, certificate: &Path) -> Value {
    let token = format!("Authorization: Bearer {}", appliance.token);
    let url = format!("{}/api/status", appliance.base);
    let answer = get(certificate, &["--header", &token, &url]);
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_self_made_certificate_is_told_kept_and_enough_for_all_of_the_page() {
    let first = Appliance::start(&Start::with("(tls: SelfMade)"));
    let said = first.fingerprint.clone().expect("the terminal says which certificate it is");
    assert!(first.sign_in.starts_with("https://"), "{}", first.sign_in);
    assert_eq!(fingerprint(&shown(first.address())), said);
    first.wait_for_log(&format!("the certificate is SHA-256 {said}"));
    let pem = trust(&first);
    assert_eq!(status(&first, &pem)["certificate"], json!(said));

    // By address and by name, and nobody is told to come back in plain.
    let port = first.address().rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let answer = get(&pem, &[&format!("https://{host}:{port}/")]);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("<html"), "{answer}");
        assert_eq!(field(&answer, "strict-transport-security"), Some("max-age=86400"));
    }
    let code = first.sign_in.split_once("#code=").unwrap().1;
    let body = json!({ "code": code }).to_string();
    let jar = first.folder().path().join("cookies").display().to_string();
    let session = format!("{}/api/session", first.base);
    let json = "Content-Type: application/json";
    let origin = format!("Origin: {}", first.base);
    let signing = ["--header", json, "--header", &origin, "--data", &body];

    // In plain it is not even looked at.
    let plain = session.replace("https://", "http://");
    let answer = get(&pem, &[&signing[..], &[&plain]].concat());
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    assert_eq!(field(&answer, "location"), Some(&*session));
    assert_eq!(field(&answer, "strict-transport-security"), None);
    let answer = get(&pem, &[&signing[..], &["--cookie-jar", &jar, &session]].concat());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let cookie = field(&answer, "set-cookie").unwrap();
    let name = format!("__Host-prismatron_session_{port}=");
    assert!(cookie.starts_with(&name) && cookie.contains("; Secure"), "{cookie}");
    let answer = get(&pem, &["--cookie", &jar, &session]);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    // Its key is nobody's to read.
    let kept = first.data_dir().join("playlists/state-tls.ron");
    assert_eq!(std::fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);

    let folder = first.folder();
    drop(first);
    let again = Appliance::start_in(folder.clone(), &Start::with("(tls: SelfMade)"));
    assert_eq!(again.fingerprint.as_deref(), Some(&*said), "a restart keeps it");
    assert_eq!(fingerprint(&shown(again.address())), said);
    drop(again);
    let named = Start::with("(tls: SelfMade, host_names: [\"wall.example.org\", \"10.9.8.7\"])");
    let named = Appliance::start_in(folder, &named);
    let certificate = shown(named.address());
    assert_eq!(named.fingerprint, Some(fingerprint(&certificate)));
    assert_ne!(named.fingerprint, Some(said), "it is good for the new name");
    let names = told(&certificate, &["-ext", "subjectAltName"]);
    for name in
        ["DNS:wall.example.org", "IP Address:10.9.8.7", "DNS:localhost", "IP Address:127.0.0.1"]
    {
        assert!(names.contains(name), "{name}: {names}");
    }
    let host = String::from_utf8(Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
    let host = host.trim().split('.').next().unwrap().to_ascii_lowercase();
    assert!(names.contains(&format!("DNS:{host}.local")), "{host}: {names}");
    // A board without a battery takes the first second of 1970 for today.
    let dates = told(&certificate, &["-dates"]);
    assert!(dates.contains("notBefore=Jan  1 00:00:00 1970 GMT"), "{dates}");
    assert!(dates.contains("notAfter=Dec 31 23:59:59 9999 GMT"), "{dates}");
}

#[test]
fn the_watchdog_is_fed_and_monitoring_content() {
    let socket = NotifySocket::new();
    let mut start =
        Start { env: socket.env(), ..Start::with("(tls: SelfMade, listen: \"127.0.0.1:0\")") };
    start.env.push(("WATCHDOG_USEC".into(), "2000000".into()));
    let appliance = Appliance::start(&start);
    socket.wait_for("READY=1");
    for _ in 0..4 {
        socket.wait_for("WATCHDOG=1");
    }
    assert!(!appliance.log().contains("the watchdog is not fed"), "{}", appliance.log());
    // As monitoring asks, which is told where in the runtime directory.
    let runtime_directory = socket.pid_file().parent().unwrap().to_owned();
    let page = std::fs::read_to_string(runtime_directory.join("page")).unwrap();
    assert_eq!(page, format!("https://{}\n", appliance.address()));
    let health = Command::new(binary())
        .args(["health", "--runtime-directory"])
        .arg(&runtime_directory)
        .output()
        .unwrap();
    assert!(health.status.success(), "{health:?}");
}

#[test]
fn a_renewed_certificate_is_used_from_the_reload_on_and_a_bad_one_never() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let renew = |name: &str, certificate: &str, key: &str| {
        std::fs::copy(at(&format!("{certificate}.pem")), at(&format!("{name}.pem"))).unwrap();
        std::fs::copy(at(&format!("{key}.key")), at(&format!("{name}.key"))).unwrap();
    };
    let (first, second) = (make(folder.path(), "first"), make(folder.path(), "second"));
    renew("wall", "first", "first");
    let config = |name: &str| {
        let (certificate, key) = (at(&format!("{name}.pem")), at(&format!("{name}.key")));
        format!("(tls: Files(certificate: {certificate:?}, key: {key:?}))")
    };
    let appliance = Appliance::start(&Start::with(config("wall")));
    assert_eq!(appliance.fingerprint.as_ref(), Some(&first));
    assert_eq!(fingerprint(&shown(appliance.address())), first);
    let answer = get(&at("wall.pem"), &[&format!("{}/", appliance.base)]);
    assert_eq!(field(&answer, "strict-transport-security"), Some("max-age=31536000"));
    let reload = |wanted: &str| {
        let before = appliance.log().len();
        appliance.signal("-HUP");
        let until = std::time::Instant::now() + prismatron_tests::appliance::PATIENCE;
        while !appliance.log()[before..].contains(wanted) {
            assert!(std::time::Instant::now() < until, "never {wanted}: {}", appliance.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };

    // Half of it renewed, as between two steps of a script.
    renew("wall", "second", "first");
    reload("The new configuration is not used");
    assert_eq!(fingerprint(&shown(appliance.address())), first, "the old one stays");
    let found = status(&appliance, &at("first.pem"))["health"]["findings"].to_string();
    assert!(found.contains("wall.key is not that of the first certificate in"), "{found}");

    renew("wall", "second", "second");
    reload("reloaded");
    assert_eq!(fingerprint(&shown(appliance.address())), second);
    assert!(!curl(&at("first.pem"), &[&appliance.base]).status.success());
    let now = status(&appliance, &at("second.pem"));
    assert_eq!(now["certificate"], json!(second));
    assert!(!now["health"]["findings"].to_string().contains("wall.key"), "{now:#}");
    appliance.wait_for_log(&format!("the certificate is SHA-256 {second} now"));

    std::fs::write(
        at("wall.pem"),
        "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    reload("The new configuration is not used");
    assert_eq!(fingerprint(&shown(appliance.address())), second);

    // Other files are another certificate; none at all, or one of its own, takes a restart.
    appliance.configure(&config("first"));
    reload("reloaded");
    assert_eq!(fingerprint(&shown(appliance.address())), first);
    appliance.configure("()");
    reload("only a restart applies: tls");
    assert_eq!(fingerprint(&shown(appliance.address())), first);
    appliance.configure(&config("second"));
    reload("reloaded");
    assert_eq!(fingerprint(&shown(appliance.address())), second);
}

#[test]
fn files_that_cannot_be_used_stop_the_start() {
    let folder = TempDir::new().unwrap();
    make(folder.path(), "one");
    make(folder.path(), "other");
    std::fs::write(folder.path().join("empty.pem"), "").unwrap();
    openssl(&[
        "rsa",
        "-in",
        &folder.path().join("one.key").display().to_string(),
        "-aes256",
        "-passout",
        "pass:secret",
        "-out",
        &folder.path().join("locked.key").display().to_string(),
    ]);
    let config = folder.path().join("wall.ron");
    for (certificate, key, reason) in [
        ("none.pem", "one.key", "could not read"),
        ("empty.pem", "one.key", "empty.pem: there is no certificate in it"),
        ("one.pem", "one.pem", "one.pem: there is no private key in it"),
        ("one.pem", "locked.key", "locked.key: there is no private key in it"),
        ("one.pem", "other.key", "other.key is not that of the first certificate in"),
    ] {
        let text = format!("(tls: Files(certificate: {certificate:?}, key: {key:?}))");
        std::fs::write(&config, text).unwrap();
        let data = folder.path().join("data");
        for arguments in [vec!["check-config"], vec!["serve", "--listen=127.0.0.1:0", "--config"]] {
            let output =
                Command::new(binary()).args(arguments).arg(&config).current_dir(&folder).output();
            let output = output.unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(reason), "{reason}: {said}");
        }
        assert!(!data.exists(), "nothing was begun");
    }
    std::fs::write(&config, "(tls: Files(certificate: \"one.pem\"))").unwrap();
    let output = Command::new(binary()).arg("check-config").arg(&config).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("wall.ron:1:") && said.contains("key"), "{said}");
    std::fs::write(&config, "(tls: Files(certificate: \"one.pem\", key: \"one.key\"))").unwrap();
    let output = Command::new(binary()).arg("check-config").arg(&config).output().unwrap();
    assert!(output.status.success(), "paths are relative to the file: {output:?}");
}
