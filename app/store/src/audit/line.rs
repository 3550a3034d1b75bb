//! The form of a line: eight hexadecimal digits of CRC-32, a blank, and JSON. Pure.

use std::time::SystemTime;

use super::{AuditEvent, AuditRecord};

/// Longest line that is written or read, in bytes.
pub(super) const LONGEST: usize = 8 << 10;
/// Longest of the texts in an event, in bytes.
const LONGEST_TEXT: usize = 512;

/// Where the chain stands: what the next line follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// Number of the last line.
    pub(super) seq: u64,
    /// Its CRC.
    pub(super) crc: u32,
}

impl Chain {
    /// Writes a line behind those there are.
    pub(super) fn append(&mut self, time: SystemTime, event: AuditEvent, to: &mut Vec<u8>) {
        let seq = self.seq.saturating_add(1);
        let time = humantime::format_rfc3339_millis(time).to_string();
        let record = AuditRecord { seq, time, event: shortened(event) };
        // Texts and numbers always have a JSON form.
        let json = serde_json::to_string(&record).unwrap_or_default();
        *self = Self { seq, crc: crc(self.crc, &json) };
        to.extend_from_slice(format!("{:08x} {json}\n", self.crc).as_bytes());
    }

    /// Goes on over a line that was read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn follow(&mut self, line: &Line<'_>) -> Result<(), &'static str> {
        if line.crc != crc(self.crc, line.json) {
            return Err("its checksum, or that of the line before, is wrong");
        }
        if self.seq.checked_add(1) != Some(line.record.seq) {
            return Err("its number does not follow that of the line before");
        }
        *self = Self { seq: line.record.seq, crc: line.crc };
        Ok(())
    }
}

/// A line, taken apart.
pub(super) struct Line<'a> {
    crc: u32,
    json: &'a str,
    pub(super) record: AuditRecord,
}

impl<'a> Line<'a> {
    /// Reads a line without its end.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let (digits, json) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        let crc = digits_of(digits)?;
        let record = serde_json::from_str(json).ok()?;
        Some(Self { crc, json, record })
    }

    /// What the chain must have been before this line, which only the first of a file tells.
    pub(super) fn origin(&self) -> Option<Chain> {
        match &self.record.event {
            AuditEvent::Begin { after } => {
                Some(Chain { seq: self.record.seq.checked_sub(1)?, crc: digits_of(after)? })
            }
            _ => None,
        }
    }

    /// Where the chain stands after it.
    pub(super) fn chain(&self) -> Chain {
        Chain { seq: self.record.seq, crc: self.crc }
    }
}

/// A CRC in its written form.
pub(super) fn digits(crc: u32) -> String {
    format!("{crc:08x}")
}

fn digits_of(text: &str) -> Option<u32> {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (text.len() == 8 && text.bytes().all(is_digit))
        .then(|| u32::from_str_radix(text, 16).ok())
        .flatten()
}

fn crc(before: u32, json: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(digits(before).as_bytes());
    hasher.update(json.as_bytes());
    hasher.finalize()
}

/// The event with no text longer than a line can hold.
fn shortened(event: AuditEvent) -> AuditEvent {
    let short = |mut text: String| {
        if text.len() > LONGEST_TEXT {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            text.push('…');
        }
        text
    };
    match event {
        AuditEvent::Request { who, from, action, detail, status } => AuditEvent::Request {
            who: short(who),
            from: short(from),
            action: short(action),
            detail: short(detail),
            status,
        },
        event => event,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::*;

    fn request(who: &str) -> AuditEvent {
        AuditEvent::Request {
            who: who.into(),
            from: "127.0.0.1".into(),
            action: "POST /api/control/play".into(),
            detail: String::new(),
            status: 200,
        }
    }

    #[test]
    fn the_form_is_a_crc_and_json() {
        let mut chain = Chain::default();
        let mut bytes = Vec::new();
        chain.append(UNIX_EPOCH, AuditEvent::Begin { after: digits(0) }, &mut bytes);
        chain.append(UNIX_EPOCH + Duration::from_millis(1500), request("Ada"), &mut bytes);
        // The sums are what Python's zlib.crc32 gives for the CRC before and the JSON.
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "c5c89183 {\"seq\":1,\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"begin\",\
             \"after\":\"00000000\"}\n\
             89a2dab8 {\"seq\":2,\"time\":\"1970-01-01T00:00:01.500Z\",\"event\":\"request\",\
             \"who\":\"Ada\",\"from\":\"127.0.0.1\",\"action\":\"POST /api/control/play\",\
             \"status\":200}\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_makes_one_line_that_reads_back(who in any::<String>()) {
            let mut chain = Chain::default();
            let mut bytes = Vec::new();
            chain.append(UNIX_EPOCH, request(&who), &mut bytes);
            prop_assert!(bytes.len() <= LONGEST);
            prop_assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), 1);
            let line = Line::read(&bytes[..bytes.len() - 1]).unwrap();
            let mut read = Chain::default();
            prop_assert_eq!(read.follow(&line), Ok(()));
            prop_assert_eq!(read, chain);
            if who.len() <= LONGEST_TEXT {
                prop_assert_eq!(line.record.event, request(&who));
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Line::read(&bytes);
        }
    }
}
