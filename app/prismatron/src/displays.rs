//! `prismatron displays`: those of this machine at a glance. It takes no rights: systemd tells anyone of its units, and a
//! page how it fares.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use prismatron_system::{Display, displays};
use prismatron_web::displays::{DisplayState, look};

use crate::listen;

/// Prints a line for each: its unit, how it fares, and its page.
///
/// # Errors
/// systemd cannot be asked.
pub(crate) fn list() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let seen = runtime.block_on(async {
        let displays = displays().await.map_err(|reason| anyhow::anyhow!("{reason}"))?;
        anyhow::Ok(look(displays).await)
    })?;
    for line in lines(&seen) {
        println!("{line}");
    }
    if seen.is_empty() && std::io::stdout().is_terminal() {
        println!("no display of this machine is a service");
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(seen: &[(Display, DisplayState)]) -> Vec<String> {
    let widest = seen.iter().map(|(display, _)| display.unit().len()).max().unwrap_or_default();
    let line = |(display, state): &(Display, DisplayState)| {
        let page = display
            .page
            .map(|page| format!("{}://{}/", page.scheme, listen::reachable(page.listening)));
        let unit = display.unit();
        format!("{unit:widest$}  {state:8}  {}", page.unwrap_or_default()).trim_end().to_owned()
    };
    seen.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use prismatron_system::{DisplayStage, PageAddress, Scheme};

    use super::*;

    #[test]
    fn each_display_is_a_line() {
        let listening = ([127, 0, 0, 1], 8081).into();
        let page = Some(PageAddress { scheme: Scheme::Https, listening });
        let first = Display { name: None, stage: DisplayStage::Running, page };
        let left = Display { name: Some("left".into()), stage: DisplayStage::Failed, page: None };
        assert_eq!(
            lines(&[(first, DisplayState::Degraded), (left, DisplayState::Failed)]),
            [
                "prismatron.service       degraded  https://127.0.0.1:8081/",
                "prismatron@left.service  failed",
            ]
        );
    }
}
