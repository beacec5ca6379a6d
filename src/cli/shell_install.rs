//! Putting aos into a shell's start file.

use std::path::{Path, PathBuf};
use std::{env, io};

use super::man_pages;
use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{confirm, output};
use crate::rc::load_line::{Before, compose};
use crate::rc::start_file::RcFile;
use crate::rc::start_file_scan::{LineEffect, scan};
use crate::rc::start_file_text::{self, PlacedLine};
use crate::shell::{Shell, quote};
use crate::store::layout::{Home, SHELL};
use crate::{rc, store};

/// Writes the script below the home, and the line that loads it into the start file.
pub fn install(shell: Shell, is_agreed: bool) -> VerbResult {
    let home = Home::open()?;
    let script = home.path.join(SHELL).join(shell.script_name());
    let word = quote::path(&script, env::var_os("HOME").map(PathBuf::from).as_deref());
    let by_hand = |e| match e {
        rc::RcError::NoHome | rc::RcError::Changed(_) => Failure::from(e),
        e => Failure::from(e).hint(format!("add this line by hand: {}", compose(&word, Before::Lines))),
    };
    let rc = RcFile::of(shell).map_err(by_hand)?;
    let placed = match plan(&rc, &word) {
        Ok(placed) => placed,
        Err(e) => {
            // The line may be added by hand, or by whatever makes the file: it needs its script.
            write_script(&home, shell, &script)?;
            return Err(by_hand(e));
        }
    };
    if rc.text.as_deref() == Some(&placed.text) {
        output::line(&format!("{}:{} loads aos already", rc.path.display(), placed.number))?;
        write_script(&home, shell, &script)?;
        man_pages::install()?;
        return Ok(0);
    }
    output::line(&format!("{} gets this as line {}:", rc.path.display(), placed.number))?;
    output::line(&format!("  {}", placed.line))?;
    if !is_agreed && !confirm::is_given()? {
        output::line("nothing was changed")?;
        return Ok(NO);
    }
    write_script(&home, shell, &script)?;
    rc.replace(&placed.text).map_err(by_hand)?;
    output::line(&format!("{}:{} written", rc.path.display(), placed.number))?;
    man_pages::install()?;
    tell_others(&rc, shell)?;
    output::line(&format!("new shells have it; this one after: . {word}"))?;
    Ok(0)
}

/// The text that the start file is to have, if it may be changed at all.
fn plan(rc: &RcFile, word: &str) -> Result<PlacedLine, rc::RcError> {
    let placed =
        start_file_text::with(rc.text.as_deref(), word).map_err(|_| rc::RcError::Unfinished(rc.path.clone()))?;
    if rc.text.as_deref() != Some(&placed.text) {
        rc.check_writable()?;
    }
    Ok(placed)
}

fn write_script(home: &Home, shell: Shell, path: &Path) -> Result<(), Failure> {
    let done = if path.exists() { "refreshed" } else { "written" };
    let written = home.shell()?.replace(shell.script_name(), shell.script().as_bytes());
    written.map_err(|source| store::StoreError::File { doing: "write", what: path.display().to_string(), source })?;
    Ok(output::line(&format!("{} {done}: that of aos {}", path.display(), env!("CARGO_PKG_VERSION")))?)
}

/// Lines of the user's own that now are one too many, or in the way.
fn tell_others(rc: &RcFile, shell: Shell) -> io::Result<()> {
    for (number, what) in scan(rc.text.as_deref().unwrap_or_default(), shell) {
        let what = match what {
            LineEffect::Installed => continue,
            LineEffect::Loads => "loads aos too, and is not needed any more",
            LineEffect::Alias(_) => "makes an alias that hides aos: take it out",
        };
        output::line(&format!("{}:{number} {what}", rc.path.display()))?;
    }
    Ok(())
}
