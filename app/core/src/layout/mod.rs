//! Where the LEDs are.
//!
//! A [`Layout`] is what people write: a canvas and pieces on it. [`Layout::resolve`] turns it into a
//! [`Wall`]: one [`Led`] after the other in number order, each with its footprint. Coordinates are canvas
//! pixels from the top left corner. A piece may stand partly or wholly outside the canvas; what is outside
//! is dark.

mod matrix;
mod points;
mod ring;
mod strip;
mod wall;

use serde::{Deserialize, Serialize};

pub use self::wall::{Led, Wall};
use crate::unit::Size;

/// A canvas and the LEDs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The rectangle media are fitted to.
    #[serde(default = "canvas")]
    pub canvas: Size,
    /// Numbered one after the other.
    pub pieces: Vec<Piece>,
}

fn canvas() -> Size {
    Size::CANVAS
}

/// A point on the canvas: x to the right, y down, in pixels.
pub type Point = (f32, f32);

/// LEDs that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Rows and columns.
    Matrix(Matrix),
    /// Evenly spaced along a line.
    Strip(Strip),
    /// Evenly spaced around a circle.
    Ring(Ring),
    /// Each one placed by hand, or read from a CSV or RON file.
    Points(Points),
}

/// LEDs in rows and columns that fill a rectangle of the canvas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Top left corner of the rectangle; the canvas's own when left out.
    #[serde(default)]
    pub origin: Point,
    /// Width and height of the rectangle; the whole canvas when left out.
    #[serde(default)]
    pub extent: Option<Point>,
    /// LEDs in a row.
    pub columns: u32,
    /// LEDs in a column.
    pub rows: u32,
    /// Where number one is.
    #[serde(default)]
    pub start: Corner,
    /// What the wire follows first.
    #[serde(default)]
    pub along: Along,
    /// Whether every other line runs backwards.
    #[serde(default)]
    pub serpentine: bool,
}

/// A corner of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Corner {
    #[default]
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

/// What the numbering of a matrix follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Along {
    #[default]
    Rows,
    Columns,
}

/// LEDs evenly spaced along a polyline, the first and last at its ends; a single one is half-way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strip {
    /// At least two points.
    pub path: Vec<Point>,
    /// How many LEDs.
    pub count: u32,
    /// Side of each LED's square footprint; the spacing when left out.
    #[serde(default)]
    pub footprint: Option<f32>,
}

/// LEDs evenly spaced around a circle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    /// Its middle.
    pub centre: Point,
    /// In pixels.
    pub radius: f32,
    /// How many LEDs.
    pub count: u32,
    /// Where number one is, in degrees clockwise from the top.
    #[serde(default)]
    pub start_degrees: f32,
    /// Which way round the numbers run.
    #[serde(default)]
    pub turn: Turn,
    /// Side of each LED's square footprint; the spacing when left out.
    #[serde(default)]
    pub footprint: Option<f32>,
}

/// Which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Turn {
    #[default]
    Clockwise,
    Anticlockwise,
}

/// LEDs placed one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Their centres.
    pub at: Vec<Point>,
    /// Side of each LED's square footprint.
    #[serde(default = "point_footprint")]
    pub footprint: f32,
}

fn point_footprint() -> f32 {
    8.0
}

/// Why a layout cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// A piece has a number that cannot be.
    #[error("piece {piece} (from 1), a {kind}: {reason}")]
    Piece {
        /// Which piece, from 1.
        piece: usize,
        /// What it is: matrix, strip, ring or point list.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no piece.
    #[error("a layout needs at least one piece")]
    Empty,
    /// More LEDs than are supported.
    #[error("{count} LEDs are more than the {} that are supported", Layout::MAX_LEDS)]
    TooMany {
        /// How many the layout has.
        count: u64,
    },
}

impl Layout {
    /// Most LEDs a wall may have.
    pub const MAX_LEDS: u64 = 2_000_000;

    /// Places every LED, piece after piece.
    ///
    /// # Errors
    /// A piece with a number that cannot be, no piece at all, or too many LEDs.
    pub fn resolve(&self) -> Result<Wall, LayoutError> {
        if self.pieces.is_empty() {
            return Err(LayoutError::Empty);
        }
        for (index, piece) in self.pieces.iter().enumerate() {
            piece.check().map_err(|reason| LayoutError::Piece {
                piece: index + 1,
                kind: piece.kind(),
                reason,
            })?;
        }
        // Counted before anything is placed: a slip of the keyboard must not take all the memory.
        let count = self.pieces.iter().fold(0, |sum: u64, piece| sum.saturating_add(piece.count()));
        if count > Self::MAX_LEDS {
            return Err(LayoutError::TooMany { count });
        }
        let mut leds = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        for piece in &self.pieces {
            match piece {
                Piece::Matrix(matrix) => leds.extend(matrix.leds(self.canvas)),
                Piece::Strip(strip) => leds.extend(strip.leds()),
                Piece::Ring(ring) => leds.extend(ring.leds()),
                Piece::Points(points) => leds.extend(points.leds()),
            }
        }
        Ok(Wall { canvas: self.canvas, leds })
    }
}

impl Default for Layout {
    /// One serpentine matrix of 80×40 that fills the canvas of 800×480.
    fn default() -> Self {
        Self {
            canvas: Size::CANVAS,
            pieces: vec![Piece::Matrix(Matrix {
                origin: (0.0, 0.0),
                extent: None,
                columns: 80,
                rows: 40,
                start: Corner::default(),
                along: Along::default(),
                serpentine: true,
            })],
        }
    }
}

impl Piece {
    fn kind(&self) -> &'static str {
        match self {
            Self::Matrix(_) => "matrix",
            Self::Strip(_) => "strip",
            Self::Ring(_) => "ring",
            Self::Points(_) => "point list",
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Matrix(matrix) => u64::from(matrix.columns) * u64::from(matrix.rows),
            Self::Strip(strip) => u64::from(strip.count),
            Self::Ring(ring) => u64::from(ring.count),
            Self::Points(points) => points.at.len() as u64,
        }
    }

    /// What is wrong with it, in words.
    fn check(&self) -> Result<(), String> {
        match self {
            Self::Matrix(matrix) => matrix.check(),
            Self::Strip(strip) => strip.check(),
            Self::Ring(ring) => ring.check(),
            Self::Points(points) => points.check(),
        }
    }
}

/// Farthest from the origin that anything may stand, and the largest anything may be, in pixels: enough for
/// every wall, and safe to calculate with.
const FAR: f32 = 1e6;

fn check_point(what: &str, (x, y): Point) -> Result<(), String> {
    // Not a number is in no range.
    if (-FAR..=FAR).contains(&x) && (-FAR..=FAR).contains(&y) {
        Ok(())
    } else {
        Err(format!("{what} must be from -{FAR} to {FAR} pixels, not ({x}, {y})"))
    }
}

fn check_length(what: &str, length: f32) -> Result<(), String> {
    if length > 0.0 && length <= FAR {
        Ok(())
    } else {
        Err(format!("{what} must be over 0 and at most {FAR} pixels, not {length}"))
    }
}

fn check_count(what: &str, count: u32) -> Result<(), String> {
    if count > 0 { Ok(()) } else { Err(format!("{what} must be at least 1")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(pieces: Vec<Piece>) -> Layout {
        Layout { canvas: Size::CANVAS, pieces }
    }

    fn points(at: Vec<Point>) -> Piece {
        Piece::Points(Points { at, footprint: 8.0 })
    }

    #[test]
    fn default_fills_the_canvas() {
        let wall = Layout::default().resolve().unwrap();
        assert_eq!(wall.canvas, Size::CANVAS);
        assert_eq!(wall.leds.len(), 3200);
        assert_eq!(wall.leds[0], Led { centre: (5.0, 6.0), footprint: (10.0, 12.0) });
        // The second row runs backwards.
        assert_eq!(wall.leds[80].centre, (795.0, 18.0));
        assert_eq!(wall.leds[3199].centre, (5.0, 474.0));
    }

    #[test]
    fn pieces_are_numbered_one_after_the_other() {
        let wall = layout(vec![points(vec![(1.0, 2.0), (3.0, 4.0)]), points(vec![(5.0, 6.0)])])
            .resolve()
            .unwrap();
        let centres: Vec<_> = wall.leds.iter().map(|led| led.centre).collect();
        assert_eq!(centres, [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]);
    }

    #[test]
    fn error_names_the_piece() {
        let error = layout(vec![points(vec![(0.0, 0.0)]), points(vec![(f32::NAN, 0.0)])]).resolve();
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("piece 2 (from 1), a point list: "), "{text}");
        assert!(text.contains("NaN"), "{text}");
        assert_eq!(layout(vec![]).resolve(), Err(LayoutError::Empty));
    }

    #[test]
    fn too_many_are_refused_before_they_are_placed() {
        let strip = Piece::Strip(Strip {
            path: vec![(0.0, 0.0), (1.0, 0.0)],
            count: u32::MAX,
            footprint: None,
        });
        let count = 3 * u64::from(u32::MAX);
        let error = layout(vec![strip.clone(), strip.clone(), strip]).resolve();
        assert_eq!(error, Err(LayoutError::TooMany { count }));
    }
}
