//! `aos completions`: the shell's part of Tab.

use clap::Args;
use clap_complete::Shell;

use super::{Answer, Caller, Verb, command};

/// Print a completion script for a shell
#[derive(Args)]
pub struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Verb for Completions {
    const NAME: &'static str = "completions";

    fn run(self, _: &mut Caller) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "aos", &mut script);
        std::io::Write::write_all(&mut super::output::data(), &script)?;
        Ok(0)
    }
}
