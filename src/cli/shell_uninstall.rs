//! Taking aos out of shells' start files.

use std::io;
use std::path::PathBuf;

use super::man_pages;
use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{confirm, output};
use crate::rc::start_file::RcFile;
use crate::rc::start_file_scan::{LineEffect, scan};
use crate::rc::{self, start_file_text};
use crate::shell::Shell;
use crate::store;
use crate::store::layout::{self, Home, SHELL};

/// What there is of one shell.
struct ShellInstall {
    shell: Shell,
    rc: RcFile,
    /// The script, if it is there.
    script: Option<PathBuf>,
}

/// Takes our lines out of the start files, and removes the scripts.
pub fn uninstall(shells: &[Shell], is_agreed: bool) -> VerbResult {
    let all = shells.iter().map(|shell| find(*shell)).collect::<Result<Vec<ShellInstall>, Failure>>()?;
    all.iter().try_for_each(ShellInstall::tell_own_lines)?;
    let found: Vec<&ShellInstall> = all.iter().filter(|found| !found.is_empty()).collect();
    if found.is_empty() {
        output::line("nothing is installed")?;
        return Ok(0);
    }
    found.iter().try_for_each(|found| found.show())?;
    if !is_agreed && !confirm::is_given()? {
        output::line("nothing was changed")?;
        return Ok(NO);
    }
    found.iter().try_for_each(|found| found.remove())?;
    if shells.len() == Shell::ALL.len() {
        man_pages::remove()?;
    }
    output::line("shells that are open keep it until they end; `exec bash`, or zsh, begins one without it")?;
    Ok(0)
}

fn find(shell: Shell) -> Result<ShellInstall, Failure> {
    let script = layout::chosen_path()?.join(SHELL).join(shell.script_name());
    let is_there = script.symlink_metadata().is_ok();
    Ok(ShellInstall { shell, rc: RcFile::of(shell)?, script: is_there.then_some(script) })
}

impl ShellInstall {
    fn lines(&self) -> Vec<(usize, &[u8])> {
        start_file_text::ours(self.rc.text.as_deref().unwrap_or_default())
    }

    fn is_empty(&self) -> bool {
        self.script.is_none() && self.lines().is_empty()
    }

    fn show(&self) -> io::Result<()> {
        for (number, line) in self.lines() {
            output::line(&format!("{}:{number} goes:", self.rc.path.display()))?;
            output::line(&format!("  {}", String::from_utf8_lossy(line)))?;
        }
        self.script.iter().try_for_each(|script| output::line(&format!("{} goes", script.display())))
    }

    /// The lines first: what they name may then be missing.
    fn remove(&self) -> Result<(), Failure> {
        if !self.lines().is_empty() {
            self.take_out().map_err(by_hand)?;
            output::line(&format!("{} is without them", self.rc.path.display()))?;
        }
        if let Some(script) = &self.script {
            let home = Home::open()?;
            let removed = home.shell()?.remove(self.shell.script_name());
            removed.map_err(|source| store::StoreError::File {
                doing: "remove",
                what: script.display().to_string(),
                source,
            })?;
            // The other shell's script may still be in it.
            let _ = home.root.remove_empty(SHELL);
            output::line(&format!("{} removed", script.display()))?;
        }
        Ok(())
    }

    fn take_out(&self) -> Result<(), rc::RcError> {
        match start_file_text::without(self.rc.text.as_deref().unwrap_or_default()) {
            Some(text) => self.rc.replace(&text),
            None => self.rc.remove(),
        }
    }

    /// Lines that load aos and are not ours to take.
    fn tell_own_lines(&self) -> io::Result<()> {
        let found = scan(self.rc.text.as_deref().unwrap_or_default(), self.shell).into_iter();
        found.filter(|(_, what)| *what == LineEffect::Loads).try_for_each(|(number, _)| {
            output::line(&format!(
                "{}:{number} loads aos too, and stays: it is a line of your own",
                self.rc.path.display()
            ))
        })
    }
}

fn by_hand(e: rc::RcError) -> Failure {
    match e {
        rc::RcError::NoHome | rc::RcError::Changed(_) => Failure::from(e),
        e => Failure::from(e).hint("take the lines that were shown out by hand"),
    }
}
