//! The spine's promises, one test each, through the real binary and real terminals.

mod bad_input;
mod completing;
mod control;
mod crash;
mod logs;
mod output;
mod readme;
mod registry;
mod run;
mod seeing;
mod shell;
mod stop;
mod terminal;
mod wait;
mod world;
