//! The live views, `monitor` and `dashboard`: one loop over keys, changes and a clock; models, pure
//! functions that draw them, and the terminal that is taken over for that.

pub mod app;
pub mod aside_child;
pub mod attach_child;
pub mod board;
pub mod board_app;
pub mod board_log;
pub mod clipboard;
pub mod debug_child;
pub mod editor;
pub mod event_loop;
pub mod frame_clock;
pub mod full_screen;
pub mod log_search;
pub mod observed;
pub mod outlooks;
pub mod paint;
pub mod picture;
pub mod task_load;
pub mod task_log;
pub mod task_row;
pub mod verb_child;
pub mod view;
pub mod window;
