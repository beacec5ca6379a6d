//! The user's editor, at a line of a file.

use std::env;
use std::path::Path;
use std::process::Command;

/// What opens a file at a line, by `$VISUAL` or `$EDITOR`; vi where neither is set.
pub fn command(path: &Path, line: u32) -> Result<Command, String> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let words = shell_words::split(&editor).map_err(|e| format!("$EDITOR is `{editor}`: {e}"))?;
    let Some((program, rest)) = words.split_first() else { return Err("$EDITOR is empty".into()) };
    let mut command = Command::new(program);
    command.args(rest);
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let place = || format!("{}:{line}", path.display());
    match name.as_str() {
        "code" | "codium" | "cursor" | "windsurf" => command.arg("--goto").arg(place()),
        "hx" | "helix" | "zed" | "subl" | "micro" => command.arg(place()),
        _ => command.arg(format!("+{line}")).arg(path),
    };
    Ok(command)
}
