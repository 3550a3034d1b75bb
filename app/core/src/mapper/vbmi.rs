//! Sums of light down columns with AVX-512 VBMI, which looks up 64 bytes at a time in a table of 128 bytes
//! that stays in registers.
//!
//! Light has 16 bits, so there are four such tables: the low and the high bytes of the light, each for the
//! lower and the upper half of the values. Low and high bytes are added up apart from each other, first in
//! 16 bits, where those of [`FLUSH`] rows fit, then in 32.
//!
//! Vectors are passed to functions of this file only, no closure to a library's: one that is compiled for
//! any processor takes them through memory.

#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use std::arch::x86_64::*;

use super::light::Rows;

/// As many bytes as can be added up in 16 bits, whatever they are.
const FLUSH: usize = 257;

/// The tables. There are none on a processor that cannot use them.
#[derive(Debug, Clone)]
pub(super) struct Vbmi {
    /// Low bytes of the light of each value.
    low: [[u8; 64]; 4],
    /// High bytes.
    high: [[u8; 64]; 4],
}

impl Vbmi {
    /// How many columns are taken at a time.
    pub(super) const STEP: usize = 64;

    /// For fewer lookups than this a table in memory is faster, measured on Zen 4.
    pub(super) const LEAST: usize = 32;

    /// Tables of 16-bit light, if the processor can use them.
    pub(super) fn detect(table: &[u16; 256]) -> Option<Self> {
        let detected = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi");
        let bytes = |shift: u32| {
            std::array::from_fn(|part| {
                std::array::from_fn(|index| (table[part * 64 + index] >> shift) as u8)
            })
        };
        detected.then(|| Self { low: bytes(0), high: bytes(8) })
    }

    /// Sets each sum to the light of one column, of one byte in each row.
    pub(super) fn sum(&self, rows: Rows<'_>, sums: &mut [u32]) {
        // SAFETY: there is no `Vbmi` unless `detect` found all that this function needs.
        unsafe { self.sum_vectors(rows, sums) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn sum_vectors(&self, rows: Rows<'_>, sums: &mut [u32]) {
        let tables = [load(&self.low), load(&self.high)];
        for (step, sums) in sums.chunks_mut(Self::STEP).enumerate() {
            let mask = u64::MAX >> (Self::STEP - sums.len());
            let mut totals = [_mm512_setzero_si512(); 4];
            for first in (0..rows.count).step_by(FLUSH) {
                // Of columns two by two, the second one counted 256 times; and of the second one alone.
                let mut both = [_mm512_setzero_si512(); 2];
                let mut odd = both;
                for row in first..rows.count.min(first + FLUSH) {
                    let row = rows.from(row, step * Self::STEP);
                    if row.len() < sums.len() {
                        break;
                    }
                    // SAFETY: the row has as many bytes as there are sums, and so many bits the mask.
                    let values = unsafe { _mm512_maskz_loadu_epi8(mask, row.as_ptr().cast()) };
                    let upper = _mm512_movepi8_mask(values);
                    for (byte, table) in tables.iter().enumerate() {
                        let light = _mm512_mask_blend_epi8(
                            upper,
                            _mm512_permutex2var_epi8(table[0], values, table[1]),
                            _mm512_permutex2var_epi8(table[2], values, table[3]),
                        );
                        both[byte] = _mm512_add_epi16(both[byte], light);
                        odd[byte] = _mm512_add_epi16(odd[byte], _mm512_srli_epi16::<8>(light));
                    }
                }
                let low = widen(both[0], odd[0]);
                let high = widen(both[1], odd[1]);
                for part in 0..4 {
                    let light = _mm512_add_epi32(low[part], _mm512_slli_epi32::<8>(high[part]));
                    totals[part] = _mm512_add_epi32(totals[part], light);
                }
            }
            store(totals, sums);
        }
    }
}

/// Sums in 32 bits: of even columns the first half and the second, of odd columns likewise. What overflowed
/// in `both` comes off again.
#[target_feature(enable = "avx512f,avx512bw")]
fn widen(both: __m512i, odd: __m512i) -> [__m512i; 4] {
    let even = _mm512_sub_epi16(both, _mm512_slli_epi16::<8>(odd));
    [
        _mm512_cvtepu16_epi32(_mm512_castsi512_si256(even)),
        _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64::<1>(even)),
        _mm512_cvtepu16_epi32(_mm512_castsi512_si256(odd)),
        _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64::<1>(odd)),
    ]
}

/// Stores sums of even and odd columns in turn, as many as there is room for.
#[target_feature(enable = "avx512f")]
fn store(totals: [__m512i; 4], sums: &mut [u32]) {
    let first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    for (part, sums) in sums.chunks_mut(16).enumerate() {
        let order = if part % 2 == 0 { first } else { second };
        let columns = _mm512_permutex2var_epi32(totals[part / 2], order, totals[part / 2 + 2]);
        let mask = u16::MAX >> (16 - sums.len());
        // SAFETY: the mask has as many bits as there are sums.
        unsafe { _mm512_mask_storeu_epi32(sums.as_mut_ptr().cast(), mask, columns) };
    }
}

#[target_feature(enable = "avx512f")]
fn load(table: &[[u8; 64]; 4]) -> [__m512i; 4] {
    let mut vectors = [_mm512_setzero_si512(); 4];
    for (vector, bytes) in vectors.iter_mut().zip(table) {
        // SAFETY: that many bytes are a vector.
        *vector = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    }
    vectors
}
