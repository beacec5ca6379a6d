//! A terminal's output, on screens of any size that change it at any time.

use proptest::collection::vec;
use proptest::prelude::*;

use super::output::{any_output, any_size};
use crate::screen::mode_settings::Settings;
use crate::screen::picture::Picture;
use crate::screen::sequence::Walk;
use crate::units::tty_modes::LineFeed;

#[test]
fn fuzz_terminal() {
    let steps = vec((any_output(), proptest::option::of(any_size()), any::<u8>()), 1..6);
    super::run("terminal", (any_size(), steps), |(size, steps)| {
        let (mut picture, mut settings, mut walk) = (Picture::new(size), Settings::default(), Walk::default());
        for (output, resized, cut) in steps {
            let (before, behind) = output.split_at(usize::from(cut) % (output.len() + 1));
            picture.show(before, LineFeed::Keeps);
            picture.show(behind, LineFeed::Returns);
            settings.watch(&mut walk, before);
            settings.watch(&mut walk, behind);
            if let Some(size) = resized {
                picture.resize(size);
            }
            let painted = [picture.paint(), picture.paint_below(), settings.redo(), settings.undo()];
            prop_assert!(painted.iter().all(|paint| paint.len() < 16 << 20));
        }
        Ok(())
    });
}
