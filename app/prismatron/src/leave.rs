//! How the program leaves: for good, to be started by systemd again, or to be what it executes itself.

use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::iter;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::ExitCode;

use nix::unistd::execv;
use prismatron_system::{RESTART_EXIT_CODE, Return};

/// How the program leaves.
#[derive(Debug, Clone)]
pub(crate) enum Leave {
    /// For good.
    Done,
    /// With the exit code by which systemd starts it again.
    ByCode,
    /// Its place is taken by the same program. Everything it has open is closed by that, as the standard
    /// library opens nothing that another program would inherit.
    Execute(Itself),
}

/// How the program is started as it was.
#[derive(Debug, Clone)]
pub(crate) struct Itself {
    /// Where it was found at the start: it may have been replaced since.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
}

impl Itself {
    /// Not by the standard library, which would let go of signals that are held back, and the program with them.
    fn execute(self) -> anyhow::Result<Infallible> {
        let program = CString::new(self.program.into_os_string().into_vec())?;
        let arguments =
            self.arguments.into_iter().map(|argument| CString::new(argument.into_vec()));
        let arguments: Vec<_> =
            iter::once(Ok(program.clone())).chain(arguments).collect::<Result<_, _>>()?;
        Ok(execv(&program, &arguments)?)
    }
}

impl Leave {
    /// In order to come back so.
    pub(crate) fn to_return(how: Return, itself: &Itself) -> Self {
        match how {
            Return::BySystemd => Self::ByCode,
            Return::ByItself => Self::Execute(itself.clone()),
        }
    }

    /// Whether it does not come back.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Leaves, or says by which code to.
    pub(crate) fn now(self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// Leaves at once, since something hangs. Nobody knows whether the LEDs are dark then, so that an end for
    /// good is a failure: systemd has them darkened after that.
    pub(crate) fn at_once(self) -> ! {
        let failed = u8::from(self.is_for_good());
        std::process::exit(self.code().max(failed).into())
    }

    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::ByCode => RESTART_EXIT_CODE,
            Self::Execute(itself) => {
                let program = itself.program.display().to_string();
                let Err(error) = itself.execute();
                tracing::error!("{program} cannot be executed: {error}");
                1
            }
        }
    }
}
