//! Gradient noise (Ken Perlin, 2002) for whole rows of pixels: what rows and columns share is worked out
//! once, so that a pixel costs a few multiplications.

/// Cells after which the noise repeats, in each direction.
pub(super) const PERIOD: usize = 256;

/// One octave of noise over a frame.
pub(super) struct Octave {
    seed: u32,
    /// Cells in a pixel.
    step: f32,
    /// Distance of every pixel from the corner on its left, 0 to 1, and the same eased.
    across: Vec<f32>,
    weights: Vec<f32>,
    /// First pixel beyond every cell.
    ends: Vec<usize>,
    corners: Vec<Corner>,
    first: i32,
    /// Directions at the four cell edges of every corner, and for which cells they are: rows share them.
    directions: Vec<[[f32; 3]; 4]>,
    cells: Option<(i32, i32, i32)>,
}

/// Noise beside a corner of the present row: `level + slope × distance`.
#[derive(Clone, Copy, Default)]
struct Corner {
    level: f32,
    slope: f32,
}

fn ease(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// Scrambles numbers: the same numbers, the same bits, which otherwise have nothing to do with each other.
pub(super) fn hash(a: u32, b: u32, c: u32) -> u32 {
    let mut h =
        a.wrapping_mul(0x9e37_79b1) ^ b.wrapping_mul(0x85eb_ca77) ^ c.wrapping_mul(0xc2b2_ae3d);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    h ^ (h >> 15)
}

/// A number from 0 to 1 out of scrambled bits.
pub(super) fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 / (1u32 << 24) as f32
}

impl Octave {
    /// For rows of `width` pixels, each `step` cells wide.
    pub(super) fn new(seed: u32, width: usize, step: f32) -> Self {
        let corners = (width as f32 * step).ceil() as usize + 3;
        Self {
            seed,
            step,
            across: vec![0.0; width],
            weights: vec![0.0; width],
            ends: vec![0; corners - 1],
            corners: vec![Corner::default(); corners],
            first: 0,
            directions: vec![[[0.0; 3]; 4]; corners],
            cells: None,
        }
    }

    /// Sets where, in cells, the first column of the following rows is.
    pub(super) fn shift(&mut self, left: f32) {
        let first = left.floor();
        self.first = first as i32;
        let start = left - first;
        let mut from = 0;
        for (cell, end) in self.ends.iter_mut().enumerate() {
            let cell = cell as f32;
            let to = ((cell + 1.0 - start) / self.step).ceil().min(self.across.len() as f32);
            let to = (to as usize).max(from);
            let places = self.across[from..to].iter_mut().zip(&mut self.weights[from..to]);
            for (x, (across, weight)) in places.enumerate() {
                *across = start + (from + x) as f32 * self.step - cell;
                *weight = ease(*across);
            }
            *end = to;
            from = to;
        }
    }

    /// Adds the noise, about −1 to 1, times `gain` to a row at height `y` and time `z`, both in cells.
    pub(super) fn add(&mut self, y: f32, z: f32, gain: f32, row: &mut [f32]) {
        let (cell_y, cell_z) = (y.floor(), z.floor());
        let (y, z) = (y - cell_y, z - cell_z);
        let (weight_y, weight_z) = (ease(y), ease(z));
        self.turn_to(cell_y as i32, cell_z as i32);
        let shares = [
            (1.0 - weight_y) * (1.0 - weight_z) * gain,
            (1.0 - weight_y) * weight_z * gain,
            weight_y * (1.0 - weight_z) * gain,
            weight_y * weight_z * gain,
        ];
        for (corner, [a, b, c, d]) in self.corners.iter_mut().zip(&self.directions) {
            // Along x, towards the four edges of the cell, the distance is the pixel's own business.
            let across = [a[0], b[0], c[0], d[0]];
            let towards = [
                a[1] * y + a[2] * z,
                b[1] * y + b[2] * (z - 1.0),
                c[1] * (y - 1.0) + c[2] * z,
                d[1] * (y - 1.0) + d[2] * (z - 1.0),
            ];
            *corner = Corner { level: dot(shares, towards), slope: dot(shares, across) };
        }
        let mut from = 0;
        for (corners, &to) in self.corners.windows(2).zip(&self.ends) {
            let [left, right] = [corners[0], corners[1]];
            let places = self.across[from..to].iter().zip(&self.weights[from..to]);
            for (value, (across, weight)) in row[from..to].iter_mut().zip(places) {
                let a = left.level + left.slope * across;
                let b = right.level + right.slope * (across - 1.0);
                *value += a + (b - a) * weight;
            }
            from = to;
        }
    }
}

fn dot(a: [f32; 4], b: [f32; 4]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
}

impl Octave {
    /// Works out the directions of a row of cells, unless the row before was in the same.
    fn turn_to(&mut self, y: i32, z: i32) {
        if self.cells.replace((self.first, y, z)) == Some((self.first, y, z)) {
            return;
        }
        let mask = PERIOD as u32 - 1;
        let at = |cell: i32, by: i32| cell.wrapping_add(by) as u32 & mask;
        for (number, directions) in self.directions.iter_mut().enumerate() {
            let x = (self.first as u32).wrapping_add(number as u32) & mask;
            for (direction, (dy, dz)) in directions.iter_mut().zip([(0, 0), (0, 1), (1, 0), (1, 1)])
            {
                *direction = gradient(hash(self.seed, x, at(y, dy) | at(z, dz) << 8));
            }
        }
    }
}

/// One of the twelve directions to the edges of a cube.
fn gradient(hash: u32) -> [f32; 3] {
    let sign = |bit: u32| if hash >> bit & 1 == 0 { 1.0 } else { -1.0 };
    let (a, b) = (sign(4), sign(5));
    match (hash >> 8) % 3 {
        0 => [a, b, 0.0],
        1 => [a, 0.0, b],
        _ => [0.0, a, b],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(left: f32, y: f32, z: f32) -> Vec<f32> {
        let mut octave = Octave::new(7, 300, 0.05);
        octave.shift(left);
        let mut row = vec![0.0; 300];
        octave.add(y, z, 1.0, &mut row);
        row
    }

    #[test]
    fn is_smooth_and_within_range() {
        let (mut least, mut most) = (0f32, 0f32);
        for y in 0..200 {
            let values = row(3.3, y as f32 * 0.13, 0.4);
            for pair in values.windows(2) {
                assert!((pair[0] - pair[1]).abs() < 0.15);
                (least, most) = (least.min(pair[0]), most.max(pair[0]));
            }
        }
        assert!((-1.1..-0.5).contains(&least) && (0.5..1.1).contains(&most), "{least} {most}");
    }

    #[test]
    fn goes_on_where_it_is_shifted_and_repeats() {
        let (a, b) = (row(0.0, 0.5, 0.5), row(1.0, 0.5, 0.5));
        let again = row(PERIOD as f32, 0.5 - PERIOD as f32, 0.5 + PERIOD as f32);
        for x in 0..280 {
            assert!((a[x + 20] - b[x]).abs() < 1e-3);
            assert!((a[x] - again[x]).abs() < 1e-3);
        }
    }
}
