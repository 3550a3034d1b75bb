//! Sums of linear light down the columns of a frame: where nearly all the time of mapping goes.
//!
//! A column here is one byte of each row, so that red, green and blue are columns like any other. Each byte
//! is decoded by a table lookup, and the light added to what the rows above it gave. Sums go down a column,
//! never along a row: that takes many columns at a time, and what is left for afterwards is little.
//!
//! There are two ways to do it, which give the same sums:
//!
//! * With a table in memory, on any processor. What decides is how many lookups get done. So light is added
//!   up as floating point (whole numbers far under 2⁵³, hence exact), which leaves the integer units to take
//!   words of four bytes apart.
//! * With tables in vector registers, several times as fast, on x86-64 with AVX-512 VBMI: [`Vbmi`].

use crate::colour::srgb_table;
#[cfg(target_arch = "x86_64")]
use crate::mapper::vbmi::Vbmi;

/// Rows of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// The frame, from the first column of the first row on.
    pub(super) bytes: &'a [u8],
    /// Bytes from row to row.
    pub(super) stride: usize,
    /// How many, at most 65537: so much light fits in 32 bits.
    pub(super) count: usize,
}

impl<'a> Rows<'a> {
    /// The frame from one byte on, nothing if there is no such byte.
    pub(super) fn from(self, row: usize, column: usize) -> &'a [u8] {
        self.bytes.get(row * self.stride + column..).unwrap_or_default()
    }
}

/// Linear light of each sRGB value, and the way to add it up.
#[derive(Debug, Clone)]
pub(super) struct Light {
    table: Box<[f64; 256]>,
    #[cfg(target_arch = "x86_64")]
    vbmi: Option<Vbmi>,
}

impl Light {
    /// The way that suits this processor.
    pub(super) fn new() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            vbmi: Vbmi::detect(srgb_table()),
            ..Self::portable()
        }
    }

    /// The way for any processor.
    fn portable() -> Self {
        Self {
            table: Box::new(srgb_table().map(f64::from)),
            #[cfg(target_arch = "x86_64")]
            vbmi: None,
        }
    }

    /// How many columns are taken at a time.
    pub(super) fn step(&self) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self.vbmi.is_some() {
            return Vbmi::STEP;
        }
        STEP
    }

    /// Sets each sum to the light of one column. A column that is not all on the frame may count in part.
    pub(super) fn sum(&self, rows: Rows<'_>, sums: &mut [u32]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(vbmi) = &self.vbmi
            && sums.len() * rows.count >= Vbmi::LEAST
        {
            vbmi.sum(rows, sums);
            return;
        }
        let (steps, rest) = sums.as_chunks_mut();
        let done = steps.len() * STEP;
        for (step, sums) in steps.iter_mut().enumerate() {
            *sums = self.step_sums(rows, step * STEP);
        }
        for (column, sum) in rest.iter_mut().enumerate() {
            let values = (0..rows.count).filter_map(|row| rows.from(row, done + column).first());
            *sum = values.map(|&value| self.table[usize::from(value)]).sum::<f64>() as u32;
        }
    }

    /// Of one step.
    fn step_sums(&self, rows: Rows<'_>, column: usize) -> [u32; STEP] {
        let mut sums = [0.0; STEP];
        for row in 0..rows.count {
            let Some(values) = rows.from(row, column).first_chunk::<STEP>() else { break };
            for (word, sums) in values.as_chunks().0.iter().zip(sums.as_chunks_mut::<4>().0) {
                let word = u32::from_le_bytes(*word);
                for (index, sum) in sums.iter_mut().enumerate() {
                    *sum += self.table[usize::from((word >> (8 * index)) as u8)];
                }
            }
        }
        sums.map(|light| light as u32)
    }
}

/// Columns that are taken at a time with a table in memory: their sums stay in registers.
const STEP: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Of which the second is another one only where the processor has it.
        #[test]
        fn both_ways_are_by_definition(
            bytes in prop::collection::vec(any::<u8>(), 1..4000),
            stride in 1usize..300,
            count in prop_oneof![0usize..30, 250usize..530],
            bright: bool,
        ) {
            let mut bytes = bytes;
            if bright {
                // The most that can come together.
                bytes.fill(255);
            }
            let bytes: Vec<u8> = bytes.into_iter().cycle().take(stride * count).collect();
            for start in [0, stride / 3] {
                let rows = Rows { bytes: bytes.get(start..).unwrap_or_default(), stride, count };
                let mut exact = vec![0; stride - start];
                for row in bytes.chunks(stride) {
                    for (sum, &value) in exact.iter_mut().zip(&row[start..]) {
                        *sum += u32::from(srgb_table()[usize::from(value)]);
                    }
                }
                for light in [Light::portable(), Light::new()] {
                    let mut sums = vec![7; stride - start];
                    light.sum(rows, &mut sums);
                    prop_assert_eq!(&sums, &exact);
                }
            }
        }
    }
}
