//! The screen that a full-screen program has for itself. Only while there is one is it followed
//! cell by cell: its program may have drawn any part of it long ago. What other output shows is in
//! the log.

use crate::screen::mode_settings::Settings;
use crate::screen::picture::Picture;
use crate::screen::sequence::{Walk, Wanted};
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;

/// Follows the alternate screen through a task's output.
#[derive(Default)]
pub struct AltScreen {
    walk: Walk,
    settings: Settings,
    shown: Option<Box<ShownScreen>>,
}

/// The screen while it is there.
struct ShownScreen {
    picture: Picture,
    /// Where the log was when it began. *Units*: bytes.
    began: u64,
}

impl AltScreen {
    /// Takes in output; `log_before` is how long the log was before it. The first two are asked for
    /// only when needed.
    pub fn watch(&mut self, output: &[u8], log_before: u64, size: impl Fn() -> Size, line_feed: impl Fn() -> LineFeed) {
        let joined = self.walk.join(output);
        let (mut rest, mut means) = (&joined[..], None);
        // Without a screen to draw on, text is passed over.
        let wanted = |shown: &Option<_>| if shown.is_some() { Wanted::All } else { Wanted::Sequences };
        while let Some(token) = self.walk.next(&mut rest, wanted(&self.shown)) {
            self.settings.take(token);
            match (&mut self.shown, self.settings.is_alternate()) {
                (None, false) => {}
                (Some(shown), true) => shown.picture.take(token, *means.get_or_insert_with(&line_feed)),
                (Some(_), false) => self.shown = None,
                (None, true) => {
                    let picture = Picture::of_alternate(size());
                    self.shown = Some(Box::new(ShownScreen { picture, began: log_before }));
                }
            }
        }
        self.walk.keep(rest);
    }

    /// Follows a change of the terminal's size.
    pub fn resize(&mut self, size: Size) {
        if let Some(shown) = &mut self.shown {
            shown.picture.resize(size);
        }
    }

    /// What has a terminal that comes to it take keys as the program wants them, and have its
    /// colours.
    pub fn redo(&self) -> Vec<u8> {
        self.settings.redo()
    }

    /// What of it belongs to the usual screen, where a full-screen program has its own.
    pub fn redo_usual(&self) -> Vec<u8> {
        self.settings.redo_usual()
    }

    /// The picture, and how long the log was when it began, if there is one now.
    pub fn picture(&self) -> Option<(Vec<u8>, u64)> {
        self.shown.as_ref().map(|shown| (shown.picture.paint(), shown.began))
    }
}

#[cfg(test)]
mod tests {
    use super::AltScreen;
    use crate::screen::picture::Picture;
    use crate::units::size::Size;
    use crate::units::tty_modes::LineFeed;

    const SIZE: Size = Size { rows: 4, cols: 10 };

    fn lines(alternate: &AltScreen) -> Option<Vec<String>> {
        let (paint, _) = alternate.picture()?;
        let mut picture = Picture::new(SIZE);
        picture.show(&paint, LineFeed::Keeps);
        Some(picture.lines())
    }

    #[test]
    fn the_screen_is_there_from_its_beginning_to_its_end() {
        let mut alternate = AltScreen::default();
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

    #[test]
    fn a_program_that_asks_for_its_screen_twice_keeps_what_it_drew() {
        let mut alternate = AltScreen::default();
        alternate.watch(b"\x1b[?1049hdrawn\x1b[?1049h\x1b[?47h", 7, || SIZE, || LineFeed::Keeps);
        assert_eq!(lines(&alternate), Some(vec!["drawn".into()]));
        alternate.watch(b"\x1b[?1047l", 7, || SIZE, || LineFeed::Keeps);
        assert_eq!(lines(&alternate), None);
    }
}
