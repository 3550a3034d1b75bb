//! The displays of this machine.

use prismatron_system::Display as DomainDisplay;

use crate::app::App;
use crate::displays::{DisplayState as State, look};
use crate::wire::display::{Display, DisplayList, DisplayState, PageAddress};

/// The displays of this machine, and how they fare now. One after another: each look is a round of questions.
pub(crate) async fn displays(app: &App) -> DisplayList {
    let _alone = app.looking.lock().await;
    let seen = look(app.system.displays().await).await;
    let own = app.system.state().borrow().unit.clone();
    let display = |(display, state): (DomainDisplay, State)| Display {
        own: own.as_deref() == Some(&*display.unit()),
        state: state.into(),
        page: display.page.map(|page| PageAddress {
            scheme: page.scheme.to_string(),
            port: page.listening.port(),
            local: page.listening.ip().is_loopback(),
        }),
        name: display.name,
    };
    DisplayList { displays: seen.into_iter().map(display).collect() }
}

impl From<State> for DisplayState {
    fn from(state: State) -> Self {
        match state {
            State::Ok => Self::Ok,
            State::Degraded => Self::Degraded,
            State::Failing => Self::Failing,
            State::Silent => Self::Silent,
            State::Starting => Self::Starting,
            State::Stopped => Self::Stopped,
            State::Failed => Self::Failed,
        }
    }
}
