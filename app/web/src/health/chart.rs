//! Since when each finding holds: pure, by the verdicts and times it is given.

use std::collections::HashMap;
use std::time::Duration;

use super::judge::{Check, Finding, Verdict};

/// How long a finding has held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(pub(crate) Duration);

/// What has not been found for so long is over: what comes and goes is one and the same.
const OVER: Duration = Duration::from_secs(120);

/// Remembers what was found.
#[derive(Debug, Default)]
pub(crate) struct Chart(HashMap<(Check, String), Course>);

/// The course of a finding.
#[derive(Debug, Clone, Copy)]
struct Course {
    first: Duration,
    last: Duration,
}

impl Chart {
    /// Takes in what was found at a time, and tells how long each finding has held, in their order. What is
    /// new or over is logged, unless whoever found it has done so.
    pub(crate) fn note(&mut self, verdicts: &[Verdict], now: Duration) -> Vec<Since> {
        self.0.retain(|(check, subject), course| {
            let is_over = now.saturating_sub(course.last) >= OVER
                && !findings(verdicts).any(|(c, found)| c == *check && found.subject == *subject);
            if is_over && is_logged(*check) {
                tracing::info!("{subject}: well again");
            }
            !is_over
        });
        findings(verdicts)
            .map(|(check, Finding { subject, message })| {
                let course = self.0.entry((check, subject.clone())).or_insert_with(|| {
                    if is_logged(check) {
                        tracing::warn!("{subject}: {message}");
                    }
                    Course { first: now, last: now }
                });
                course.last = now;
                Since(now.saturating_sub(course.first))
            })
            .collect()
    }
}

fn findings(verdicts: &[Verdict]) -> impl Iterator<Item = (Check, &Finding)> {
    verdicts.iter().flat_map(|verdict| verdict.findings.iter().map(|found| (verdict.check, found)))
}

/// Whether nobody else tells the log of what this check finds: outputs, engine, store and board do.
fn is_logged(check: Check) -> bool {
    match check {
        Check::Outputs | Check::Decoders | Check::Data | Check::Hardware => false,
        Check::Player | Check::Storage | Check::Temperature | Check::Memory | Check::Clock => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::Word;
    use super::*;

    fn found(check: Check, all: &[(&str, &str)]) -> Verdict {
        let finding = |(subject, message): &(&str, &str)| Finding {
            subject: (*subject).into(),
            message: (*message).into(),
        };
        let findings = all.iter().map(finding).collect();
        Verdict { check, word: Word::Degraded, detail: None, findings }
    }

    #[test]
    fn a_finding_is_as_old_as_its_subject_whatever_it_says() {
        let s = |seconds: u64| Since(Duration::from_secs(seconds));
        let mut chart = Chart::default();
        let hot = |message| found(Check::Temperature, &[("temperature", message)]);
        let short = found(Check::Memory, &[("memory of the machine", "little")]);
        assert_eq!(chart.note(&[hot("86 °C")], s(10).0), [s(0)]);
        assert_eq!(chart.note(&[hot("91 °C"), short.clone()], s(40).0), [s(30), s(0)]);
        let only_short = std::slice::from_ref(&short);
        assert_eq!(chart.note(only_short, s(70).0), [s(30)]);
        assert_eq!(chart.note(&[hot("86 °C")], s(100).0), [s(90)], "it only was away for a moment");
        assert_eq!(chart.note(only_short, s(130).0), [s(90)]);
        assert_eq!(chart.note(only_short, s(220).0), [s(180)]);
        assert_eq!(
            chart.note(&[hot("86 °C"), short.clone()], s(250).0),
            [s(0), s(210)],
            "a new one"
        );
    }
}
