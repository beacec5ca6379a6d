//! The spine's promises, one test each, through the real binary and real terminals.

mod adopt;
mod bad_input;
mod completing;
mod control;
mod crash;
mod doctor;
mod init;
mod logs;
mod monitor;
mod output;
mod prompt;
mod queue;
mod readme;
mod ready;
mod registry;
mod run;
mod seeing;
mod server;
mod shell;
mod stop;
mod suffix;
mod terminal;
mod typing;
mod wait;
mod world;
