//! What becomes of files that aos did not write alone: damaged, exchanged, of another kind.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use proptest::collection::vec;
use proptest::prelude::*;

/// What happens to a file. Places are shares of what there is, of 65,536.
#[derive(Clone, Debug)]
pub enum Damage {
    /// Its bytes are changed.
    Changed(Vec<Change>),
    /// It is something else.
    Other(Vec<u8>),
    /// It is what another file is.
    Exchanged(u16),
    /// It is not there.
    Removed,
    /// It is a directory.
    Directory,
    /// It is a FIFO.
    Fifo,
    /// It is a link to another file, or to nothing.
    Link(Option<u16>),
    /// It is this long, with nothing behind what was written.
    Sparse(u64),
    /// Another file stands beside it under a name that may mean something.
    Beside(String, u16),
}

/// What happens to bytes.
#[derive(Clone, Debug)]
pub enum Change {
    /// A byte is another one.
    Byte(u16, u8),
    /// A bit is another one.
    Bit(u16, u8),
    /// What follows is gone.
    Cut(u16),
    /// These bytes are put in.
    In(u16, Vec<u8>),
    /// So many bytes are taken out.
    Out(u16, u8),
    /// What stands at one place stands at another too.
    Again(u16, u16, u8),
    /// A number in it is another one.
    Number(u16, String),
}

/// Any damage.
pub fn any_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        16 => vec(any_change(), 1..4).prop_map(Damage::Changed),
        2 => any_bytes().prop_map(Damage::Other),
        2 => any::<u16>().prop_map(Damage::Exchanged),
        2 => Just(Damage::Removed),
        1 => Just(Damage::Directory),
        1 => Just(Damage::Fifo),
        1 => proptest::option::of(any::<u16>()).prop_map(Damage::Link),
        1 => (0u64..1 << 24).prop_map(Damage::Sparse),
        2 => (beside(), any::<u16>()).prop_map(|(name, from)| Damage::Beside(name, from)),
    ]
}

/// Bytes, as anybody may have put them there.
pub fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => vec(any::<u8>(), 0..64),
        2 => vec(word(), 0..12).prop_map(|words| words.concat()),
        1 => (0usize..5000).prop_map(|depth| b"[".repeat(depth)),
        1 => (0usize..5000).prop_map(|length| vec![0; length]),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = any::<u16>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (at(), 0u8..8).prop_map(|(at, bit)| Change::Bit(at, bit)),
        at().prop_map(Change::Cut),
        (at(), word()).prop_map(|(at, word)| Change::In(at, word)),
        (at(), any::<u8>()).prop_map(|(at, count)| Change::Out(at, count)),
        (at(), at(), any::<u8>()).prop_map(|(from, to, count)| Change::Again(from, to, count)),
        (at(), number()).prop_map(|(at, number)| Change::Number(at, number)),
    ]
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        number().prop_map(String::into_bytes),
        vec(any::<u8>(), 1..8),
    ]
}

fn number() -> impl Strategy<Value = String> {
    proptest::sample::select(&NUMBERS[..]).prop_map(str::to_owned)
}

fn beside() -> impl Strategy<Value = String> {
    prop_oneof![
        "task-[0-9]{1,11}(\\.[0-9]{1,10}(\\.(queued|waiting|failed))?)?",
        "task-00[123]-(web|api|job)\\.log(\\.[0-9]{1,10})?(\\.(zst|idx|tmp))?",
        "(slot\\.)?[0-9]{1,20}(\\.[0-9]{1,10})?",
        "[a-z]{1,3}\\.(request|done|json|any|bell)",
        "\\PC{1,12}",
    ]
    .prop_filter("a file's name", |name| !name.contains('/') && name != "." && name != ".." && name.len() < 200)
}

const WORDS: [&str; 24] = [
    "{\"version\":1,",
    "{\"version\":99}",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\\u0000",
    "\\ud800",
    "\u{1b}[2J",
    "\u{202e}",
    "\n",
    "\r",
    "\0",
    "../../x",
    "/",
    "task-001",
    "task-4294967295",
    "2026-02-30T25:61:61.999Z",
    "-262143-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    "running",
    "\"must_understand\":[\"x\"],",
    "é",
];
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967295",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e999",
    "0.5",
];

/// The damage is done to one of the files below a directory.
pub fn damage(root: &Path, which: u16, damage: &Damage) {
    let files = files(root);
    let Some(path) = pick(&files, which) else { return };
    match damage {
        Damage::Changed(changes) => {
            let mut bytes = fs::read(path).unwrap_or_default();
            changes.iter().for_each(|one| change(&mut bytes, one));
            let _ = fs::write(path, bytes);
        }
        Damage::Other(bytes) => drop(fs::write(path, bytes)),
        Damage::Exchanged(other) => {
            drop(pick(&files, *other).map(|other| fs::write(path, fs::read(other).unwrap_or_default())))
        }
        Damage::Removed => drop(fs::remove_file(path)),
        Damage::Directory => drop(fs::remove_file(path).and_then(|()| fs::create_dir(path))),
        Damage::Fifo => {
            let _ = fs::remove_file(path);
            let _ = nix::unistd::mkfifo(path, Mode::S_IRWXU);
        }
        Damage::Link(other) => {
            let to = other.and_then(|other| pick(&files, other)).map_or_else(|| "/nowhere".into(), Clone::clone);
            let _ = fs::remove_file(path);
            let _ = symlink(to, path);
        }
        Damage::Sparse(length) => {
            drop(fs::OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(*length)))
        }
        Damage::Beside(name, other) => {
            let bytes = pick(&files, *other).and_then(|other| fs::read(other).ok()).unwrap_or_default();
            let _ = fs::write(path.with_file_name(name), bytes);
        }
    }
}

/// Changes bytes.
pub fn change(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len();
    let place = |share: u16| length * usize::from(share) / (1 << 16);
    match change {
        Change::Byte(at, byte) => drop(bytes.get_mut(place(*at)).map(|there| *there = *byte)),
        Change::Bit(at, bit) => drop(bytes.get_mut(place(*at)).map(|there| *there ^= 1 << bit)),
        Change::Cut(at) => bytes.truncate(place(*at)),
        Change::In(at, word) => drop(bytes.splice(place(*at)..place(*at), word.iter().copied())),
        Change::Out(at, count) => drop(bytes.drain(place(*at)..length.min(place(*at) + usize::from(*count)))),
        Change::Again(from, to, count) => {
            let part = bytes[place(*from)..length.min(place(*from) + usize::from(*count))].to_vec();
            bytes.splice(place(*to)..place(*to), part);
        }
        Change::Number(at, number) => {
            let Some(start) = bytes[place(*at)..].iter().position(u8::is_ascii_digit).map(|found| place(*at) + found)
            else {
                return;
            };
            let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            bytes.splice(start..start + digits, number.bytes());
        }
    }
}

fn pick<T>(list: &[T], share: u16) -> Option<&T> {
    list.get(list.len() * usize::from(share) / (1 << 16))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found.sort();
    found
}
