//! A compressed segment as aos makes it: zstd frames of a piece each, with a table of them at the
//! end, so that any place is reached by decompressing one piece. Ordinary tools (`zstd -dc`,
//! `zstdgrep`) read it as any other.
//!
//! *Source*: `contrib/seekable_format/zstd_seekable_compression_format.md` of zstd; the frames
//! carry checksums of their own.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

use crate::logs::store::zstd_frames::{ZstdFrame, word};

/// What a frame holds, decompressed: little, as who wants the last lines decompresses one. *Units*:
/// bytes.
pub const PIECE: usize = 1 << 17;
const LEVEL: i32 = 3;

const SKIPPABLE: u32 = 0x184D_2A5E;
const SEEKABLE: u32 = 0x8F92_EAB1;
/// The table's end: how many frames, flags, the magic. *Units*: bytes.
const FOOTER: u64 = 9;
const ROW: u64 = 8;

/// Compresses all that `from` holds into `to`; gives how much that was. *Units*: bytes.
pub fn compress(mut from: impl Read, to: &mut impl Write) -> io::Result<u64> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    let (mut piece, mut rows, mut total) = (Vec::with_capacity(PIECE), Vec::new(), 0);
    loop {
        piece.clear();
        from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            to.write_all(&table_of(&rows))?;
            return Ok(total);
        }
        // At once, so that the frame's header says how much it holds: that is how a lost table is
        // made again.
        let packed = compressor.compress(&piece)?;
        to.write_all(&packed)?;
        rows.push((packed.len() as u32, piece.len() as u32));
        total += piece.len() as u64;
    }
}

fn table_of(rows: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut word = |word: u32| bytes.extend_from_slice(&word.to_le_bytes());
    word(SKIPPABLE);
    word(rows.len() as u32 * ROW as u32 + FOOTER as u32);
    rows.iter().for_each(|(packed, plain)| {
        word(*packed);
        word(*plain);
    });
    word(rows.len() as u32);
    // Flags: no checksums here, as the frames have their own.
    bytes.push(0);
    bytes.extend_from_slice(&SEEKABLE.to_le_bytes());
    bytes
}

/// The frames, as the table says. *Errors*: there is none, or it is damaged.
pub fn table(file: &File) -> io::Result<Vec<ZstdFrame>> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let size = file.metadata()?.len();
    let mut footer = [0; FOOTER as usize];
    let footer_at = size.checked_sub(FOOTER).ok_or_else(damaged)?;
    file.read_exact_at(&mut footer, footer_at)?;
    let count = u64::from(word(&footer));
    // No more rows than the file has room for: memory is asked for by what it says.
    let rows_at = footer_at.checked_sub(count * ROW).filter(|_| word(&footer[5..]) == SEEKABLE).ok_or_else(damaged)?;
    let mut rows = vec![0; (count * ROW) as usize];
    file.read_exact_at(&mut rows, rows_at)?;
    let (mut frames, mut place, mut start) = (Vec::new(), 0, 0);
    for row in rows.chunks_exact(ROW as usize) {
        let (packed, length) = (u64::from(word(row)), u64::from(word(&row[4..])));
        frames.push(ZstdFrame::new((place, packed), start, length));
        (place, start) = (place + packed, start + length);
    }
    // What stands before the rows is the table's own head.
    if place + 8 == rows_at { Ok(frames) } else { Err(damaged()) }
}
