//! What may reach a reader's terminal. Programs write what they like into their logs; of that
//! a reader's terminal gets text, line ends, tabs and colours, and no sequence that moves the
//! cursor, sets the title, asks the terminal questions or turns text around.

pub mod in_json;
mod one_line;
pub mod unseen;

use std::fmt::Write as _;

use unseen::{LONGEST_SEQUENCE, is_invisible, is_joiner, turns_text};

/// What happens to colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// They pass: somebody is looking.
    Pass,
    /// They are dropped: a program is reading.
    Drop,
}

/// What becomes of text that a carriage return overwrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overwrites {
    /// It is overwritten before the reader's eyes.
    Live,
    /// The line is held back until it ends, and only its last state is passed on.
    Held,
}

/// What becomes of bytes that are no text: control characters, invalid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OtherSequences {
    /// They are shown as `\xNN`.
    Shown,
    /// They stay: nobody's terminal gets them like this.
    Kept,
}

/// Longest line held back for a carriage return to overwrite, when a program is reading.
const LONGEST_HELD: usize = 1 << 20;

/// How a line begins anew on a terminal.
const OVERWRITE: &str = "\r\x1b[K";

/// Makes a stream of bytes safe, in chunks of any size. Escape sequences are dropped (colours
/// excepted), other control characters and invalid UTF-8 are shown as `\xNN`. A carriage return
/// that overwrites a line leaves its last state: on a terminal by overwriting, else by holding the
/// line back until it ends.
#[derive(Debug)]
pub struct Filter {
    colours: Colours,
    overwrites: Overwrites,
    others: OtherSequences,
    state: FilterState,
    /// Bytes of a sequence or a character that is not complete yet.
    pending: Vec<u8>,
    /// The line so far, when carriage returns must be resolved before it is passed on.
    line: Vec<u8>,
    is_returned: bool,
    /// Whether what was passed on last is not ASCII: a joiner may follow.
    is_after_sign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilterState {
    Text,
    Escape,
    /// `ESC [`: up to a final byte.
    Control,
    /// `ESC ]`, `ESC P` and their like: up to BEL, ST or the line's end.
    Payload,
    PayloadEscape,
    Character,
}

impl Filter {
    /// A filter at the beginning of a stream.
    pub fn new(colours: Colours) -> Filter {
        let overwrites = match colours {
            Colours::Pass => Overwrites::Live,
            Colours::Drop => Overwrites::Held,
        };
        Filter::with(colours, overwrites, OtherSequences::Shown)
    }

    /// One for what is over: of a line that was overwritten only the last state is shown, on a
    /// terminal too.
    pub fn still(colours: Colours) -> Filter {
        Filter::with(colours, Overwrites::Held, OtherSequences::Shown)
    }

    /// One that takes sequences and what is overwritten out, and leaves all else as it is: for
    /// searching. What comes out is not safe to show.
    pub fn to_search() -> Filter {
        Filter::with(Colours::Drop, Overwrites::Held, OtherSequences::Kept)
    }

    fn with(colours: Colours, overwrites: Overwrites, others: OtherSequences) -> Filter {
        Filter {
            colours,
            overwrites,
            others,
            state: FilterState::Text,
            pending: Vec::new(),
            line: Vec::new(),
            is_returned: false,
            is_after_sign: false,
        }
    }

    /// Takes in bytes and appends what may be shown to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if self.state == FilterState::Text {
                let lines = self.plain_lines(rest);
                if lines > 0 {
                    out.extend_from_slice(&rest[..lines]);
                    self.is_after_sign = false;
                    rest = &rest[lines..];
                    continue;
                }
                let run = self.plain(rest);
                if run > 0 {
                    self.text(&rest[..run], out);
                    rest = &rest[run..];
                    continue;
                }
            }
            self.byte(byte, out);
            rest = after;
        }
    }

    /// Whether nothing is held back: what comes next begins a line, or goes on in text.
    pub fn holds_nothing(&self) -> bool {
        self.state == FilterState::Text && self.line.is_empty() && !self.is_returned
    }

    /// Ends the stream: what was held back is passed on.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if self.state == FilterState::Character {
            self.show_pending(out);
        }
        self.state = FilterState::Text;
        out.append(&mut self.line);
    }

    /// How much at the beginning are whole lines that pass as they are.
    fn plain_lines(&self, bytes: &[u8]) -> usize {
        if self.is_returned || !self.line.is_empty() || self.others == OtherSequences::Kept {
            return 0;
        }
        memchr::memrchr(b'\n', &bytes[..plain_text(bytes)]).map_or(0, |at| at + 1)
    }

    /// How much at the beginning passes as it is.
    fn plain(&self, bytes: &[u8]) -> usize {
        let end = match self.others {
            OtherSequences::Shown => bytes.iter().position(|b| !is_plain(*b)),
            OtherSequences::Kept => memchr::memchr3(0x1b, b'\r', b'\n', bytes),
        };
        end.unwrap_or(bytes.len())
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.state {
            FilterState::Text => self.special(byte, out),
            FilterState::Character => self.continue_character(byte, out),
            FilterState::Escape => self.escape(byte),
            FilterState::Control => self.control(byte, out),
            FilterState::Payload => self.string(byte, out),
            FilterState::PayloadEscape => {
                self.state = if byte == b'\\' { FilterState::Text } else { FilterState::Escape };
                if byte != b'\\' {
                    self.byte(byte, out);
                }
            }
        }
    }

    fn special(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            0x1b => self.begin(FilterState::Escape, byte),
            b'\n' => self.end_line(out),
            b'\r' => self.is_returned = true,
            // Shifts to another character set and back; some terminals' "no colour" ends with one.
            0x0e | 0x0f => {}
            0xc2..=0xf4 => self.begin(FilterState::Character, byte),
            // It ended what was none: a sequence, or a character.
            _ if is_plain(byte) => self.text(&[byte], out),
            _ => self.text(shown(byte).as_bytes(), out),
        }
    }

    fn begin(&mut self, state: FilterState, byte: u8) {
        self.pending.clear();
        self.pending.push(byte);
        self.state = state;
    }

    fn escape(&mut self, byte: u8) {
        self.pending.push(byte);
        self.state = match byte {
            b'[' => FilterState::Control,
            b']' | b'P' | b'X' | b'^' | b'_' => FilterState::Payload,
            // Intermediate bytes, as in `ESC ( B`: the final one follows.
            0x20..=0x2f if self.pending.len() < LONGEST_SEQUENCE => FilterState::Escape,
            _ => FilterState::Text,
        };
    }

    fn control(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.pending.push(byte);
        match byte {
            0x20..=0x3f if self.pending.len() < LONGEST_SEQUENCE => {}
            b'm' => {
                self.state = FilterState::Text;
                let is_colour =
                    self.pending[2..self.pending.len() - 1].iter().all(|b| b.is_ascii_digit() || b";:".contains(b));
                if is_colour && self.colours == Colours::Pass {
                    let sequence = std::mem::take(&mut self.pending);
                    self.text(&sequence, out);
                }
            }
            b'\n' | b'\r' | 0x1b => {
                self.state = FilterState::Text;
                self.special(byte, out);
            }
            _ => self.state = FilterState::Text,
        }
    }

    fn string(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.pending.push(byte);
        match byte {
            0x07 => self.state = FilterState::Text,
            0x1b => self.state = FilterState::PayloadEscape,
            b'\n' => {
                self.state = FilterState::Text;
                self.special(byte, out);
            }
            _ if self.pending.len() >= LONGEST_SEQUENCE => self.state = FilterState::Text,
            _ => {}
        }
    }

    fn continue_character(&mut self, byte: u8, out: &mut Vec<u8>) {
        if byte & 0xc0 != 0x80 {
            self.show_pending(out);
            self.state = FilterState::Text;
            self.byte(byte, out);
            return;
        }
        self.pending.push(byte);
        let length = match self.pending[0] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        if self.pending.len() < length {
            return;
        }
        self.state = FilterState::Text;
        let character = std::str::from_utf8(&self.pending).ok().and_then(|s| s.chars().next());
        if character.is_some_and(|c| is_invisible(c) && !(is_joiner(c) && self.is_after_sign)) {
            self.pending.clear();
        } else if character.is_some_and(|c| !c.is_control() && !turns_text(c)) {
            let character = std::mem::take(&mut self.pending);
            self.text(&character, out);
        } else {
            self.show_pending(out);
        }
    }

    fn show_pending(&mut self, out: &mut Vec<u8>) {
        let text: String = self.pending.drain(..).map(shown).collect();
        self.text(text.as_bytes(), out);
    }

    /// Passes visible text on, where the last carriage return says it goes.
    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.is_after_sign = text.last().is_some_and(|last| !last.is_ascii());
        match self.overwrites {
            Overwrites::Live => {
                if std::mem::take(&mut self.is_returned) {
                    out.extend_from_slice(OVERWRITE.as_bytes());
                }
                out.extend_from_slice(text);
            }
            Overwrites::Held => {
                if std::mem::take(&mut self.is_returned) {
                    self.line.clear();
                }
                let mut rest = text;
                while !rest.is_empty() {
                    let (held, more) = rest.split_at(rest.len().min(LONGEST_HELD - self.line.len()));
                    self.line.extend_from_slice(held);
                    if self.line.len() == LONGEST_HELD {
                        out.append(&mut self.line);
                    }
                    rest = more;
                }
            }
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        (self.is_returned, self.is_after_sign) = (false, false);
        out.append(&mut self.line);
        out.push(b'\n');
    }
}

/// How much at the beginning is plain, line ends among it.
fn plain_text(bytes: &[u8]) -> usize {
    let is_other = |byte: &u8| !is_plain(*byte) && *byte != b'\n';
    // Of a block, all is looked at, and many bytes at once.
    let has_other = |block: &&[u8]| block.iter().fold(false, |has, byte| has | is_other(byte));
    let blocks = bytes.chunks_exact(64).take_while(|block| !has_other(block)).count() * 64;
    bytes[blocks..].iter().position(is_other).map_or(bytes.len(), |at| blocks + at)
}

/// Whether it is ASCII text without a control character but tabs: it is shown as it is.
pub fn is_plain_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| is_plain(*b))
}

/// What a whole line, without its end, shows: safe, colours as wanted, and only what the last
/// carriage return left.
pub fn line(bytes: &[u8], colours: Colours) -> String {
    if let (true, Ok(text)) = (is_plain_text(bytes), std::str::from_utf8(bytes)) {
        return text.to_owned();
    }
    let (mut filter, mut out) = (Filter::new(colours), Vec::with_capacity(bytes.len()));
    filter.feed(bytes, &mut out);
    filter.finish(&mut out);
    let text = String::from_utf8_lossy(&out);
    text.rsplit(OVERWRITE).next().unwrap_or_default().to_owned()
}

/// Makes a short text (a name, a command, a path) safe to print within a line: every control
/// character, line ends and tabs too, and what is not seen or turns text around, is shown as
/// `\xNN`.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let is_joint = is_joiner(c) && safe.bytes().last().is_some_and(|last| !last.is_ascii());
        if c.is_control() || turns_text(c) || is_invisible(c) && !is_joint {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|b| safe.push_str(&shown(b)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Makes a command safe to print within a line, and one line of it, as shells show jobs.
pub fn command(text: &str) -> String {
    printable(one_line::joined(text).trim_end())
}

fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) || byte == b'\t'
}

fn shown(byte: u8) -> String {
    let mut text = String::with_capacity(4);
    let _ = write!(text, "\\x{byte:02x}");
    text
}

#[cfg(test)]
mod tests {
    use super::{Colours, Filter, line, printable};
    use proptest::prelude::*;

    fn filtered(colours: Colours, chunks: &[&[u8]]) -> Vec<u8> {
        let (mut filter, mut out) = (Filter::new(colours), Vec::new());
        chunks.iter().for_each(|chunk| filter.feed(chunk, &mut out));
        filter.finish(&mut out);
        out
    }

    fn text(colours: Colours, input: &[u8]) -> String {
        String::from_utf8_lossy(&filtered(colours, &[input])).into_owned()
    }

    #[test]
    fn after_a_byte_that_is_no_text_text_is_shown_as_it_is() {
        let latin = b"caf\xe9 au lait\xe9\tt\xe9\xe9, \xe9\n\xe9";
        for colours in [Colours::Drop, Colours::Pass] {
            let shown = String::from_utf8(filtered(colours, &[latin])).expect("text");
            assert_eq!(shown, "caf\\xe9 au lait\\xe9\tt\\xe9\\xe9, \\xe9\n\\xe9");
        }
    }

    #[test]
    fn a_command_of_several_lines_is_shown_on_one() {
        assert_eq!(super::command("for i in 1 2\ndo\n\techo $i\ndone"), "for i in 1 2; do echo $i; done");
        assert_eq!(super::command("make\x1b[2J\n"), "make\\x1b[2J");
    }

    #[test]
    fn colours_pass_on_a_terminal_and_are_dropped_in_a_pipe() {
        let line = b"\x1b[1;31merror\x1b[0m: no\n";
        assert_eq!(text(Colours::Pass, line), "\u{1b}[1;31merror\u{1b}[0m: no\n");
        assert_eq!(text(Colours::Drop, line), "error: no\n");
    }

    #[test]
    fn what_hides_in_text_is_shown_in_names_and_left_out_of_logs() {
        for (text, name, log) in [
            ("a\u{200b}b", r"a\xe2\x80\x8bb", "ab"),
            ("a\u{2060}b", r"a\xe2\x81\xa0b", "ab"),
            ("\u{feff}a", r"\xef\xbb\xbfa", "a"),
            ("a\u{e0041}", r"a\xf3\xa0\x81\x81", "a"),
            ("a\u{200d}b", r"a\xe2\x80\x8db", "ab"),
            ("a\u{202e}b", r"a\xe2\x80\xaeb", r"a\xe2\x80\xaeb"),
            (
                "\u{1f469}\u{200d}\u{1f467} \u{2714}\u{fe0f}",
                "\u{1f469}\u{200d}\u{1f467} \u{2714}\u{fe0f}",
                "\u{1f469}\u{200d}\u{1f467} \u{2714}\u{fe0f}",
            ),
        ] {
            assert_eq!((printable(text).as_str(), line(text.as_bytes(), Colours::Drop).as_str()), (name, log));
        }
    }

    #[test]
    fn a_joiner_belongs_to_no_line_before_its_own() {
        for output in ["\u{65e5}\n\u{fe0f}x\n", "\u{65e5}\nplain\n\u{fe0f}x\n"] {
            let wanted = output.replace('\u{fe0f}', "");
            for step in [1, 2, 3, 5, output.len()] {
                let pieces: Vec<&[u8]> = output.as_bytes().chunks(step).collect();
                assert_eq!(filtered(Colours::Pass, &pieces), wanted.as_bytes(), "{output:?} by {step}");
            }
        }
    }

    #[test]
    fn nothing_drives_the_terminal() {
        for attack in [
            "\x1b]0;title\x07a",
            "\x1b]52;c;aGk=\x1b\\a",
            "\x1b[2J\x1b[Ha",
            "\x1bca",
            "\x1b[6na",
            "\x1bP1;2|x\x1b\\a",
            "\x1b_x\x1b\\a",
            "\x1b[?1049ha",
            "\x1b(0a",
            "\x1b[>ma",
        ] {
            assert_eq!(text(Colours::Pass, attack.as_bytes()), "a", "{attack:?}");
        }
        assert_eq!(text(Colours::Pass, b"a\x07\x08\x0e\0b\x0f"), r"a\x07\x08\x00b");
        assert_eq!(text(Colours::Pass, b"\x9b2Ja"), r"\x9b2Ja");
        assert_eq!(text(Colours::Pass, "\u{9b}2J\u{202e}x".as_bytes()), r"\xc2\x9b2J\xe2\x80\xaex");
    }

    #[test]
    fn an_unfinished_sequence_hides_one_line_at_most() {
        assert_eq!(text(Colours::Pass, b"\x1b]0;never ended\nnext\n"), "\nnext\n");
        assert_eq!(text(Colours::Pass, b"\x1b[12\nnext\n"), "\nnext\n");
    }

    #[test]
    fn a_progress_bar_leaves_its_last_state() {
        assert_eq!(text(Colours::Drop, b"10%\r50%\r100%\ndone\r\n"), "100%\ndone\n");
        assert_eq!(text(Colours::Pass, b"10%\r50%\n"), "10%\r\u{1b}[K50%\n");
        let (mut filter, mut out) = (Filter::still(Colours::Pass), Vec::new());
        filter.feed(b"10%\r\x1b[32m50%\x1b[0m\n", &mut out);
        assert_eq!(out, b"\x1b[32m50%\x1b[0m\n");
    }

    #[test]
    fn a_line_by_itself_shows_its_last_state() {
        assert_eq!(super::line(b"10%\r\x1b[32m50%\x1b[2J", Colours::Pass), "\u{1b}[32m50%");
        assert_eq!(super::line(b"10%\r\x1b[32m50%\r", Colours::Drop), "50%");
    }

    #[test]
    fn short_texts_stay_on_their_line() {
        assert_eq!(printable("a\nb\t\u{1b}[31mc é"), r"a\x0ab\x09\x1b[31mc é");
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(bytes: Vec<u8>, cut in 0usize..64) {
            let cut = cut.min(bytes.len());
            for colours in [Colours::Pass, Colours::Drop] {
                prop_assert_eq!(filtered(colours, &[&bytes]), filtered(colours, &[&bytes[..cut], &bytes[cut..]]));
            }
        }

        #[test]
        fn what_comes_out_is_safe(bytes: Vec<u8>) {
            let piped = filtered(Colours::Drop, &[&bytes]);
            prop_assert!(std::str::from_utf8(&piped).is_ok());
            prop_assert!(piped.iter().all(|b| *b >= 0x20 && *b != 0x7f || *b == b'\n' || *b == b'\t'));
        }
    }
}
