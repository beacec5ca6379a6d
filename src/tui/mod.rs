//! The live view: one loop over keys, changes and a clock; a model, pure functions that draw it,
//! and the terminal that is taken over for it.

pub mod app;
pub mod attach_child;
pub mod event_loop;
pub mod frame_clock;
pub mod full_screen;
pub mod task_log;
pub mod task_row;
pub mod verb_child;
pub mod view;
pub mod window;
