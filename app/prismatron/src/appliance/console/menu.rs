//! The menu: what is offered, and what becomes of what is typed.

use std::io::{self, Write};

/// What can be asked of the machine here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Status,
    Log,
    Restart,
    Reboot,
    SafeMode,
    ClaimCode,
    Network,
    RollBack,
    FactoryReset,
}

impl Deed {
    const ALL: [Self; 9] = [
        Self::Status,
        Self::Log,
        Self::Restart,
        Self::Reboot,
        Self::SafeMode,
        Self::ClaimCode,
        Self::Network,
        Self::RollBack,
        Self::FactoryReset,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Log => "Log",
            Self::Restart => "Restart Prismatron",
            Self::Reboot => "Reboot the machine",
            Self::SafeMode => "Safe mode on or off",
            Self::ClaimCode => "New claim code",
            Self::Network => "Network",
            Self::RollBack => "Roll back to the other slot",
            Self::FactoryReset => "Factory reset",
        }
    }

    /// What has to be typed before it is done, and why.
    fn confirmation(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Reboot => Some(("yes", "The wall goes dark until the machine is up again.")),
            Self::RollBack => Some(("yes", "The machine reboots into the system that ran before.")),
            Self::ClaimCode => {
                Some(("yes", "Whoever types the new code on the page becomes an administrator."))
            }
            Self::FactoryReset => Some((
                "erase",
                "The machine reboots, and all media, playlists, settings and accounts are gone.",
            )),
            _ => None,
        }
    }
}

/// Who does what is chosen.
pub(super) trait Deeds {
    /// What there is to say to somebody who has just come.
    fn banner(&mut self) -> String;
    /// Does it, and says what came of it.
    fn perform(&mut self, deed: Deed) -> anyhow::Result<String>;
}

/// The menu, and what it waits for.
pub(super) struct Menu<D, W> {
    deeds: D,
    out: W,
    /// What was said last to whoever comes.
    banner: String,
    /// What is to be confirmed.
    unconfirmed: Option<Deed>,
}

impl<D: Deeds, W: Write> Menu<D, W> {
    pub(super) fn new(deeds: D, out: W) -> Self {
        Self { deeds, out, banner: String::new(), unconfirmed: None }
    }

    /// Shows what there is.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        self.banner = self.deeds.banner();
        writeln!(self.out, "\n{}\n", self.banner)?;
        for (number, deed) in (1..).zip(Deed::ALL) {
            writeln!(self.out, "  {number}  {}", deed.title())?;
        }
        self.prompt("\nChoose a number, or press Enter to see this again: ")
    }

    /// Shows it again where it has changed and nobody is in the middle of something.
    pub(super) fn look(&mut self) -> io::Result<()> {
        if self.unconfirmed.is_none() && self.deeds.banner() != self.banner {
            self.begin()?;
        }
        Ok(())
    }

    /// Does what was typed.
    pub(super) fn hear(&mut self, line: &str) -> io::Result<()> {
        if let Some(deed) = self.unconfirmed.take() {
            let wanted = deed.confirmation().map(|(word, _)| word);
            if wanted.is_some_and(|word| word == line) {
                return self.perform(deed);
            }
            writeln!(self.out, "Nothing is done.")?;
            return self.prompt("> ");
        }
        if line.is_empty() {
            return self.begin();
        }
        let chosen = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(&deed) = chosen.and_then(|index| Deed::ALL.get(index)) else {
            writeln!(self.out, "That is not on the menu.")?;
            return self.prompt("> ");
        };
        match deed.confirmation() {
            Some((word, what)) => {
                self.unconfirmed = Some(deed);
                writeln!(self.out, "{}: {what}", deed.title())?;
                self.prompt(&format!("Type {word} to do it: "))
            }
            None => self.perform(deed),
        }
    }

    fn perform(&mut self, deed: Deed) -> io::Result<()> {
        match self.deeds.perform(deed) {
            Ok(said) => writeln!(self.out, "{}", plain(&said))?,
            Err(error) => {
                writeln!(self.out, "It cannot be done: {}", plain(&format!("{error:#}")))?;
            }
        }
        self.prompt("> ")
    }

    fn prompt(&mut self, text: &str) -> io::Result<()> {
        write!(self.out, "{text}")?;
        self.out.flush()
    }
}

/// Without what a terminal would take for commands: names and log lines are other people's words.
pub(super) fn plain(text: &str) -> String {
    let is_plain = |c: &char| *c == '\n' || *c == '\t' || !c.is_control();
    text.chars().filter(is_plain).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    /// Notes what is asked of it.
    #[derive(Default)]
    struct Notebook {
        done: Vec<Deed>,
        banner: String,
    }

    impl Deeds for Notebook {
        fn banner(&mut self) -> String {
            self.banner.clone()
        }

        fn perform(&mut self, deed: Deed) -> anyhow::Result<String> {
            self.done.push(deed);
            anyhow::ensure!(deed != Deed::RollBack, "there is no other slot");
            Ok("\u{1b}[2Jdone".into())
        }
    }

    fn menu() -> Menu<Notebook, Vec<u8>> {
        let mut menu = Menu::new(Notebook::default(), Vec::new());
        menu.begin().unwrap();
        menu
    }

    fn said(menu: &mut Menu<Notebook, Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut menu.out)).unwrap()
    }

    #[test]
    fn a_number_is_done_and_everything_else_is_not() {
        let mut menu = menu();
        for line in ["0", "10", "-1", "1; sh", "sh", "\u{1b}", "١", "99999999999999999999999"] {
            menu.hear(line).unwrap();
        }
        assert_eq!(menu.deeds.done, []);
        said(&mut menu);
        menu.hear("1").unwrap();
        assert_eq!(menu.deeds.done, [Deed::Status]);
        assert_eq!(said(&mut menu), "[2Jdone\n> ");
    }

    #[test]
    fn what_cannot_be_undone_takes_its_word() {
        let mut menu = menu();
        for line in ["9", "yes", "9", "", "4", "erase", "8", "no"] {
            menu.hear(line).unwrap();
        }
        assert_eq!(menu.deeds.done, []);
        for line in ["9", "erase", "4", "yes", "8", "yes"] {
            menu.hear(line).unwrap();
        }
        assert_eq!(menu.deeds.done, [Deed::FactoryReset, Deed::Reboot, Deed::RollBack]);
        assert!(said(&mut menu).contains("It cannot be done: there is no other slot"));
    }

    #[test]
    fn a_new_banner_is_shown_but_not_in_the_middle_of_a_question() {
        let mut menu = menu();
        said(&mut menu);
        menu.look().unwrap();
        assert_eq!(said(&mut menu), "");
        menu.deeds.banner = "10.0.0.2".into();
        menu.hear("9").unwrap();
        said(&mut menu);
        menu.look().unwrap();
        assert_eq!(said(&mut menu), "");
        menu.hear("").unwrap();
        menu.look().unwrap();
        assert!(said(&mut menu).contains("10.0.0.2"));
    }
}
