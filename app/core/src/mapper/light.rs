//! Sums of linear light over blocks of pixels: where all the time of mapping goes.
//!
//! What decides here is how many table lookups a processor gets done, three for each pixel. So light is
//! added up as floating point (whole numbers far under 2⁵³, hence exact), which leaves the integer units to
//! take words of pixels apart; two by two pixels are taken at a time, so that no addition waits long for the
//! one before; and a frame is read row by row, as it lies in memory.

use crate::colour::srgb_table;

/// Red, green and blue light added up.
pub(super) type Sum = [f64; 3];

/// Linear light of each sRGB value.
#[derive(Debug, Clone)]
pub(super) struct Light([f64; 256]);

/// Rows of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// The frame from the first of these rows on.
    pub(super) pixels: &'a [u8],
    /// Bytes from row to row.
    pub(super) stride: usize,
    /// How many.
    pub(super) count: usize,
}

impl<'a> Rows<'a> {
    /// The frame from one of these rows on.
    fn from(self, number: usize) -> &'a [u8] {
        self.pixels.get(number * self.stride..).unwrap_or_default()
    }
}

impl Light {
    pub(super) fn new() -> Self {
        Self(srgb_table().map(f64::from))
    }

    /// Adds blocks `width` pixels wide and as high as there are rows, which begin with these columns, each
    /// to its own sum. A block that is not all on the frame is left out.
    pub(super) fn add(&self, rows: Rows<'_>, width: u16, columns: &[u16], sums: &mut [Sum]) {
        let bytes = usize::from(width) * 3;
        for pair in 0..rows.count / 2 {
            let (upper, lower) = (rows.from(2 * pair), rows.from(2 * pair + 1));
            for (&column, sum) in columns.iter().zip(&mut *sums) {
                let start = usize::from(column) * 3;
                if let Some(upper) = upper.get(start..start + bytes)
                    && let Some(lower) = lower.get(start..start + bytes)
                {
                    self.add_pair(upper, lower, sum);
                }
            }
        }
        if rows.count % 2 == 1 {
            let last = rows.from(rows.count - 1);
            for (&column, sum) in columns.iter().zip(sums) {
                let start = usize::from(column) * 3;
                for pixel in last.get(start..start + bytes).unwrap_or_default().as_chunks().0 {
                    self.add_pixel(pixel, sum);
                }
            }
        }
    }

    /// Adds two rows of a block.
    fn add_pair(&self, upper: &[u8], lower: &[u8], sum: &mut Sum) {
        let ((upper, upper_end), (lower, lower_end)) = (upper.as_chunks(), lower.as_chunks());
        // Kept out of memory, where each addition would wait for the one before to be stored.
        let mut held = *sum;
        for (upper, lower) in upper.iter().zip(lower) {
            let (upper, lower) = (self.of_two(upper), self.of_two(lower));
            for channel in 0..3 {
                held[channel] +=
                    (upper[channel] + lower[channel]) + (upper[channel + 3] + lower[channel + 3]);
            }
        }
        // An odd width leaves one pixel.
        for end in [upper_end, lower_end] {
            if let Some(pixel) = end.first_chunk() {
                self.add_pixel(pixel, &mut held);
            }
        }
        *sum = held;
    }

    fn add_pixel(&self, pixel: &[u8; 3], sum: &mut Sum) {
        for (sum, &value) in sum.iter_mut().zip(pixel) {
            *sum += self.0[usize::from(value)];
        }
    }

    /// Two pixels, read as three words instead of six bytes.
    fn of_two(&self, pixels: &[u8; 6]) -> [f64; 6] {
        let mut light = [0.0; 6];
        for (bytes, light) in pixels.as_chunks().0.iter().zip(light.as_chunks_mut::<2>().0) {
            let word = u16::from_le_bytes(*bytes);
            *light = [self.0[usize::from(word & 0xff)], self.0[usize::from(word >> 8)]];
        }
        light
    }
}
