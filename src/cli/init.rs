//! `aos init`: aos in the user's shell.

use std::env;
use std::io::{self, Write};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{older_script, shell_install, shell_uninstall};
use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::cli::verb::{Caller, Verb};
use crate::shell::{NoSuchShell, Shell};

/// Print the shell integration, or install it
///
/// `aos init bash` prints the script, for `eval "$(aos init bash)"`. `aos init --install` writes it
/// below ~/.agent-os and adds one line to your shell's rc file; it shows the line and asks first.
#[derive(Args)]
pub struct Init {
    /// The shell; default: yours with --install, both with --uninstall
    #[arg(value_parser = PossibleValuesParser::new(Shell::ALL.map(Shell::name)).try_map(|name| name.parse::<Shell>()))]
    shell: Option<Shell>,
    /// Write the script, and add the line that loads it to the rc file
    #[arg(long, conflicts_with = "uninstall")]
    install: bool,
    /// Remove the line and the script
    #[arg(long)]
    uninstall: bool,
    /// Answer yes to every question
    #[arg(short, long)]
    yes: bool,
}

impl Verb for Init {
    const NAME: &'static str = "init";

    fn run(self, _: &mut Caller) -> VerbResult {
        match (self.shell, self.install, self.uninstall) {
            (shell, true, _) => shell_install::install(shell.map_or_else(own_shell, Ok)?, self.yes),
            (shell, false, true) => {
                shell_uninstall::uninstall(&shell.map_or(Shell::ALL.to_vec(), |shell| vec![shell]), self.yes)
            }
            (Some(shell), false, false) => {
                io::stdout().lock().write_all(shell.script().as_bytes())?;
                Ok(0)
            }
            (None, false, false) => Err(older_script::become_it(&["init".into()]).unwrap_or_else(|| {
                Failure::new(USAGE, "which shell, and what for?").hint(
                    "aos init --install sets up your shell; aos init bash, or zsh, prints the script for eval \"$(…)\"",
                )
            })),
        }
    }
}

fn own_shell() -> Result<Shell, Failure> {
    let Some(program) = env::var_os("SHELL").filter(|program| !program.is_empty()) else {
        let failure = Failure::new(USAGE, "cannot tell which shell is yours: $SHELL is not set");
        return Err(failure.hint("aos init --install bash, or zsh"));
    };
    Ok(Shell::of_program(&program)?)
}

impl From<NoSuchShell> for Failure {
    fn from(e: NoSuchShell) -> Failure {
        Failure::new(USAGE, format!("{e}, which is your $SHELL"))
            .hint("aos init --install bash, or zsh; everywhere else `aos run -b COMMAND` does the same, and aos completions SHELL is for Tab")
    }
}
