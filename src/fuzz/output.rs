//! What programs print, the odd ones among them.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::units::size::Size;

/// Pieces of output in a row.
pub fn any_output() -> impl Strategy<Value = Vec<u8>> {
    vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

/// The size of any screen.
pub fn any_size() -> impl Strategy<Value = Size> {
    let side = || prop_oneof![4 => 1u16..6, 4 => 1u16..40, 1 => Just(0), 1 => Just(u16::MAX)];
    (side(), side()).prop_map(|(rows, cols)| Size { rows, cols })
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &str| Just(text.as_bytes().to_vec());
    prop_oneof![
        4 => "[ -~]{0,12}".prop_map(String::into_bytes),
        4 => "[✔️︎❤日本한e\u{301}\u{200d}\u{200b}👩🏽‍🚀🇩🇪\u{1f1e6}\u{feff}\u{ad}\u{115f}│é]{1,4}".prop_map(String::into_bytes),
        4 => "\x1b\\[[?>=<!]?[0-9;:]{0,8}[ $\"']?[@-~]".prop_map(String::into_bytes),
        4 => "\x1b\\[([0-9]{1,2}|65535|4294967295|99999999999)?(;([0-9]{1,2}|65535))?[A-MPSTXZ@abdefgr`]".prop_map(String::into_bytes),
        4 => "\x1b\\[[0-9]{1,2};[0-9]{1,2}[Hfr]".prop_map(String::into_bytes),
        2 => "\x1b\\[([0-9]{1,3}[;:]){0,4}[0-9]{1,3}m".prop_map(String::into_bytes),
        2 => "\x1b\\[\\?(6|7|25|1|47|1047|1048|1049|2004|69)[hl]".prop_map(String::into_bytes),
        2 => "\x1b[ -/]?[0-~]".prop_map(String::into_bytes),
        1 => "\x1b[()*+][0AB]|[\x0e\x0f]".prop_map(String::into_bytes),
        1 => text("\x1b[?1049h"),
        1 => text("\x1b[?1049l"),
        1 => "\x1b\\](0|4|8|10|11|12|52|104|110)?;[ -~]{0,8}(\x07|\x1b\\\\|\x18|)".prop_map(String::into_bytes),
        1 => "\x1b[PX^_][ -~\n]{0,8}(\x1b\\\\|\u{9c}|)".prop_map(String::into_bytes),
        1 => (0usize..9000).prop_map(|length| [b"\x1bP".to_vec(), b"q".repeat(length)].concat()),
        1 => (0usize..9000).prop_map(|length| [b"\x1b[".to_vec(), b"1;".repeat(length)].concat()),
        3 => "[\n\r\t\x08\x0b\x0c\x00\x7f\u{84}\u{9b}]{1,3}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..6),
    ]
}
