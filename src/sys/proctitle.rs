//! What `ps` shows of this process. *Source*: proc(5), /proc/PID/stat fields 48 to 51; prctl(2),
//! PR_SET_NAME.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use super::{memory, proc_file};

/// The short name in `ps` is at most this long. *Units*: bytes.
const LONGEST_NAME: usize = 15;

/// Gives this process a short name (`ps -o comm`) and a title (`ps -o args`). The title takes the
/// place of the words and the environment that it was started with, as far as there is room; both
/// are blanked, so that nothing of the starter's environment shows here any more. libc's
/// environment is not to be used afterwards.
pub fn set(name: &str, title: &[u8]) -> io::Result<()> {
    set_name(name)?;
    let (start, end) = own_room().ok_or(io::ErrorKind::InvalidData)?;
    let length = title.len().min((end - start).saturating_sub(1));
    // A page that is given back reads as zeros, and takes no memory.
    let rest = memory::up(start + length);
    let mut shown = vec![0; rest.min(end) - start];
    shown[..length].copy_from_slice(&title[..length]);
    OpenOptions::new().write(true).open("/proc/self/mem")?.write_all_at(&shown, start as u64)?;
    // SAFETY: whole pages of words and environment, which are not used any more. Behind them, up to
    // the stack's end, there is only the path by which the program was executed.
    unsafe { memory::drop_pages(rest, memory::up(end)) };
    Ok(())
}

/// Where the words that this process was started with stand, above its stack.
pub(super) fn begin() -> Option<usize> {
    own_room().map(|(start, _)| start)
}

/// Gives this process a short name alone.
pub fn set_name(name: &str) -> io::Result<()> {
    let short: String = name.chars().take(LONGEST_NAME).collect();
    Ok(nix::sys::prctl::set_name(&CString::new(short)?)?)
}

/// It stays where it is, and the kernel adds up all that the process has used to say it.
fn own_room() -> Option<(usize, usize)> {
    static ROOM: OnceLock<Option<(usize, usize)>> = OnceLock::new();
    *ROOM.get_or_init(|| room(&proc_file::text("/proc/self/stat").ok()?))
}

/// Where the words begin, and where the environment behind them ends.
fn room(stat: &str) -> Option<(usize, usize)> {
    // The fields after the name are numbered from 3.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<usize>().ok();
    let (words, environment_end) = (number(48)?, number(51)?);
    (words < environment_end).then_some((words, environment_end))
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn the_room_is_found_behind_any_name() {
        let stat = std::fs::read_to_string("/proc/self/stat").expect("own stat");
        let (start, end) = room(&stat).expect("the room");
        assert!(end > start);
        assert_eq!(room("1 (x) S 0"), None);
    }
}
