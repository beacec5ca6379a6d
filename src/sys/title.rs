//! What `ps` shows of this process. *Source*: proc(5), /proc/PID/stat fields 48 to 51; prctl(2), PR_SET_NAME.

use std::ffi::CString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;

/// The short name in `ps` is at most this long. *Units*: bytes.
const LONGEST_NAME: usize = 15;

/// Gives this process a short name (`ps -o comm`) and a title (`ps -o args`). The title takes the place of the
/// words and the environment that it was started with, as far as there is room; both are blanked,
/// so that nothing of the starter's environment shows here any more. libc's environment is not to
/// be used afterwards.
pub fn set(name: &str, title: &str) -> io::Result<()> {
    set_name(name)?;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (start, end) = room(&stat).ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(0)];
    let length = title.len().min(bytes.len().saturating_sub(1));
    bytes[..length].copy_from_slice(&title.as_bytes()[..length]);
    OpenOptions::new().write(true).open("/proc/self/mem")?.write_all_at(&bytes, start)
}

/// Gives this process a short name alone.
pub fn set_name(name: &str) -> io::Result<()> {
    let short: String = name.chars().take(LONGEST_NAME).collect();
    Ok(nix::sys::prctl::set_name(&CString::new(short)?)?)
}

/// Where the words begin, and where the environment behind them ends.
fn room(stat: &str) -> Option<(u64, u64)> {
    // The fields after the name are numbered from 3.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
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
