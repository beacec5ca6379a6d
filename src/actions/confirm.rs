//! Asking a person before something of theirs is changed.

use std::io::{self, IsTerminal, Write};

/// Whether somebody is there to be asked.
pub fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks whether to go ahead: yes, unless somebody is there who says no.
pub fn is_given() -> io::Result<bool> {
    let (stdin, mut stdout) = (io::stdin(), io::stdout());
    if !stdin.is_terminal() || !stdout.is_terminal() {
        return Ok(true);
    }
    write!(stdout, "Go ahead? [Y/n] ")?;
    stdout.flush()?;
    let mut answer = String::new();
    if stdin.read_line(&mut answer)? == 0 {
        // ^D ends the question, not its line.
        writeln!(stdout)?;
        return Ok(false);
    }
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes"))
}
