//! What a stream of output has set in the terminal that shows it, followed from its beginning: so
//! that it can be set in another terminal, and undone in one that belongs to somebody else again.
//! What was not set is neither. *Source*: XTerm Control Sequences (ctlseqs); the kitty keyboard
//! protocol, "Progressive enhancement".

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use std::collections::{BTreeMap, BTreeSet};

use super::sequence::{Token, Walk, Wanted};

/// So many modes are followed at most: no terminal has more.
const MOST_MODES: usize = 256;
/// A colour whose name is longer is not set again. *Units*: bytes.
const LONGEST_COLOUR: usize = 32;
/// Modes that are on unless a program turns them off: wrapping at the margin, a visible cursor.
const USUALLY_ON: [u16; 2] = [7, 25];
/// Modes that concern a screen of its own.
const ALTERNATE: [u16; 3] = [47, 1047, 1049];
/// Modes of keys, mouse, focus and pasted text, and the visible cursor: what a terminal needs that
/// comes later.
const INPUT: [u16; 19] =
    [1, 9, 25, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1036, 1039, 2004, 2031, 2048];
/// Insert mode, and LF that returns the carriage (LNM). *Source*: ECMA-48, "SM".
const ANSI: [u16; 2] = [4, 20];
/// As deep as kitty keeps its flags.
const DEEPEST: usize = 8;

/// What was set.
#[derive(Debug, Default)]
pub struct Settings {
    /// Private modes (`ESC [ ? N h`).
    modes: BTreeMap<u16, bool>,
    /// ANSI modes that are on.
    ansi: BTreeSet<u16>,
    has_attributes: bool,
    has_margins: bool,
    /// Character sets that were designated, by the byte that says which, and whether the second one
    /// is in use.
    sets: BTreeSet<u8>,
    is_shifted: bool,
    has_keypad: bool,
    /// The cursor's shape, if it is not the usual one.
    shape: Option<u16>,
    /// Colours of the terminal itself, by the numbers of their commands: what each was set to,
    /// where that can be said again.
    colours: BTreeMap<u16, Option<String>>,
    /// The same of its palette (`ESC ] 4`), by the numbers of the colours.
    palette: BTreeMap<u16, Option<String>>,
    /// xterm's encoding of other keys.
    other_keys: Option<u16>,
    /// kitty's flags: those of the usual screen, and of that of full-screen programs.
    flags: [Flags; 2],
}

/// kitty's flags of one screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Flags {
    /// Those that stand when nothing is pushed.
    base: u16,
    pushed: Vec<u16>,
}

impl Settings {
    /// Takes in what the terminal was shown, however it is cut: `walk` takes it apart.
    pub fn watch(&mut self, walk: &mut Walk, bytes: &[u8]) {
        let joined = walk.join(bytes);
        let mut rest = &joined[..];
        while let Some(token) = walk.next(&mut rest, Wanted::Sequences) {
            self.take(token);
        }
        walk.keep(rest);
    }

    /// Takes in a piece of it.
    pub fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Escape(b'c') => *self = Settings::default(),
            Token::Escape(last @ (b'=' | b'>')) => self.has_keypad = last == b'=',
            Token::Designation(set @ (b'(' | b')' | b'*' | b'+'), b'B') => drop(self.sets.remove(&set)),
            Token::Designation(set @ (b'(' | b')' | b'*' | b'+'), _) => drop(self.sets.insert(set)),
            Token::Command(command) => self.command(command),
            Token::Control { parameters, last } => self.control(parameters, last),
            Token::Shift(is_shifted) => self.is_shifted = is_shifted,
            Token::Designation(..)
            | Token::Escape(_)
            | Token::Text(_)
            | Token::LineFeed
            | Token::Return
            | Token::Back
            | Token::Nothing => {}
        }
    }

    /// Whether a full-screen program has the screen to itself.
    pub fn is_alternate(&self) -> bool {
        ALTERNATE.iter().any(|mode| self.modes.get(mode) == Some(&true))
    }

    /// What has a terminal that comes later take keys as the program wants them.
    pub fn redo(&self) -> Vec<u8> {
        let mut text = String::new();
        for (mode, is_on) in self.modes.iter().filter(|(mode, _)| INPUT.contains(mode)) {
            text += &format!("\x1b[?{mode}{}", if *is_on { 'h' } else { 'l' });
        }
        self.ansi.iter().for_each(|mode| text += &format!("\x1b[{mode}h"));
        text += if self.has_keypad { "\x1b=" } else { "" };
        text += &self.shape.map_or_else(String::new, |shape| format!("\x1b[{shape} q"));
        text += &self.other_keys.map_or_else(String::new, |level| format!("\x1b[>4;{level}m"));
        for (colour, value) in &self.palette {
            text += &value.as_ref().map_or_else(String::new, |value| format!("\x1b]4;{colour};{value}\x1b\\"));
        }
        for (colour, value) in &self.colours {
            text += &value.as_ref().map_or_else(String::new, |value| format!("\x1b]{colour};{value}\x1b\\"));
        }
        text += &self.flags_now().redo();
        text.into_bytes()
    }

    /// What a terminal that comes to a full-screen program gets before it leaves its usual screen:
    /// the keys of that one are kept apart.
    pub fn redo_usual(&self) -> Vec<u8> {
        let [usual, _] = &self.flags;
        if self.is_alternate() { usual.redo().into_bytes() } else { Vec::new() }
    }

    /// What takes back the keys of the screen that is there now (kitty's flags), so that they can
    /// be said anew.
    pub fn undo_flags(&self) -> Vec<u8> {
        self.flags_now().undo().into_bytes()
    }

    /// What puts everything back, for a terminal that belongs to somebody else again.
    pub fn undo(&self) -> Vec<u8> {
        let [usual, alternate] = &self.flags;
        let mut text = if self.is_alternate() { alternate.undo() } else { String::new() };
        for (mode, is_on) in &self.modes {
            let was_on = USUALLY_ON.contains(mode);
            if *is_on != was_on {
                text += &format!("\x1b[?{mode}{}", if was_on { 'h' } else { 'l' });
            }
        }
        text += &usual.undo();
        self.ansi.iter().for_each(|mode| text += &format!("\x1b[{mode}l"));
        text += if self.has_attributes { "\x1b[m" } else { "" };
        text += if self.is_shifted { "\x0f" } else { "" };
        self.sets.iter().for_each(|set| text += &format!("\x1b{}B", char::from(*set)));
        text += if self.has_keypad { "\x1b>" } else { "" };
        // The cursor, which goes home with the margins, is kept.
        text += if self.has_margins { "\x1b7\x1b[r\x1b8" } else { "" };
        text += if self.shape.is_some() { "\x1b[0 q" } else { "" };
        text += if self.other_keys.is_some() { "\x1b[>4m" } else { "" };
        text += if self.palette.is_empty() { "" } else { "\x1b]104\x1b\\" };
        self.colours.keys().for_each(|colour| text += &format!("\x1b]{}\x1b\\", colour.saturating_add(100)));
        text.into_bytes()
    }

    fn flags_now(&self) -> &Flags {
        let [usual, alternate] = &self.flags;
        if self.is_alternate() { alternate } else { usual }
    }

    /// What one of the modes of the alternate screen takes a terminal to, each of them takes it
    /// back from.
    fn set_mode(&mut self, mode: u16, is_on: bool) {
        if ALTERNATE.contains(&mode) && !is_on {
            self.modes.iter_mut().filter(|(mode, _)| ALTERNATE.contains(mode)).for_each(|(_, is_on)| *is_on = false);
        } else if !(ALTERNATE.contains(&mode) && self.is_alternate())
            && (self.modes.len() < MOST_MODES || self.modes.contains_key(&mode))
        {
            self.modes.insert(mode, is_on);
        }
    }

    fn control(&mut self, parameters: &[u8], last: u8) {
        let (prefix, numbers) = match parameters.split_first() {
            Some((prefix @ (b'?' | b'>' | b'=' | b'<'), numbers)) => (*prefix, numbers),
            Some(_) | None => (b' ', parameters),
        };
        let (numbers, between) = match numbers.split_last() {
            Some((between @ 0x20..=0x2f, numbers)) => (numbers, *between),
            Some(_) | None => (numbers, 0),
        };
        let Some(numbers) = read(numbers) else { return };
        let first = numbers.first().copied().flatten();
        match (prefix, between, last) {
            (b'?', 0, b'h' | b'l') => {
                numbers.into_iter().flatten().for_each(|mode| self.set_mode(mode, last == b'h'));
            }
            (b' ', 0, b'h') => self.ansi.extend(numbers.into_iter().flatten().filter(|mode| ANSI.contains(mode))),
            (b' ', 0, b'l') => self.ansi.retain(|mode| !numbers.contains(&Some(*mode))),
            (b' ', 0, b'm') => self.has_attributes = !matches!(numbers.last(), None | Some(None | Some(0))),
            (b' ', 0, b'r') => self.has_margins = numbers.iter().any(Option::is_some),
            (b' ', b' ', b'q') => self.shape = first.filter(|shape| *shape > 0),
            // A soft reset. *Source*: ctlseqs, DECSTR.
            (b' ', b'!', b'p') => {
                self.ansi.clear();
                (self.has_attributes, self.has_margins, self.has_keypad) = (false, false, false);
                self.modes.retain(|mode, _| !matches!(mode, 1 | 6 | 7 | 25));
            }
            (b'>', 0, b'm') if first == Some(4) => {
                self.other_keys = numbers.get(1).copied().flatten().filter(|level| *level > 0);
            }
            (b'>' | b'=' | b'<', 0, b'u') => {
                let is_alternate = self.is_alternate();
                let [usual, alternate] = &mut self.flags;
                let flags = if is_alternate { alternate } else { usual };
                flags.take(prefix, first, numbers.get(1).copied().flatten());
            }
            _ => {}
        }
    }

    /// What follows `ESC ]`.
    fn command(&mut self, command: &[u8]) {
        let mut parts = command.split(|byte| *byte == b';');
        let Some(number) = parts.next().and_then(number) else { return };
        let values: Vec<&[u8]> = parts.collect();
        let is_set = |value: &[u8]| !value.is_empty() && value != b"?";
        match number {
            4 => {
                for pair in values.chunks_exact(2) {
                    if let [which, value] = pair
                        && is_set(value)
                        && let Some(which) = self::number(which).filter(|which| usize::from(*which) < MOST_MODES)
                    {
                        self.palette.insert(which, again(value));
                    }
                }
            }
            10..=19 => {
                // Each further value is of the next colour.
                let set = (number..=19).zip(&values).filter(|(_, value)| is_set(value));
                self.colours.extend(set.map(|(number, value)| (number, again(value))));
            }
            104 if values.iter().any(|value| !value.is_empty()) => {
                values.into_iter().filter_map(self::number).for_each(|which| drop(self.palette.remove(&which)));
            }
            104 => self.palette.clear(),
            110..=119 => drop(self.colours.remove(&number.saturating_sub(100))),
            _ => {}
        }
    }
}

impl Flags {
    fn take(&mut self, prefix: u8, first: Option<u16>, how: Option<u16>) {
        let flags = first.unwrap_or(0);
        match prefix {
            b'>' => {
                if self.pushed.len() == DEEPEST {
                    self.pushed.remove(0);
                }
                self.pushed.push(flags);
            }
            b'<' => {
                let left = self.pushed.len().saturating_sub(first.unwrap_or(1).max(1).into());
                self.pushed.truncate(left);
            }
            _ => {
                let now = self.pushed.last_mut().unwrap_or(&mut self.base);
                *now = match how {
                    Some(2) => *now | flags,
                    Some(3) => *now & !flags,
                    Some(_) | None => flags,
                };
            }
        }
    }

    fn redo(&self) -> String {
        let base = if self.base == 0 { String::new() } else { format!("\x1b[={}u", self.base) };
        self.pushed.iter().fold(base, |text, pushed| text + &format!("\x1b[>{pushed}u"))
    }

    fn undo(&self) -> String {
        let popped = if self.pushed.is_empty() { String::new() } else { format!("\x1b[<{}u", self.pushed.len()) };
        popped + if self.base == 0 { "" } else { "\x1b[=0u" }
    }
}

/// A colour as it can be said again.
fn again(value: &[u8]) -> Option<String> {
    let is_plain = value.len() <= LONGEST_COLOUR && value.iter().all(u8::is_ascii_graphic);
    is_plain.then(|| String::from_utf8_lossy(value).into_owned())
}

fn read(numbers: &[u8]) -> Option<Vec<Option<u16>>> {
    if !numbers.iter().all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')) {
        return None;
    }
    Some(numbers.split(|byte| *byte == b';').map(number).collect())
}

fn number(digits: &[u8]) -> Option<u16> {
    let digits = digits.split(|byte| *byte == b':').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Settings, Walk};
    use proptest::prelude::*;

    fn after(output: &str) -> Settings {
        let mut settings = Settings::default();
        settings.watch(&mut Walk::default(), output.as_bytes());
        settings
    }

    fn undo(output: &str) -> String {
        String::from_utf8(after(output).undo()).expect("text")
    }

    fn redo(output: &str) -> String {
        String::from_utf8(after(output).redo()).expect("text")
    }

    #[test]
    fn what_was_changed_is_put_back_and_nothing_else() {
        for (output, expected) in [
            ("plain text\x1b[2J\x1b[3;4H\x1b[K\x1b]0;title\x07", ""),
            ("\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1000l", "\x1b[?25h\x1b[?1049l\x1b[?2004l"),
            ("\x1b[1;31mred", "\x1b[m"),
            ("\x1b[1;31mred\x1b[0m", ""),
            ("\x1b[31mred\x1b[m", ""),
            ("\x1b[4hinsert", "\x1b[4l"),
            ("\x1b[4;20h\x1b[4l", "\x1b[20l"),
            ("\x1b[5 q", "\x1b[0 q"),
            ("\x1b[5 q\x1b[0 q", ""),
            ("\x1b]10;red\x07\x1b]4;1;blue\x1b\\", "\x1b]104\x1b\\\x1b]110\x1b\\"),
            ("\x1b]11;?\x07\x1b]4;1;?\x07", ""),
            ("\x1b]12;red\x07\x1b]112\x07", ""),
            ("\x1b]4;1;red;2;blue\x07\x1b]104;1\x07", "\x1b]104\x1b\\"),
            ("\x1b]4;1;red;2;blue\x07\x1b]104;1;2\x07", ""),
            ("\x1b[?1049h\x1b[?1047l", ""),
            ("\x1b]10;red;blue\x07", "\x1b]110\x1b\\\x1b]111\x1b\\"),
            ("\x1b[>1u\x1b[>5u", "\x1b[<2u"),
            ("\x1b[>1u\x1b[<u", ""),
            ("\x1b[=1u", "\x1b[=0u"),
            ("\x1b[>1u\x1b[?1049h\x1b[>3u", "\x1b[<1u\x1b[?1049l\x1b[<1u"),
            ("\x1b[>4;2m", "\x1b[>4m"),
            ("\x1b(0lqk", "\x1b(B"),
            ("\x1b(0lqk\x1b(B", ""),
            ("\x0e", "\x0f"),
            ("\x1b=", "\x1b>"),
            ("\x1b[2;5r", "\x1b7\x1b[r\x1b8"),
            ("\x1b[2;5r\x1b[r", ""),
            ("\x1b[?2004h\x1b[4h\x1bc", ""),
        ] {
            assert_eq!(undo(output), expected, "{output:?}");
        }
    }

    #[test]
    fn what_keys_send_is_set_again() {
        assert_eq!(redo("\x1b[?1h\x1b[?2004h\x1b[?1004h\x1b[?1004l\x1b[?1049h"), "\x1b[?1h\x1b[?1004l\x1b[?2004h");
        assert_eq!(redo("\x1b[>1u\x1b[>5u\x1b=\x1b[6 q\x1b[>4;1m"), "\x1b=\x1b[6 q\x1b[>4;1m\x1b[>1u\x1b[>5u");
        assert_eq!(redo("text\x1b[31m"), "");
        assert_eq!(
            redo("\x1b]4;1;red;7;#fff\x07\x1b]10;?;rgb:00/ff/00\x07"),
            "\x1b]4;1;red\x1b\\\x1b]4;7;#fff\x1b\\\x1b]11;rgb:00/ff/00\x1b\\"
        );
        assert_eq!(redo("\x1b]11;a\nb\x07"), "", "what is no colour is not said again");
    }

    #[test]
    fn the_usual_screen_has_keys_of_its_own() {
        let settings = after("\x1b[=1u\x1b[>5u\x1b[?1049h\x1b[>3u");
        assert_eq!((settings.redo_usual(), settings.redo()), (b"\x1b[=1u\x1b[>5u".to_vec(), b"\x1b[>3u".to_vec()));
        assert_eq!(after("\x1b[>5u").redo_usual(), b"");
    }

    proptest! {
        #[test]
        fn chunks_may_be_cut_anywhere(parts in proptest::collection::vec(prop_oneof![
            Just("\x1b[?1049h"), Just("\x1b[?25;7l"), Just("x"), Just("\x1b"), Just("\x1b[?"), Just("1h"), Just("\x1b[31m"),
            Just("\x1b]10;red\x07"), Just("\x1b[5 q"), Just("\x1b[>1u"), Just("\x1b(0"), Just("\x0e")], 0..8), cut in 1usize..7)
        {
            let stream = parts.concat();
            let (mut pieces, mut walk) = (Settings::default(), Walk::default());
            stream.as_bytes().chunks(cut).for_each(|piece| pieces.watch(&mut walk, piece));
            let whole = after(&stream);
            prop_assert_eq!((pieces.undo(), pieces.redo()), (whole.undo(), whole.redo()));
        }
    }
}
