//! Compressed segments of every make, whole and not.

use std::io::Write;

use proptest::prelude::*;
use zstd::stream::Encoder;
use zstd::zstd_safe::CParameter;

use crate::logs::store::seekable::{PIECE, compress};
use crate::logs::store::zstd_reader::{FrameAt, ZstdReader};

/// How a frame is made.
#[derive(Clone, Copy, Debug)]
struct Make {
    has_size: bool,
    has_checksum: bool,
    /// As a power of two.
    window: u32,
}

const PLAIN: Make = Make { has_size: true, has_checksum: true, window: 21 };
const PIPED: Make = Make { has_size: false, ..PLAIN };

/// Bytes that are not alike, and can be compressed somewhat.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 29) as u8 & if at % 3000 < 1000 { 1 } else { 63 })
        .collect()
}

fn frame(bytes: &[u8], make: Make) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), 1).expect("an encoder");
    let size = make.has_size.then_some(bytes.len() as u64);
    encoder.set_pledged_src_size(size).expect("a size");
    encoder.include_checksum(make.has_checksum).expect("a checksum");
    encoder.set_parameter(CParameter::WindowLog(make.window)).expect("a window");
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("a frame")
}

/// What tools pass over: `pzstd` puts one before each frame.
fn skippable() -> Vec<u8> {
    [&0x184D_2A53_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"hello"].concat()
}

fn open(packed: &[u8]) -> ZstdReader {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(packed).expect("written");
    ZstdReader::open(file).expect("open")
}

/// All that can be read, and what cannot: from where to where.
fn all(frames: &mut ZstdReader) -> (Vec<u8>, Vec<(u64, FrameAt)>) {
    let (mut read, mut lacking, mut at, mut buffer) = (Vec::new(), Vec::new(), 0, vec![0; 70_000]);
    loop {
        let found = frames.read_at(&mut buffer, at).expect("read");
        match found {
            FrameAt::Bytes(0) => return (read, lacking),
            FrameAt::Bytes(n) => {
                read.extend_from_slice(&buffer[..n]);
                at += n as u64;
            }
            FrameAt::Damaged(until) | FrameAt::TooWide(until) => {
                lacking.push((at, found));
                if until == u64::MAX {
                    return (read, lacking);
                }
                at = until;
            }
        }
    }
}

fn ours() -> (Vec<u8>, Vec<u8>) {
    let (bytes, mut packed) = (bytes(3 * PIECE + 1000), Vec::new());
    assert_eq!(compress(&bytes[..], &mut packed).expect("compressed"), bytes.len() as u64);
    (bytes, packed)
}

#[test]
fn what_was_compressed_comes_back_from_any_place() {
    let (bytes, packed) = ours();
    let mut frames = open(&packed);
    assert_eq!((frames.length(), frames.is_streamed()), (bytes.len() as u64, false));
    let mut buffer = [0; 10];
    for at in [2 * PIECE + 5, 7, bytes.len() - 10] {
        assert_eq!(frames.read_at(&mut buffer, at as u64).expect("read"), FrameAt::Bytes(10));
        assert_eq!(buffer, bytes[at..at + 10]);
    }
    assert!(all(&mut frames) == (bytes, vec![]));
}

#[test]
fn a_damaged_frame_is_passed_over_and_a_lost_table_made_again() {
    let (bytes, mut packed) = ours();
    assert!(all(&mut open(&packed[..packed.len() - 3])) == (bytes.clone(), vec![]));
    let half = packed.len() / 2;
    packed[half..half + 64].fill(0xff);
    let (read, lacking) = all(&mut open(&packed));
    let [(from, FrameAt::Damaged(to))] = lacking[..] else { panic!("{lacking:?}") };
    assert_eq!(to - from + read.len() as u64, bytes.len() as u64);
}

#[test]
fn a_large_frame_goes_by_and_may_be_gone_back_in() {
    let bytes = bytes(3 << 20);
    for make in [PLAIN, PIPED, Make { window: 23, ..PIPED }] {
        let mut frames = open(&frame(&bytes, make));
        assert_eq!((frames.length(), frames.is_streamed()), (bytes.len() as u64, true), "{make:?}");
        assert!(all(&mut frames) == (bytes.clone(), vec![]), "{make:?}");
        let mut buffer = [0; 10];
        for at in [2_000_000, 1_999_999, 7, bytes.len() - 10, 0] {
            assert_eq!(frames.read_at(&mut buffer, at as u64).expect("read"), FrameAt::Bytes(10));
            assert_eq!(buffer, bytes[at..at + 10]);
        }
    }
}

#[test]
fn a_frame_that_takes_too_much_memory_is_told() {
    let bytes = bytes(3 << 20);
    let wide = Make { window: 24, ..PIPED };
    assert_eq!(
        all(&mut open(&frame(&bytes, wide))).1,
        [(0, FrameAt::TooWide(u64::MAX))],
        "nobody knows how much it holds"
    );
    // Of a size that is known, the window may be as large as that, and need be no larger.
    let large = vec![b'x'; 9 << 20];
    let packed = [frame(&large, Make { window: 24, ..PLAIN }), frame(&bytes, PLAIN)].concat();
    let (read, lacking) = all(&mut open(&packed));
    assert_eq!(lacking, [(0, FrameAt::TooWide(large.len() as u64))]);
    assert!(read == bytes, "the rest is read");
}

#[test]
fn what_is_left_of_a_large_frame_is_read() {
    let bytes = bytes(3 << 20);
    for make in [PLAIN, PIPED] {
        let whole = frame(&bytes, make);
        let (read, lacking) = all(&mut open(&whole[..whole.len() / 2]));
        assert!(read.len() > 1 << 19 && bytes.starts_with(&read), "{make:?}: {} bytes", read.len());
        let told: &[_] = if make.has_size { &[(read.len() as u64, FrameAt::Damaged(3 << 20))] } else { &[] };
        assert_eq!(lacking, told, "of what nobody knows the length, nobody knows how much is missing");
    }
}

#[test]
fn damage_in_a_large_frame_costs_its_rest() {
    let bytes = bytes(3 << 20);
    let mut packed = [frame(&bytes, PLAIN), frame(b"the next\n", PLAIN)].concat();
    let at = packed.len() / 2;
    // A block's own header would hide where the next one stands.
    packed[at..at + 2000].fill(0xff);
    let mut frames = open(&packed);
    let (read, lacking) = all(&mut frames);
    let damaged = read.len() - if read.ends_with(b"the next\n") { 9 } else { 0 };
    assert!(damaged > 1 << 19 && bytes.starts_with(&read[..damaged]));
    assert_eq!(lacking, [(damaged as u64, FrameAt::Damaged(3 << 20))]);
    assert!(all(&mut frames) == (read, lacking), "the same a second time");
}

#[test]
fn a_checksum_that_is_wrong_is_told_where_it_stands() {
    let bytes = bytes(3 << 20);
    let mut packed = frame(&bytes, PLAIN);
    let last = packed.len() - 1;
    packed[last] ^= 1;
    let (read, lacking) = all(&mut open(&packed));
    assert!(read.len() > 2 << 20 && bytes.starts_with(&read));
    assert_eq!(lacking, [(read.len() as u64, FrameAt::Damaged(3 << 20))]);
}

fn make() -> impl Strategy<Value = Make> {
    (any::<bool>(), any::<bool>(), 10u32..=23).prop_map(|(has_size, has_checksum, window)| Make {
        has_size,
        has_checksum,
        window,
    })
}

proptest! {
    #[test]
    fn frames_of_every_make_read_as_one(
        parts in proptest::collection::vec((prop_oneof![3 => 0usize..100_000, 1 => 0usize..1_500_000], make()), 1..5),
        from in 0usize..2_000_000,
    ) {
        let total = parts.iter().map(|(length, _)| length).sum();
        let (bytes, mut packed, mut at) = (bytes(total), skippable(), 0);
        for (length, make) in parts {
            packed.extend(frame(&bytes[at..at + length], make));
            packed.extend(skippable());
            at += length;
        }
        let mut frames = open(&packed);
        prop_assert_eq!(frames.length(), total as u64);
        let mut buffer = [0; 100];
        if let FrameAt::Bytes(n) = frames.read_at(&mut buffer, from as u64).expect("read") {
            prop_assert_eq!(&buffer[..n], bytes.get(from..from + n).unwrap_or_default());
        }
        prop_assert!(all(&mut frames) == (bytes, vec![]));
    }

    #[test]
    fn whatever_stands_there_comes_to_an_end(
        length in prop_oneof![3 => 0usize..100_000, 1 => 0usize..2_000_000],
        make in make(),
        changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4),
        cut in any::<u16>(),
    ) {
        let bytes = bytes(length);
        let mut packed = frame(&bytes, make);
        let place = |share: u16, size: usize| size * usize::from(share) / (1 << 16);
        for (share, byte) in changes {
            let at = place(share, packed.len());
            packed[at] = byte;
        }
        packed.truncate(packed.len() - place(cut, packed.len()));
        all(&mut open(&packed));
    }
}
