//! The screen that a full-screen program has for itself. Only while there is one is it followed cell by cell: its
//! program may have drawn any part of it long ago. What other output shows is in the log.

use crate::screen::modes::Scan;
use crate::screen::picture::{LineFeed, Picture};
use crate::screen::settings::Settings;
use crate::units::size::Size;

/// Follows the alternate screen through a task's output.
#[derive(Default)]
pub struct Alternate {
    scan: Scan,
    settings: Settings,
    shown: Option<Box<Shown>>,
}

/// The screen while it is there.
struct Shown {
    picture: Picture,
    /// Where the log was when it began. *Units*: bytes.
    began: u64,
}

impl Alternate {
    /// Takes in output; `log_before` is how long the log was before it. The first two are asked for only when needed.
    pub fn watch(&mut self, output: &[u8], log_before: u64, size: impl Fn() -> Size, line_feed: impl Fn() -> LineFeed) {
        self.settings.watch(output);
        let mut done = 0;
        for change in self.scan.chunk(output).into_iter().filter(|change| change.is_of_alternate_screen()) {
            self.show(&output[done..change.end], &line_feed);
            done = change.end;
            match (change.is_on, &self.shown) {
                (true, None) => self.shown = Some(Box::new(Shown { picture: Picture::new(size()), began: log_before })),
                (true, Some(_)) => {}
                (false, _) => self.shown = None,
            }
        }
        self.show(&output[done..], &line_feed);
    }

    /// Follows a change of the terminal's size.
    pub fn resize(&mut self, size: Size) {
        if let Some(shown) = &mut self.shown {
            shown.picture.resize(size);
        }
    }

    /// What has a terminal that comes to it take keys as the program wants them.
    pub fn redo(&self) -> Vec<u8> {
        self.settings.redo()
    }

    /// The picture, and how long the log was when it began, if there is one now.
    pub fn picture(&self) -> Option<(Vec<u8>, u64)> {
        self.shown.as_ref().map(|shown| (shown.picture.paint(), shown.began))
    }

    fn show(&mut self, output: &[u8], line_feed: &impl Fn() -> LineFeed) {
        if let Some(shown) = &mut self.shown {
            shown.picture.show(output, line_feed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alternate;
    use crate::screen::picture::{LineFeed, Picture};
    use crate::units::size::Size;

    const SIZE: Size = Size { rows: 4, cols: 10 };

    fn lines(alternate: &Alternate) -> Option<Vec<String>> {
        let (paint, _) = alternate.picture()?;
        let mut picture = Picture::new(SIZE);
        picture.show(&paint, LineFeed::Keeps);
        Some(picture.lines())
    }

    #[test]
    fn the_screen_is_there_from_its_beginning_to_its_end() {
        let mut alternate = Alternate::default();
        let mut watch = |output: &[u8]| {
            alternate.watch(output, 7, || SIZE, || LineFeed::Keeps);
            lines(&alternate)
        };
        assert_eq!(watch(b"before"), None);
        assert_eq!(watch(b"more\x1b[?1049h\x1b[2;3Hin"), Some(vec!["".into(), "  in".into()]));
        assert_eq!(watch(b"side"), Some(vec!["".into(), "  inside".into()]));
        assert_eq!(watch(b"\x1b[?10"), Some(vec!["".into(), "  inside".into()]));
        assert_eq!(watch(b"49l after"), None);
    }
}
