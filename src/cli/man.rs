//! `aos __man`: the man pages, for whoever makes a package.

use std::path::PathBuf;

use clap::Args;

use super::man_pages;
use crate::actions::failure::VerbResult;
use crate::cli::verb::{Caller, Verb};

/// Write the man pages into a directory
#[derive(Args)]
pub struct ManPages {
    /// The directory, which is made if it is not there
    directory: PathBuf,
}

impl Verb for ManPages {
    const NAME: &'static str = "__man";

    fn run(self, _: &mut Caller) -> VerbResult {
        man_pages::write(&self.directory)?;
        Ok(0)
    }
}
