//! How files are put together, as far as it shows whether one is whole. Decoders forgive what is missing at
//! the end of a file; these do not. Every function takes any bytes, allocates nothing in proportion to what
//! they claim, and reads no further than it must.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// What is wrong with a file's structure.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It ends too early.
    #[error("its end is missing")]
    CutOff,
    /// It is not put together as it should be.
    #[error("{0}")]
    Damaged(&'static str),
    /// It cannot be read.
    #[error("reading it")]
    Io(#[source] io::Error),
}

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutOff,
            _ => Self::Io(error),
        }
    }
}

/// Reads a JPEG (ITU-T T.81, annex B) from start to end-of-image marker. What follows that is ignored, as
/// cameras append previews there.
///
/// # Errors
/// The marker is missing, or there is something else where one must be.
pub fn jpeg(mut file: impl BufRead + Seek) -> Result<(), Flaw> {
    let [a, b] = bytes(&mut file)?;
    if [a, b] != [0xff, 0xd8] {
        return Err(Flaw::Damaged("it does not start as a JPEG"));
    }
    let mut scanning = false;
    loop {
        match if scanning { marker_in_scan(&mut file)? } else { marker(&mut file)? } {
            0xd9 => return Ok(()),
            0x01 | 0xd0..=0xd7 => {}
            code => {
                let length = u16::from_be_bytes(bytes(&mut file)?);
                let rest = length.checked_sub(2).ok_or(Flaw::Damaged("a segment has no length"))?;
                file.seek_relative(i64::from(rest))?;
                // Entropy-coded data follow a start-of-scan header only.
                scanning = code == 0xda;
            }
        }
    }
}

fn marker(file: &mut impl BufRead) -> Result<u8, Flaw> {
    let [fill] = bytes(file)?;
    if fill != 0xff {
        return Err(Flaw::Damaged("a marker is missing"));
    }
    loop {
        let [code] = bytes(file)?;
        if code != 0xff {
            return Ok(code);
        }
    }
}

/// The next marker that ends a scan: neither a stuffed zero nor a restart.
fn marker_in_scan(file: &mut impl BufRead) -> Result<u8, Flaw> {
    let mut escaped = false;
    loop {
        let buffer = file.fill_buf()?;
        if buffer.is_empty() {
            return Err(Flaw::CutOff);
        }
        let mut used = buffer.len();
        let mut found = None;
        let mut at = 0;
        while at < buffer.len() {
            if escaped {
                match buffer[at] {
                    0xff => {}
                    0x00 | 0xd0..=0xd7 => escaped = false,
                    code => {
                        (found, used) = (Some(code), at + 1);
                        break;
                    }
                }
                at += 1;
            } else {
                let Some(next) = buffer[at..].iter().position(|&b| b == 0xff) else { break };
                escaped = true;
                at += next + 1;
            }
        }
        file.consume(used);
        if let Some(code) = found {
            return Ok(code);
        }
    }
}

/// What the chunks of a PNG say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PngChunks {
    /// Frames of its animation, where it has one.
    pub frames: Option<u32>,
}

/// Reads the chunks of a PNG (third edition, section 5) to the last. Checksums are the decoder's business.
///
/// # Errors
/// The end chunk is missing.
pub fn png(mut file: impl BufRead + Seek) -> Result<PngChunks, Flaw> {
    if bytes(&mut file)? != *b"\x89PNG\r\n\x1a\n" {
        return Err(Flaw::Damaged("it does not start as a PNG"));
    }
    let mut frames = None;
    let mut seen_data = false;
    loop {
        let length = u32::from_be_bytes(bytes(&mut file)?);
        let kind: [u8; 4] = bytes(&mut file)?;
        let mut rest = i64::from(length);
        match &kind {
            b"IDAT" => seen_data = true,
            // After the first picture data it is to be ignored.
            b"acTL" if length == 8 && !seen_data => {
                frames = Some(u32::from_be_bytes(bytes(&mut file)?));
                rest -= 4;
            }
            b"IEND" => {
                let _crc: [u8; 4] = bytes(&mut file)?;
                return Ok(PngChunks { frames });
            }
            _ => {}
        }
        file.seek_relative(rest)?;
        let _crc: [u8; 4] = bytes(&mut file)?;
    }
}

/// Holds the size in a RIFF header (WebP, AVI) against the file's; 0 is what a recorder writes that never
/// came to its end, and what it wrote can be played.
///
/// # Errors
/// The file is shorter than its header says.
pub fn riff(mut file: impl Read + Seek) -> Result<(), Flaw> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    if bytes(&mut file)? != *b"RIFF" {
        return Err(Flaw::Damaged("it does not start as a RIFF file"));
    }
    let size = u64::from(u32::from_le_bytes(bytes(&mut file)?));
    if size + 8 > length { Err(Flaw::CutOff) } else { Ok(()) }
}

/// Reads the outermost boxes of an ISO base media file (ISO/IEC 14496-12: mp4, mov, m4v).
///
/// # Errors
/// A box reaches beyond the end of the file.
pub fn boxes(mut file: impl Read + Seek) -> Result<(), Flaw> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    while at < length {
        file.seek(SeekFrom::Start(at))?;
        if length - at < 8 {
            // QuickTime ends some files with a zero word.
            return Ok(());
        }
        let size = u64::from(u32::from_be_bytes(bytes(&mut file)?));
        let _kind: [u8; 4] = bytes(&mut file)?;
        let size = match size {
            0 => return Ok(()),
            1 => u64::from_be_bytes(bytes(&mut file)?),
            size => size,
        };
        if size < 8 {
            return Err(Flaw::Damaged("a box has no length"));
        }
        at = at.checked_add(size).ok_or(Flaw::CutOff)?;
    }
    if at > length { Err(Flaw::CutOff) } else { Ok(()) }
}

/// Reads header and segment size of a Matroska or WebM file (RFC 8794, RFC 9559). A live recording has no
/// size.
///
/// # Errors
/// The segment reaches beyond the end of the file.
pub fn matroska(mut file: impl Read + Seek) -> Result<(), Flaw> {
    const SEGMENT: u64 = 0x1853_8067;
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    loop {
        let (id, _) = vint(&mut file, false)?;
        let (size, unknown) = vint(&mut file, true)?;
        let here = file.stream_position()?;
        if unknown {
            return Ok(());
        }
        let end = here.checked_add(size).ok_or(Flaw::CutOff)?;
        if end > length {
            return Err(Flaw::CutOff);
        }
        if id == SEGMENT {
            return Ok(());
        }
        file.seek(SeekFrom::Start(end))?;
    }
}

/// A variable-size integer of EBML, with or without its length marker, and whether it is all ones.
fn vint(file: &mut impl Read, stripped: bool) -> Result<(u64, bool), Flaw> {
    let [first] = bytes(file)?;
    let more = first.leading_zeros();
    if more > 7 {
        return Err(Flaw::Damaged("an element has no length"));
    }
    let kept = if stripped { 0x7fu8.checked_shr(more).unwrap_or(0) } else { 0xff };
    let mut value = u64::from(first & kept);
    for _ in 0..more {
        let [next] = bytes(file)?;
        value = value << 8 | u64::from(next);
    }
    let all_ones = (1u64 << (7 * (more + 1))) - 1;
    Ok((value, stripped && value == all_ones))
}

fn bytes<const N: usize>(file: &mut impl Read) -> Result<[u8; N], Flaw> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn jpeg_ends_with_its_marker() {
        // Start, a comment, a scan header, data with stuffing, a restart and fill bytes, end.
        let whole =
            b"\xff\xd8\xff\xfe\0\x04hi\xff\xda\0\x03\x01\x12\xff\0\x34\xff\xd0\x56\xff\xff\xd9tail";
        assert!(jpeg(Cursor::new(&whole[..])).is_ok());
        for end in 0..whole.len() - 4 {
            assert!(matches!(jpeg(Cursor::new(&whole[..end])), Err(Flaw::CutOff)), "{end}");
        }
    }

    #[test]
    fn png_ends_with_its_chunk() {
        let mut whole = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in
            [(b"acTL", &[0, 0, 0, 7, 0, 0, 0, 0][..]), (b"IDAT", b"xx"), (b"IEND", b"")]
        {
            whole.extend((data.len() as u32).to_be_bytes());
            whole.extend(kind);
            whole.extend(data);
            whole.extend([0; 4]);
        }
        assert_eq!(png(Cursor::new(&whole)).unwrap(), PngChunks { frames: Some(7) });
        for end in 0..whole.len() {
            assert!(matches!(png(Cursor::new(&whole[..end])), Err(Flaw::CutOff)), "{end}");
        }
    }

    #[test]
    fn boxes_stay_within_the_file() {
        let whole = b"\0\0\0\x08free\0\0\0\x01mdat\0\0\0\0\0\0\0\x11x";
        assert!(boxes(Cursor::new(&whole[..])).is_ok());
        assert!(matches!(boxes(Cursor::new(&whole[..24])), Err(Flaw::CutOff)));
        assert!(matches!(boxes(Cursor::new(b"\0\0\0\x02free")), Err(Flaw::Damaged(_))));
    }

    #[test]
    fn matroska_segment_stays_within_the_file() {
        let whole = b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x82xy";
        assert!(matroska(Cursor::new(&whole[..])).is_ok());
        assert!(matches!(matroska(Cursor::new(&whole[..12])), Err(Flaw::CutOff)));
        let live = b"\x1a\x45\xdf\xa3\x81x\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff";
        assert!(matroska(Cursor::new(&live[..])).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(data: Vec<u8>) {
            let _ = jpeg(Cursor::new(&data));
            let _ = png(Cursor::new(&data));
            let _ = riff(Cursor::new(&data));
            let _ = boxes(Cursor::new(&data));
            let _ = matroska(Cursor::new(&data));
        }
    }
}
