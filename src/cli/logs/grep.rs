//! `aos logs --grep`: lines that match, as grep prints them.

use std::io::{self, BufWriter, Write};

use anstyle::Style;
use clap::Args;

use super::super::number::whole;
use super::super::pager_output::PagerOutput;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::{self, Colours};
use crate::logs::store::segments::Gap;
use crate::logs::text::line_search::{CaseRule, MatchRange, Rules, Search, SearchOutcome, Syntax, Want};
use crate::logs::text::plain::PlainText;
use crate::logs::text::redact::Secrets;
use crate::task_log::log_range::LogRange;
use crate::ui::style::{FAINT, FOUND};

/// What goes to a pipe at once. *Units*: bytes.
const AT_ONCE: usize = 64 * 1024;

/// What is looked for, and what of it is printed.
#[derive(Args, Debug)]
pub struct Grep {
    /// Print only lines that match this regular expression
    #[arg(short, long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Print only lines that do not match
    #[arg(short = 'v', long)]
    invert_match: bool,
    /// Ignore case
    #[arg(short, long)]
    ignore_case: bool,
    /// Treat the pattern as plain text
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    /// Print N lines after each match too
    #[arg(short = 'A', long, value_name = "N", value_parser = whole::<usize>)]
    after_context: Option<usize>,
    /// Print N lines before each match too
    #[arg(short = 'B', long, value_name = "N", value_parser = whole::<usize>)]
    before_context: Option<usize>,
    /// Print N lines before and after each match too
    #[arg(short = 'C', long, value_name = "N", value_parser = whole::<usize>)]
    context: Option<usize>,
    /// Print only how many lines match
    #[arg(short, long, conflicts_with = "only_matching")]
    count: bool,
    /// Print only the parts that match, one a line
    #[arg(short, long)]
    only_matching: bool,
}

/// Which of the lines that match are printed.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    /// All of them.
    All,
    /// The first so many.
    First(u64),
    /// The last so many.
    Last(u64),
    /// Those after the first so many.
    After(u64),
}

/// Whether bytes are made safe before they are searched and printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteSafety {
    /// They are searched as they are visible, and shown safely.
    Visible,
    /// They are taken as they are (`--raw`).
    Raw,
}

/// How lines are searched and printed.
pub struct GrepOptions<'a> {
    /// Whether they are made safe.
    pub bytes: ByteSafety,
    /// What is not to be shown of them.
    pub secrets: Secrets,
    /// What stands before each, if anything does.
    pub label: Option<(&'a str, Style)>,
    /// Where.
    pub out: PagerOutput,
}

/// What is printed of a line that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prints {
    /// The line.
    Lines,
    /// The parts of it that match.
    Matches,
    /// It is only counted.
    Count,
}

impl Grep {
    /// Whether anything is said of how something is looked for.
    pub fn has_search_options(&self) -> bool {
        let numbers = [self.after_context, self.before_context, self.context];
        self.invert_match
            || self.ignore_case
            || self.fixed_strings
            || self.count
            || self.only_matching
            || numbers.iter().any(Option::is_some)
    }

    /// What is printed.
    pub fn prints(&self) -> Prints {
        match (self.count, self.only_matching) {
            (true, _) => Prints::Count,
            (false, true) => Prints::Matches,
            (false, false) => Prints::Lines,
        }
    }

    /// How many lines before and after each.
    pub fn around(&self) -> (usize, usize) {
        let near = |own: Option<usize>| own.or(self.context).filter(|_| self.prints() == Prints::Lines).unwrap_or(0);
        (near(self.before_context), near(self.after_context))
    }

    /// The search that is asked for.
    pub fn search(&self, pattern: &str) -> Result<Search, Failure> {
        let rules = Rules {
            case: if self.ignore_case { CaseRule::Ignored } else { CaseRule::Exact },
            want: if self.invert_match { Want::Others } else { Want::Matching },
            syntax: if self.fixed_strings { Syntax::Plain } else { Syntax::Regex },
        };
        Ok(Search::new(pattern, rules)?)
    }

    /// Prints what is found in a log. Says whether anything was.
    pub fn print(&self, log: LogRange, search: &Search, share: Share, how: GrepOptions<'_>) -> Result<bool, Failure> {
        let (log, extent) = self.extent(log, search, share, &how)?;
        let (mut count, mut out, bytes) = (0, how.out.clone(), how.bytes);
        let written = BufWriter::with_capacity(AT_ONCE, how.out.clone());
        let mut page = Page { out: written, how, colours: output::colours() };
        let is_seen = output::is_seen();
        let gaps = read(&log, bytes, &out, |log| {
            search.run(log, extent, |found| {
                count += u64::from(matches!(found, SearchOutcome::Line(_)));
                if !self.count {
                    page.found(&found, search, self.only_matching)?;
                }
                // Who looks may find in the first line what the rest of a long log is not needed
                // for.
                if is_seen { page.out.flush() } else { Ok(()) }
            })
        })?;
        if self.count {
            page.line(&count.to_string().into_bytes(), ':', &[])?;
        }
        page.out.flush()?;
        gaps.iter().try_for_each(|gap| out.tell(gap))?;
        Ok(count > 0)
    }

    /// The last ones are those after as many as are to be passed over, which takes counting them.
    fn extent(
        &self,
        log: LogRange,
        search: &Search,
        share: Share,
        how: &GrepOptions<'_>,
    ) -> Result<(LogRange, MatchRange), Failure> {
        let (before, after) = self.around();
        let all = MatchRange { before, after, skip: 0, most: None };
        match share {
            Share::All => Ok((log, all)),
            Share::First(lines) => Ok((log, MatchRange { most: Some(lines), ..all })),
            Share::After(lines) => Ok((log, MatchRange { skip: lines, ..all })),
            Share::Last(lines) => {
                let log = log.until_now()?;
                let mut count = 0;
                let count_all = |log: &mut dyn io::Read| search.count(log).map(|found| count = found);
                read(&log, how.bytes, &how.out, count_all)?;
                Ok((log, MatchRange { skip: count.saturating_sub(lines), ..all }))
            }
        }
    }
}

/// Searches a log as long as anybody looks; says what was missing in it.
fn read(
    log: &LogRange,
    bytes: ByteSafety,
    out: &PagerOutput,
    search: impl FnOnce(&mut dyn io::Read) -> io::Result<()>,
) -> Result<Vec<Gap>, Failure> {
    let mut log = match bytes {
        ByteSafety::Raw => log.read()?,
        ByteSafety::Visible => log.read_by_run()?,
    };
    let mut watched = out.watching(&mut log);
    match bytes {
        ByteSafety::Raw => search(&mut watched)?,
        ByteSafety::Visible => search(&mut PlainText::new(&mut watched))?,
    }
    Ok(log.gaps().to_vec())
}

/// Where lines are printed that were found.
struct Page<'a> {
    out: BufWriter<PagerOutput>,
    how: GrepOptions<'a>,
    colours: Colours,
}

impl Page<'_> {
    fn found(&mut self, found: &SearchOutcome<'_>, search: &Search, only_matching: bool) -> io::Result<()> {
        match found {
            SearchOutcome::Line(line) => {
                let line = self.shown(line);
                let is_marked = only_matching || self.colours == Colours::Pass;
                let places = if is_marked { search.places(&line) } else { Vec::new() };
                if !only_matching {
                    return self.line(&line, ':', &places);
                }
                places.iter().try_for_each(|&(start, end)| self.line(&line[start..end], ':', &[(0, end - start)]))
            }
            SearchOutcome::Near(line) => {
                let line = self.shown(line);
                self.line(&line, '-', &[])
            }
            SearchOutcome::Gap => self.styled(FAINT, b"--\n"),
        }
    }

    /// A line without its end, safe to show.
    fn shown<'l>(&self, line: &'l [u8]) -> std::borrow::Cow<'l, [u8]> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if self.how.bytes == ByteSafety::Raw || ansi::is_plain_text(line) {
            return self.how.secrets.hide(line);
        }
        let safe = ansi::line(line, Colours::Drop);
        self.how.secrets.hide(safe.as_bytes()).into_owned().into()
    }

    fn line(&mut self, line: &[u8], mark: char, places: &[(usize, usize)]) -> io::Result<()> {
        if let Some((label, style)) = self.how.label {
            self.styled(style, label.as_bytes())?;
            write!(self.out, "{mark} ")?;
        }
        let mut from = 0;
        for &(start, end) in places {
            self.out.write_all(&line[from..start])?;
            self.styled(FOUND, &line[start..end])?;
            from = end;
        }
        self.out.write_all(&line[from..])?;
        self.out.write_all(b"\n")
    }

    fn styled(&mut self, style: Style, text: &[u8]) -> io::Result<()> {
        if self.colours == Colours::Drop {
            return self.out.write_all(text);
        }
        write!(self.out, "{style}")?;
        self.out.write_all(text)?;
        write!(self.out, "{style:#}")
    }
}
