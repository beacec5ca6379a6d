//! This process's memory, kept small. *Source*: mallopt(3), madvise(2).
#![allow(unsafe_code)]

/// Keeps to one arena and gives freed memory back early: a supervisor lives long and small.
pub fn stay_small() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two integers; called before any other thread exists.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 64 * 1024);
    }
}

/// Gives back what only the start needed, for a process that will mostly sleep: free heap, the stack's unused
/// depth, and the mapped pages of code that has run for the last time (what is needed again comes
/// back from the page cache, page by page).
pub fn shed() {
    const PAGE: usize = 4096;
    const DEEPEST: usize = 256 * 1024;
    unsafe extern "C" {
        static __executable_start: u8;
        static etext: u8;
    }
    let here = 0u8;
    let top = ((&raw const here) as usize & !(PAGE - 1)) - 2 * PAGE;
    let code = (&raw const __executable_start) as usize & !(PAGE - 1);
    let length = ((&raw const etext) as usize).saturating_sub(code) & !(PAGE - 1);
    // SAFETY: the linker defines both symbols, and only their addresses are taken. Code pages are file-backed and
    // unchanged, so dropping them loses nothing; nothing lives on the stack two pages below this frame.
    unsafe {
        #[cfg(target_env = "gnu")]
        libc::malloc_trim(0);
        libc::madvise((top - DEEPEST) as *mut libc::c_void, DEEPEST, libc::MADV_DONTNEED);
        libc::madvise(code as *mut libc::c_void, length, libc::MADV_RANDOM);
        libc::madvise(code as *mut libc::c_void, length, libc::MADV_DONTNEED);
    }
}
