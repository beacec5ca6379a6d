//! What is live: the control socket, its clients, the screen they are shown, what is typed, and
//! whether the task waits for it.

pub mod alt_screen;
pub mod attached_client;
pub mod control_socket;
pub mod input_buffer;
pub mod input_probe;
pub mod input_wait;
pub mod serve;
