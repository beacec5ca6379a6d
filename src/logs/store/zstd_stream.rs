//! A zstd frame that is too large to be decompressed as a whole: block by block, forwards.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use zstd::stream::raw::{Decoder, Operation};
use zstd::zstd_safe::DParameter;

/// What a block holds at most. *Units*: bytes. *Source*: RFC 8878, 3.1.1.2.4.
const BLOCK: usize = 1 << 17;
/// What a stream may look back at, at most: `zstd -19` makes no more. *Units*: bytes. *Source*: RFC
/// 8878, 3.1.1.1.2, asks for 8 MiB.
pub const WIDEST: u64 = 1 << 23;
/// What tells how long a frame's header is. *Units*: bytes.
const BEGINNING: usize = 5;

/// A place in such a frame. *Units*: bytes.
pub struct ZstdStream {
    decoder: Decoder<'static>,
    /// What of the file is still to be read.
    next: u64,
    end: u64,
    /// How much of that the decoder asks for.
    wanted: usize,
    packed: Vec<u8>,
    block: Vec<u8>,
    /// Which part of the frame the block is.
    start: u64,
    length: usize,
    is_over: bool,
}

impl ZstdStream {
    /// Stands at the beginning of a frame: at `place.0`, of `place.1` bytes.
    pub fn new(place: (u64, u64)) -> io::Result<ZstdStream> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(WIDEST.ilog2()))?;
        Ok(ZstdStream {
            decoder,
            next: place.0,
            end: place.0 + place.1,
            wanted: BEGINNING,
            packed: Vec::new(),
            block: vec![0; BLOCK],
            start: 0,
            length: 0,
            is_over: false,
        })
    }

    /// Goes back to the beginning of that frame.
    pub fn begin_anew(&mut self, place: (u64, u64)) -> io::Result<()> {
        self.decoder.reinit()?;
        (self.next, self.wanted, self.start, self.length, self.is_over) = (place.0, BEGINNING, 0, 0, false);
        Ok(())
    }

    /// Where the block begins that was decompressed last.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Where the next one begins.
    pub fn position(&self) -> u64 {
        self.start + self.length as u64
    }

    /// What was decompressed last, from `offset` on, which lies in it.
    pub fn from(&self, offset: u64) -> &[u8] {
        &self.block[(offset - self.start) as usize..self.length]
    }

    /// Decompresses the next block; says whether there was one. The last one of a frame of this
    /// length only where the frame's end is as it should be.
    pub fn advance(&mut self, file: &File, length: u64) -> io::Result<bool> {
        // First, so that after an error the position is where it can be read no further.
        (self.start, self.length) = (self.position(), 0);
        let mut found = 0;
        // When all has come out, the frame's checksum is still to be read.
        while !self.is_over && (found == 0 || self.start + found as u64 >= length) {
            found += self.step(file, found)?;
        }
        self.length = found;
        Ok(found > 0)
    }

    /// Gives the decoder what it asks for; gives what comes out behind what is there of the block.
    fn step(&mut self, file: &File, from: usize) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        self.packed.resize(self.wanted.min(most), 0);
        file.read_exact_at(&mut self.packed, self.next)?;
        let done = self.decoder.run_on_buffers(&self.packed, &mut self.block[from..])?;
        // Of a frame that was cut off nothing is left to give: the decoder would ask for ever.
        if done.bytes_read == 0 && done.bytes_written == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.next += done.bytes_read as u64;
        (self.wanted, self.is_over) = (done.remaining, done.remaining == 0);
        Ok(done.bytes_written)
    }
}

/// How much a frame holds that can be read, and whether that is all of it.
pub fn measure(file: &File, place: (u64, u64)) -> io::Result<(u64, bool)> {
    let mut unpacking = ZstdStream::new(place)?;
    loop {
        match unpacking.advance(file, u64::MAX) {
            Ok(true) => {}
            Ok(false) => return Ok((unpacking.position(), true)),
            Err(_) => return Ok((unpacking.position(), false)),
        }
    }
}
