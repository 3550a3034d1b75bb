//! Where the LEDs of a matrix are.

use super::{Along, Corner, Led, Matrix, check_count, check_length, check_point};
use crate::unit::Size;

impl Matrix {
    pub(super) fn check(&self) -> Result<(), String> {
        check_point("origin", self.origin)?;
        if let Some((width, height)) = self.extent {
            check_length("the width of its extent", width)?;
            check_length("the height of its extent", height)?;
        }
        check_count("columns", self.columns)?;
        check_count("rows", self.rows)
    }

    pub(super) fn leds(&self, canvas: Size) -> impl Iterator<Item = Led> {
        let (width, height) = self
            .extent
            .map_or((f64::from(canvas.width()), f64::from(canvas.height())), |(width, height)| {
                (f64::from(width), f64::from(height))
            });
        let (left, top) = (f64::from(self.origin.0), f64::from(self.origin.1));
        let cell = (width / f64::from(self.columns), height / f64::from(self.rows));
        // A line is what the wire follows: a row or a column.
        let (lines, line) = match self.along {
            Along::Rows => (self.rows, self.columns),
            Along::Columns => (self.columns, self.rows),
        };
        let places = (0..lines).flat_map(move |across| (0..line).map(move |along| (across, along)));
        places.map(move |(across, along)| {
            let backwards = self.serpentine && across % 2 == 1;
            let along = if backwards { line - 1 - along } else { along };
            let (column, row) = match self.along {
                Along::Rows => (along, across),
                Along::Columns => (across, along),
            };
            let (column, row) = self.seen_from_top_left(column, row);
            let x = left + (f64::from(column) + 0.5) * cell.0;
            let y = top + (f64::from(row) + 0.5) * cell.1;
            Led { centre: (x as f32, y as f32), footprint: (cell.0 as f32, cell.1 as f32) }
        })
    }

    /// Column from the left and row from the top of what was counted from the starting corner.
    fn seen_from_top_left(&self, column: u32, row: u32) -> (u32, u32) {
        let (right, bottom) = (self.columns - 1 - column, self.rows - 1 - row);
        match self.start {
            Corner::TopLeft => (column, row),
            Corner::TopRight => (right, row),
            Corner::BottomLeft => (column, bottom),
            Corner::BottomRight => (right, bottom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Three columns and two rows of cells 10 wide and 20 high; the cells' numbers by row.
    fn numbers(start: Corner, along: Along, serpentine: bool) -> [[usize; 3]; 2] {
        let matrix = Matrix {
            origin: (100.0, 50.0),
            extent: Some((30.0, 40.0)),
            columns: 3,
            rows: 2,
            start,
            along,
            serpentine,
        };
        let mut numbers = [[9; 3]; 2];
        for (number, led) in matrix.leds(Size::CANVAS).enumerate() {
            assert_eq!(led.footprint, (10.0, 20.0));
            let (x, y) = led.centre;
            numbers[(y - 50.0) as usize / 20][(x - 100.0) as usize / 10] = number;
            assert_eq!(((x - 100.0) % 10.0, (y - 50.0) % 20.0), (5.0, 10.0));
        }
        numbers
    }

    #[test]
    fn numbers_run_from_the_corner() {
        use Along::{Columns, Rows};
        use Corner::{BottomLeft, BottomRight, TopLeft, TopRight};
        assert_eq!(numbers(TopLeft, Rows, false), [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(numbers(TopLeft, Rows, true), [[0, 1, 2], [5, 4, 3]]);
        assert_eq!(numbers(TopLeft, Columns, false), [[0, 2, 4], [1, 3, 5]]);
        assert_eq!(numbers(TopLeft, Columns, true), [[0, 3, 4], [1, 2, 5]]);
        assert_eq!(numbers(TopRight, Rows, false), [[2, 1, 0], [5, 4, 3]]);
        assert_eq!(numbers(TopRight, Columns, true), [[4, 3, 0], [5, 2, 1]]);
        assert_eq!(numbers(BottomLeft, Rows, true), [[5, 4, 3], [0, 1, 2]]);
        assert_eq!(numbers(BottomLeft, Columns, false), [[1, 3, 5], [0, 2, 4]]);
        assert_eq!(numbers(BottomRight, Rows, false), [[5, 4, 3], [2, 1, 0]]);
        assert_eq!(numbers(BottomRight, Columns, true), [[5, 2, 1], [4, 3, 0]]);
    }

    #[test]
    fn refuses_what_cannot_be() {
        let good = Matrix {
            origin: (0.0, 0.0),
            extent: None,
            columns: 1,
            rows: 1,
            start: Corner::TopLeft,
            along: Along::Rows,
            serpentine: false,
        };
        assert_eq!(good.check(), Ok(()));
        for bad in [
            Matrix { columns: 0, ..good.clone() },
            Matrix { rows: 0, ..good.clone() },
            Matrix { origin: (0.0, f32::INFINITY), ..good.clone() },
            Matrix { extent: Some((0.0, 1.0)), ..good.clone() },
            Matrix { extent: Some((1.0, -1.0)), ..good.clone() },
            Matrix { extent: Some((f32::NAN, 1.0)), ..good },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn each_cell_has_one_led_and_neighbours_touch(
            columns in 1u32..20,
            rows in 1u32..20,
            corner in 0usize..4,
            by_columns: bool,
        ) {
            let start =
                [Corner::TopLeft, Corner::TopRight, Corner::BottomLeft, Corner::BottomRight][corner];
            let along = if by_columns { Along::Columns } else { Along::Rows };
            let matrix = Matrix {
                origin: (0.0, 0.0),
                extent: Some((columns as f32 * 4.0, rows as f32 * 4.0)),
                columns, rows, start, along,
                serpentine: true,
            };
            let leds: Vec<Led> = matrix.leds(Size::CANVAS).collect();
            // The wire of a serpentine never jumps.
            for pair in leds.windows(2) {
                let (a, b) = (pair[0].centre, pair[1].centre);
                prop_assert!((a.0 - b.0).abs() + (a.1 - b.1).abs() <= 4.0 + 1e-3);
            }
            let mut cells: Vec<_> =
                leds.iter().map(|led| (led.centre.0 as u32 / 4, led.centre.1 as u32 / 4)).collect();
            cells.sort_unstable();
            cells.dedup();
            prop_assert_eq!(cells.len(), (columns * rows) as usize);
        }
    }
}
