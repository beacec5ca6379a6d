//! `aos completions`: the shell's part of Tab. For bash and zsh it is generated from the command
//! line, and goes on with a part written by hand, which is a plain script; for fish that part
//! follows what clap makes; for the others it is what clap makes.

mod bash;
mod fish;
mod grammar;
mod zsh;

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::actions::failure::VerbResult;
use crate::actions::output;
use crate::cli::command;
use crate::cli::verb::{Caller, Verb};

const WHERE: &str = "\
Where it goes:
  bash   after `aos init --install bash` nowhere; else source it in ~/.bashrc
  zsh    after `aos init --install zsh` nowhere; else as _aos in a directory of $fpath, before compinit
  fish   aos completions fish >~/.config/fish/completions/aos.fish";

/// Print a completion script for a shell
#[derive(Args)]
#[command(after_help = WHERE)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Verb for Completions {
    const NAME: &'static str = "completions";

    fn run(self, _: &mut Caller) -> VerbResult {
        let script = match self.shell {
            Shell::Bash => bash::script(&grammar::all()).into_bytes(),
            Shell::Zsh => zsh::script(&grammar::all()).into_bytes(),
            Shell::Fish => fish::script(&mut command(), &grammar::all())?,
            other => {
                let mut script = Vec::new();
                clap_complete::generate(other, &mut command(), "aos", &mut script);
                script
            }
        };
        output::data().write_all(&script)?;
        Ok(0)
    }
}
