//! The dashboard: what it shows beside the tasks that every live view has, what its keys do, how it
//! looks. Pure: files and processes are read by the app, and come in as data.

pub mod draw;
pub mod draw_detail;
pub mod draw_list;
pub mod draw_log;
pub mod findings;
pub mod help;
pub mod keymap;
pub mod listing;
pub mod log_keys;
pub mod mouse;
pub mod page;
pub mod past;
pub mod prompt_line;
pub mod runs;
pub mod sparkline;
pub mod state;
