//! What is shown of the chosen task: its head, and one of its pages.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use crate::ansi::{command, printable};
use crate::tui::board::draw::{dimmed, styled};
use crate::tui::board::findings::{FindingsPage, KnownFindings, ListedFinding, ListedSource};
use crate::tui::board::state::{Board, DetailTab};
use crate::tui::paint;
use crate::tui::view::frame::{self, ViewSettings};
use crate::tui::view::model::TaskView;
use crate::ui::style::{ERROR, HEADING, HINT, WARNING};
use crate::ui::text::{fit, padded, wrapped};
use crate::units::size::{self, Size};

/// A row, and how all of it looks.
type PageRow = (String, anstyle::Style);

impl Board {
    /// Draws the chosen task.
    pub(super) fn draw_detail(&mut self, tasks: &[TaskView], look: &ViewSettings, area: Rect, buffer: &mut Buffer) {
        if area.height < 2 || area.width < 4 {
            return;
        }
        let mut top = area;
        let task = self.task().and_then(|id| tasks.iter().find(|task| task.id == id));
        if let Some(task) = task {
            let own = ViewSettings { size: Size { rows: area.height, cols: area.width }, ..*look };
            let mut head = frame::one(task, 0, &own);
            head.truncate(usize::from(area.height / 3).max(1));
            for text in head {
                paint::row(buffer, Rect { height: 1, ..top }, &text);
                (top.y, top.height) = (top.y + 1, top.height - 1);
            }
        }
        self.draw_tabs(look, Rect { height: 1, ..top }, buffer);
        let page = Rect { y: top.y + 1, height: top.height - 1, ..top };
        self.areas.detail = page;
        if task.is_none() && self.tab != DetailTab::Observed {
            return;
        }
        match self.tab {
            DetailTab::Log => self.draw_log(look, page, buffer),
            DetailTab::Findings => {
                let (rows, at) = self.finding_rows(look);
                // The one that the keys are for is in sight.
                let high = usize::from(page.height);
                self.scrolled = self.scrolled.min(at).max((at + 6).saturating_sub(high).min(at));
                self.draw_rows(rows, page, buffer);
            }
            DetailTab::Runs => self.draw_rows(self.run_rows(look), page, buffer),
            DetailTab::Facts => self.draw_rows(self.fact_rows(page), page, buffer),
            DetailTab::Observed => {
                let rows = self.observed.iter().flatten().rev().map(|line| (line.clone(), anstyle::Style::new()));
                self.draw_rows(rows.collect(), page, buffer);
            }
        }
    }

    fn draw_tabs(&mut self, look: &ViewSettings, row: Rect, buffer: &mut Buffer) {
        let mut col = row.x;
        let tabs: Vec<_> = self.tabs().collect();
        for (tab, name) in tabs {
            let text = format!(" {name} ");
            let from = col;
            let is_chosen = tab == self.tab;
            col = paint::plain(buffer, row, col, &text, if is_chosen { styled(HEADING, look) } else { dimmed(look) });
            let area = Rect { x: from, width: col - from, ..row };
            if is_chosen {
                paint::effect(buffer, area, Modifier::REVERSED);
            }
            self.areas.tabs.push((area, tab));
        }
        if self.tab == DetailTab::Log {
            paint::plain(buffer, row, (col + 1).min(row.right()), &self.log_state(), dimmed(look));
        }
    }

    /// What is left out and searched for, and how much is out of sight.
    fn log_state(&self) -> String {
        let page = &self.page;
        let mut said = Vec::new();
        match (page.is_following(), page.below()) {
            (true, _) => said.push("following".to_owned()),
            (false, below) if page.behind > 0 => {
                said.push(format!("{below} lines and {} below: End", size::of_bytes(page.behind)));
            }
            (false, below) => said.push(format!("{below} below: End")),
        }
        said.extend(page.least.map(|level| format!("{level} and above")));
        said.extend(page.search.as_ref().map(|search| format!("/{}", printable(search.as_str()))));
        said.extend(page.wraps.then(|| "wrapped".to_owned()));
        said.join("  ")
    }

    fn draw_rows(&mut self, rows: Vec<PageRow>, page: Rect, buffer: &mut Buffer) {
        let high = usize::from(page.height);
        self.scrolled = self.scrolled.min(rows.len().saturating_sub(high));
        for (number, (text, style)) in rows.iter().skip(self.scrolled).take(high).enumerate() {
            let row = Rect { y: page.y + number as u16, height: 1, ..page };
            paint::plain(buffer, row, row.x, &fit(text, usize::from(page.width)), *style);
        }
    }

    /// What is wrong, and in which row the finding stands that the keys are for.
    fn finding_rows(&self, look: &ViewSettings) -> (Vec<PageRow>, usize) {
        let say = |text: &str| (vec![(text.to_owned(), dimmed(look))], 0);
        match &self.findings {
            FindingsPage::Unasked => say("d looks for what is wrong"),
            FindingsPage::Asked => say("looking for what is wrong …"),
            FindingsPage::Failed(why) => say(&printable(why)),
            FindingsPage::Known(known) if known.diagnostics.is_empty() => say("nothing found"),
            FindingsPage::Known(known) => self.known_rows(known, look),
        }
    }

    fn known_rows(&self, known: &KnownFindings, look: &ViewSettings) -> (Vec<PageRow>, usize) {
        let (mut rows, mut at) = (Vec::new(), 0);
        for (number, finding) in known.diagnostics.iter().enumerate() {
            let is_chosen = number == self.finding;
            if is_chosen {
                at = rows.len();
            }
            rows.extend(rows_of(finding, if is_chosen { ">" } else { " " }, look));
        }
        // The key is for the first command.
        let mut key = "   (x runs it)";
        for suggestion in &known.suggestions {
            rows.push((String::new(), anstyle::Style::new()));
            rows.push((format!("  {}", printable(&suggestion.title)), styled(HINT, look)));
            if let Some(line) = &suggestion.command {
                rows.push((format!("    {}{key}", command(line)), styled(HEADING, look)));
                key = "";
            }
        }
        (rows, at)
    }

    fn run_rows(&self, look: &ViewSettings) -> Vec<PageRow> {
        let mut rows = vec![(format!("{} {} {} ENDED", padded("RUN", 4), padded("BEGAN", 19), padded("TOOK", 9)), {
            dimmed(look)
        })];
        rows.extend(self.runs.iter().map(|run| {
            let wall = run.wall.map_or_else(String::new, |wall| wall.to_string());
            let ended = run.ended.clone().unwrap_or_else(|| "runs".into());
            let found = if run.findings > 0 { format!(", {} found", run.findings) } else { String::new() };
            let (number, began) = (padded(&run.number.to_string(), 4), padded(&run.began.local(), 19));
            let is_bad = run.ended.is_some() && !run.is_good;
            let style = if is_bad { styled(ERROR, look) } else { anstyle::Style::new() };
            (format!("{number} {began} {} {ended}{found}", padded(&wall, 9)), style)
        }));
        rows
    }

    fn fact_rows(&self, page: Rect) -> Vec<PageRow> {
        const LABEL: usize = 12;
        let room = usize::from(page.width).saturating_sub(LABEL).max(8);
        let mut rows = Vec::new();
        for (label, text) in &self.facts {
            let labels = [*label].into_iter().chain(std::iter::repeat(""));
            let lines = wrapped(text, room).into_iter().zip(labels);
            rows.extend(lines.map(|(part, label)| (format!("{}{part}", padded(label, LABEL)), anstyle::Style::new())));
        }
        rows
    }
}

fn rows_of(finding: &ListedFinding, mark: &str, look: &ViewSettings) -> Vec<PageRow> {
    let style = styled(if finding.severity == "error" { ERROR } else { WARNING }, look);
    let often = if finding.count > 1 { format!(" ({} times)", finding.count) } else { String::new() };
    let mut rows = vec![(format!("{mark} {}: {}{often}", printable(&finding.tool), finding.words()), style)];
    // What no line tells is of the run.
    let line = || (finding.line > 0).then(|| format!("log line {}", finding.line));
    rows.extend(finding.place().or_else(line).map(|place| (format!("    {place}"), dimmed(look))));
    let source = finding.source.iter().flat_map(ListedSource::rows);
    rows.extend(source.map(|line| (format!("    │ {line}"), anstyle::Style::new())));
    rows.extend(finding.hints.iter().map(|hint| (format!("    {}", printable(hint)), styled(HINT, look))));
    rows
}
