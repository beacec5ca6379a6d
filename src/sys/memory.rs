//! This process's memory, kept small. *Source*: mallopt(3), madvise(2), proc(5).
#![allow(unsafe_code)]

/// *Units*: bytes.
const PAGE: usize = 4096;
/// More than the frames of this room's functions take, one upon the other. *Units*: bytes.
pub(super) const FRAME: usize = 1024;
/// No stack of ours was ever deeper. *Units*: bytes.
const DEEPEST: usize = 256 * 1024;

unsafe extern "C" {
    static __executable_start: u8;
    static etext: u8;
}

/// Keeps to one arena and gives freed memory back early: a supervisor lives long and small.
pub fn limit_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two integers; called before any other thread exists.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 64 * 1024);
    }
}

/// Keeps to one arena for several threads that take much memory and are soon done: another one
/// grows a page at a time, and each of them waits for the others meanwhile. Where they take little
/// they wait for the one arena longer than that. *Source*: glibc, malloc/arena.c, `grow_heap`.
pub fn share_one_heap() {
    /// *Units*: bytes.
    const GROWS_BY: i32 = 4 << 20;
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two integers, and its own lock.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_TOP_PAD, GROWS_BY);
    }
}

/// Has what nothing was written to yet be made of large pages, where the kernel has some: a fault
/// for each small page takes as long as reading it. *Source*: madvise(2), `MADV_HUGEPAGE`.
pub fn in_large_pages(bytes: &mut [u8]) {
    let (begin, end) = (up(bytes.as_ptr() as usize), down(bytes.as_ptr() as usize + bytes.len()));
    if begin < end {
        // SAFETY: whole pages of this slice, whose content stays as it is.
        unsafe { libc::madvise(begin as *mut libc::c_void, end - begin, libc::MADV_HUGEPAGE) };
    }
}

/// Gives back what only the start needed, for a process that will mostly sleep: free heap, the
/// stack's unused depth, and the mapped pages of code that has run for the last time (what is
/// needed again comes back from the page cache, page by page).
pub fn shed() {
    let here = 0u8;
    let top = down((&raw const here) as usize - FRAME);
    #[cfg(target_env = "gnu")]
    // SAFETY: it touches free memory alone.
    unsafe {
        libc::malloc_trim(0);
    }
    // SAFETY: nothing lives on the stack so far below this variable: what is called from here is
    // small.
    unsafe { drop_pages(top - DEEPEST, top) };
    drop_code_pages();
}

/// Gives back everything but a part of the stack, and what stands at `above` and higher: `ps` shows
/// it.
///
/// # Safety
/// The caller makes only system calls from then on, out of that part of the stack, and never
/// returns: the heap and what the program keeps in its data are zeros, or as in its file.
pub(super) unsafe fn drop_all_but(begin: usize, end: usize, above: usize) {
    // All that calls anything but the kernel comes first.
    // SAFETY: both only say where something is.
    let (heap_end, errno) = unsafe { (up(libc::sbrk(0) as usize), down(libc::__errno_location() as usize)) };
    drop_code_pages();
    // SAFETY: the pages of data, heap and stack are private, and whoever calls uses them no more.
    unsafe {
        drop_pages(down(begin) - DEEPEST, down(begin));
        drop_pages(up(end), down(above));
        // The gap between data and heap makes this one set errno, though it does what it should.
        drop_pages(up((&raw const etext) as usize), heap_end);
        drop_pages(errno, errno + PAGE);
    }
}

/// Code pages are file-backed and unchanged, so dropping them loses nothing.
fn drop_code_pages() {
    let code = down((&raw const __executable_start) as usize);
    let length = down(((&raw const etext) as usize).saturating_sub(code));
    // SAFETY: the linker defines both symbols, and only their addresses are taken.
    unsafe {
        libc::madvise(code as *mut libc::c_void, length, libc::MADV_RANDOM);
        libc::madvise(code as *mut libc::c_void, length, libc::MADV_DONTNEED);
    }
}

/// Gives back whole pages, in between those that are not there.
///
/// # Safety
/// Nobody needs what is in them any more.
pub(super) unsafe fn drop_pages(begin: usize, end: usize) {
    if begin < end {
        // SAFETY: as whoever calls says.
        unsafe { libc::madvise(begin as *mut libc::c_void, end - begin, libc::MADV_DONTNEED) };
    }
}

/// The beginning of the page.
pub(super) fn down(address: usize) -> usize {
    address & !(PAGE - 1)
}

/// The beginning of the next page, if this is not one.
pub(super) fn up(address: usize) -> usize {
    down(address + PAGE - 1)
}

/// Room for bytes on their way through this process. It takes no memory where nothing was ever put,
/// and what was is given back by [`PageBuffer::shed`].
#[derive(Debug)]
pub struct PageBuffer {
    at: std::ptr::NonNull<u8>,
    size: usize,
}

impl PageBuffer {
    /// Maps it; `size` is in bytes.
    pub fn new(size: std::num::NonZeroUsize) -> std::io::Result<PageBuffer> {
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, which nobody else knows.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), size.get(), access, flags, -1, 0) };
        match std::ptr::NonNull::new(at.cast::<u8>()) {
            Some(at) if at.as_ptr().cast() != libc::MAP_FAILED => Ok(PageBuffer { at, size: size.get() }),
            _ => Err(std::io::Error::last_os_error()),
        }
    }

    /// Gives its memory back; it reads as zeros then.
    pub fn shed(&mut self) {
        let begin = self.at.as_ptr() as usize;
        // SAFETY: the pages are this value's own, and any bytes are valid in them.
        unsafe { drop_pages(begin, begin + self.size) };
    }
}

impl std::ops::Deref for PageBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: mapped, of this size, and borrowed as this value is.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), self.size) }
    }
}

impl std::ops::DerefMut for PageBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and nobody else has it.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), self.size) }
    }
}

impl Drop for PageBuffer {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and used by nobody any more.
        unsafe { libc::munmap(self.at.as_ptr().cast(), self.size) };
    }
}
