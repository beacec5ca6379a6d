//! The live view of tasks: what is known of them, what the keys do to it, how it looks. Pure:
//! whatever happens comes in as data, and leaves as rows of text.

pub mod frame;
pub mod keymap;
pub mod keys;
pub mod model;
pub mod tail;
