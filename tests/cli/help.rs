//! What `--help` and the man pages say.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::World;

/// The verbs that the help names.
fn verbs(w: &World) -> Vec<String> {
    let help = w.ok(&["--help"]);
    let rows = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = rows.filter_map(|row| row.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

/// The text stands in `tests/cli/texts/NAME.txt`; with `AOS_UPDATE_TEXTS=1` it is put there.
pub fn assert_text(name: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/texts").join(format!("{name}.txt"));
    if std::env::var_os("AOS_UPDATE_TEXTS").is_some() {
        use std::io::Write;
        fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, wanted, "{name} says something else: AOS_UPDATE_TEXTS=1 cargo test help:: takes it over");
}

#[test]
fn every_help_reads_as_it_was_reviewed() {
    let w = World::new();
    assert_text("help", &w.ok(&["--help"]));
    for verb in verbs(&w) {
        assert_text(&format!("help-{verb}"), &w.ok(&[&verb, "--help"]));
    }
}

#[test]
fn the_first_line_of_each_help_is_short_and_has_no_full_stop() {
    let w = World::new();
    for verb in verbs(&w) {
        let help = w.ok(&[&verb, "--help"]);
        let first = help.lines().next().expect("a line");
        assert!(first.len() <= 80 && !first.ends_with('.'), "{verb}: {first}");
    }
}

#[test]
fn each_verb_has_a_man_page_that_troff_reads_without_a_warning() {
    let w = World::new();
    let pages = w.join("man");
    w.ok(&["__man", pages.to_str().expect("text")]);
    for name in verbs(&w).iter().map(|verb| format!("aos-{verb}.1")).chain(["aos.1".to_owned()]) {
        let page = pages.join(&name);
        let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{name}");
        let said = w.sh(&format!("groff -man -Tutf8 -ww -z '{}' 2>&1", page.display()));
        assert_eq!((said.out.as_str(), said.code), ("", 0), "{name}");
    }
    let run = w.sh(&format!("groff -man -Tutf8 -P-cbou '{}'", pages.join("aos-run.1").display()));
    assert!(run.out.contains("EXAMPLES") && run.out.contains("aos run -b npm run dev"), "{}", run.out);
}

#[test]
fn install_puts_man_pages_where_man_looks_and_uninstall_takes_only_those() {
    let w = World::new();
    let directory = w.join(".local/share/man/man1");
    fs::create_dir_all(&directory).expect("made");
    w.sh(&format!("echo '.TH foreign' > '{}'", directory.join("aos-stop.1").display()));
    w.ok(&["init", "--install", "--yes", "bash"]);
    assert!(directory.join("aos-run.1").exists());
    let foreign = fs::read_to_string(directory.join("aos-stop.1")).expect("still there");
    assert_eq!(foreign, ".TH foreign\n", "what somebody else has put there stays");
    w.ok(&["init", "--uninstall", "--yes"]);
    let left: Vec<_> = fs::read_dir(&directory).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["aos-stop.1"]);
}
