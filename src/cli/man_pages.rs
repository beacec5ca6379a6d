//! Man pages, made from the command line itself: aos(1), and one for each verb.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Command;
use clap_mangen::Man;

use crate::actions::failure::Failure;
use crate::actions::output;
use crate::cli::{AFTER_HELP, VERBS, command};
use crate::store;
use crate::sys::account;
use crate::sys::dir::Dir;

/// What a page begins with, so that no page of somebody else is replaced or removed. *Source*:
/// man(7), comments.
const MARK: &[u8] = b".\\\" Made by aos from its command line.\n";
/// The longest page that is read to see whose it is. *Units*: bytes.
const MOST: u64 = 1 << 20;

/// Every page: its file's name and its text. *Source*: man(7), man-pages(7).
fn all() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    let of_verbs = VERBS.iter().filter(|verb| verb.is_public()).map(|verb| {
        let names = (format!("aos-{}", verb.name), format!("aos {}", verb.name));
        let command = (verb.command)().display_name(names.0).bin_name(names.1);
        page(command, verb.examples)
    });
    std::iter::once(page(whole, AFTER_HELP)).chain(of_verbs).collect()
}

/// What stands at the end of the help has sections of its own.
fn page(command: Command, end: &str) -> io::Result<(String, Vec<u8>)> {
    let name = format!("{}.1", command.get_display_name().unwrap_or("aos"));
    let mut text = MARK.to_vec();
    let command = command.after_help(None).after_long_help(None);
    Man::new(command).manual("aos").source(concat!("aos ", env!("CARGO_PKG_VERSION"))).render(&mut text)?;
    let (first, exit_codes) = end.split_once("\n\nExit codes:").unwrap_or((end, ""));
    let heading = if end == AFTER_HELP { "TASKS" } else { "EXAMPLES" };
    for (heading, lines) in [(heading, first), ("EXIT STATUS", exit_codes.trim_start_matches('\n'))] {
        if !lines.is_empty() {
            writeln!(text, ".SH {heading}\n.nf\n{}\n.fi", literal(lines))?;
        }
    }
    Ok((name, text))
}

/// Lines that troff prints as they are. *Source*: groff_man_style(7).
fn literal(lines: &str) -> String {
    let escaped = lines.replace('\\', "\\e").replace('-', "\\-");
    let guarded = escaped.lines().map(|line| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    });
    guarded.collect::<Vec<String>>().join("\n")
}

/// Writes all pages into a directory, which is made if it is not there; says to how many.
pub fn write(directory: &Path) -> Result<usize, Failure> {
    let failed = failed_in("write man pages into", directory);
    fs::create_dir_all(directory).map_err(&failed)?;
    let dir = Dir::open(directory).map_err(&failed)?;
    let pages = all()?;
    for (name, text) in &pages {
        if dir.look_at(name).is_none() || is_ours(&dir, name) {
            dir.replace(name, text).map_err(&failed)?;
        }
    }
    Ok(pages.len())
}

/// Puts the pages where `man` looks for the user's own.
pub fn install() -> Result<(), Failure> {
    let Some(directory) = own_directory() else { return Ok(()) };
    let count = write(&directory)?;
    Ok(output::line(&format!("{}: {count} man pages written", directory.display()))?)
}

/// Removes them.
pub fn remove() -> Result<(), Failure> {
    let Some(directory) = own_directory() else { return Ok(()) };
    let Ok(dir) = Dir::open(&directory) else { return Ok(()) };
    let failed = failed_in("remove man pages from", &directory);
    let pages = dir.names().map_err(&failed)?.into_iter().filter(|name| is_page(name) && is_ours(&dir, name));
    let pages: Vec<String> = pages.collect();
    pages.iter().try_for_each(|name| dir.remove(name)).map_err(&failed)?;
    match pages.len() {
        0 => Ok(()),
        count => Ok(output::line(&format!("{}: {count} man pages removed", directory.display()))?),
    }
}

/// Where the user's own pages of section 1 are. *Source*: manpath(1), the XDG base directory
/// specification.
fn own_directory() -> Option<PathBuf> {
    let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|data| data.is_absolute());
    Some(data.or_else(|| Some(account::home()?.join(".local/share")))?.join("man/man1"))
}

fn is_page(name: &str) -> bool {
    name == "aos.1" || name.starts_with("aos-") && name.ends_with(".1")
}

fn is_ours(dir: &Dir, name: &str) -> bool {
    dir.read(name, MOST).is_ok_and(|text| text.starts_with(MARK))
}

fn failed_in(doing: &'static str, directory: &Path) -> impl Fn(io::Error) -> Failure {
    let what = directory.display().to_string();
    move |source| Failure::from(store::StoreError::File { doing, what: what.clone(), source })
}
