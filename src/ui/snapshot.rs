//! Text that is compared with a file of `tests/snapshots/`. `AOS_UPDATE_SNAPSHOTS=1 cargo test`
//! writes the files instead; what has changed in them is then to be looked at before it is
//! committed.

use std::path::Path;

/// The widths at which tables are looked at. *Units*: terminal cells.
pub const WIDTHS: [u16; 4] = [40, 60, 80, 120];

/// Asserts that a text is what the file says.
#[expect(clippy::disallowed_methods, reason = "a file of the sources, which nobody reads meanwhile")]
pub fn assert_is(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("AOS_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(text == wanted, "{} says:\n{wanted}\nand this is:\n{text}", path.display());
}

/// The same text at each width, under a ruler that is as wide.
pub fn at_each_width(mut text: impl FnMut(u16) -> String) -> String {
    WIDTHS.iter().map(|&width| format!("{}\n{}", "-".repeat(width.into()), text(width))).collect()
}
