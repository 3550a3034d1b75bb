//! Keeps who this program is to E1.31 receivers: they tell sources apart by a CID, which the standard wants
//! to be the same for good (ANSI E1.31-2018, section 5.6).

use std::path::Path;

use prismatron_output::Identity;
use prismatron_store as store;

/// The name it is stored under.
const STATE: &str = "sacn-identity";

/// The identity of every run before, or a new one in the first.
///
/// One that does not read or cannot be kept is no reason to leave the wall dark: a new one takes its place,
/// which receivers see as another source.
pub(crate) async fn load(store: &store::Handle) -> Identity {
    let new = Identity::default();
    match store.load_state(STATE).await {
        Ok(Some(cid)) => return Identity { cid, ..new },
        Ok(None) => {
            if let Err(error) = store.save_state(STATE, &new.cid).await {
                tracing::warn!("the E1.31 identity is not kept: {error}");
            }
        }
        Err(error) => tracing::warn!("the E1.31 identity is not known: {error}"),
    }
    new
}

/// The identity of the running program, or of the one before, for a program beside it: keeps nothing.
pub(crate) fn peek(data_dir: &Path) -> Identity {
    let new = Identity::default();
    match store::state(data_dir, STATE) {
        Ok(Some(cid)) => Identity { cid, ..new },
        Ok(None) => new,
        Err(error) => {
            tracing::warn!("the E1.31 identity is not known: {error}");
            new
        }
    }
}
