//! What was found wrong and what was done about it, for the page.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::StoreError;

/// Something found wrong with what was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about: a file's path below the data directory, or a media file's name.
    pub subject: String,
    /// What is wrong and what was done, in words for people.
    pub message: String,
}

/// All findings of this run; one per subject, the latest.
#[derive(Debug, Clone)]
pub(crate) struct Findings(watch::Sender<Arc<Vec<Finding>>>);

impl Finding {
    /// What findings about the disk as a whole are about.
    pub const STORAGE: &str = "storage";
}

impl Findings {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Arc::default()))
    }

    /// Adds a finding and logs it, unless it is known already.
    pub(crate) fn add(&self, finding: Finding) {
        self.0.send_if_modified(|all| {
            if all.contains(&finding) {
                return false;
            }
            tracing::warn!(subject = finding.subject, "{}", finding.message);
            let all = Arc::make_mut(all);
            all.retain(|known| known.subject != finding.subject);
            all.push(finding);
            true
        });
    }

    /// Takes note of whether something could be written: while nothing can be, that is a finding, told once.
    pub(crate) fn note<T>(&self, saved: &Result<T, StoreError>) {
        match saved {
            Ok(_) => self.settle(Finding::STORAGE),
            Err(error @ (StoreError::Io { .. } | StoreError::DiskFull { .. })) => {
                let is_known =
                    self.0.borrow().iter().any(|found| found.subject == Finding::STORAGE);
                if !is_known {
                    let message = format!("Changes are not kept: {}.", error.sentence());
                    self.add(Finding { subject: Finding::STORAGE.into(), message });
                }
            }
            Err(_) => {}
        }
    }

    /// Forgets what was found about a subject, since it has been mended.
    pub(crate) fn settle(&self, subject: &str) {
        self.0.send_if_modified(|all| {
            let known = all.iter().any(|finding| finding.subject == subject);
            if known {
                Arc::make_mut(all).retain(|finding| finding.subject != subject);
            }
            known
        });
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Vec<Finding>>> {
        self.0.subscribe()
    }
}
