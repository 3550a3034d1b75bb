//! A layout in a configuration: the core's, and lists of points in files of their own.

use std::path::{Path, PathBuf};

use prismatron_core::layout::{Layout, Matrix, Piece, Points, Ring, Strip};
use prismatron_core::unit::Size;
use serde::Deserialize;

use super::points::{self, PlacedLed};
use super::{ConfigError, MAX_POINTS, read};

/// A canvas and the LEDs on it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename = "the layout")]
pub struct LayoutConfig {
    /// The rectangle media are fitted to.
    #[serde(default = "canvas")]
    pub canvas: Size,
    /// Numbered one after the other.
    pub pieces: Vec<PieceConfig>,
}

fn canvas() -> Size {
    Size::CANVAS
}

/// LEDs that belong together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub enum PieceConfig {
    /// Rows and columns.
    Matrix(Matrix),
    /// Evenly spaced along a line.
    Strip(Strip),
    /// Evenly spaced around a circle.
    Ring(Ring),
    /// Each one placed by hand.
    Points(Points),
    /// Each one placed by a line of a file.
    PointsFile(PointsFile),
}

/// LEDs listed in another file: CSV, or RON where its name ends in `.ron`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsFile {
    /// Relative to the configuration's folder.
    pub path: PathBuf,
    /// Side of the square footprint of LEDs the file gives none for.
    #[serde(default)]
    pub footprint: Option<f32>,
}

impl LayoutConfig {
    /// Reads the files that are named, relative to a folder.
    ///
    /// # Errors
    /// A file cannot be read, or something in it is wrong.
    pub fn settle(self, folder: &Path) -> Result<Layout, ConfigError> {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces {
            match piece {
                PieceConfig::Matrix(matrix) => pieces.push(Piece::Matrix(matrix)),
                PieceConfig::Strip(strip) => pieces.push(Piece::Strip(strip)),
                PieceConfig::Ring(ring) => pieces.push(Piece::Ring(ring)),
                PieceConfig::Points(points) => pieces.push(Piece::Points(points)),
                PieceConfig::PointsFile(file) => {
                    let path = folder.join(&file.path);
                    let text = read(&path, MAX_POINTS)?;
                    let is_ron =
                        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("ron"));
                    let parse = if is_ron { points::parse_ron } else { points::parse_csv };
                    let leds =
                        parse(&text).map_err(|mistake| ConfigError::wrong(&path, mistake))?;
                    let footprint = file.footprint.unwrap_or(DEFAULT_FOOTPRINT);
                    pieces.extend(pieces_of(&leds, footprint));
                }
            }
        }
        Ok(Layout { canvas: self.canvas, pieces })
    }
}

/// As for points in the configuration itself.
pub const DEFAULT_FOOTPRINT: f32 = 8.0;

/// Makes pieces of LEDs: a list of points for each run with the same square footprint, and a matrix of one
/// for each LED whose footprint is no square.
pub fn pieces_of(leds: &[PlacedLed], default: f32) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for led in leds {
        let (x, y) = led.centre;
        let (width, height) = led.footprint.unwrap_or((default, default));
        if width.to_bits() != height.to_bits() {
            pieces.push(Piece::Matrix(Matrix {
                origin: (x - width / 2.0, y - height / 2.0),
                extent: Some((width, height)),
                columns: 1,
                rows: 1,
                start: Default::default(),
                along: Default::default(),
                serpentine: false,
            }));
            continue;
        }
        match pieces.last_mut() {
            Some(Piece::Points(points)) if points.footprint.to_bits() == width.to_bits() => {
                points.at.push(led.centre);
            }
            _ => pieces.push(Piece::Points(Points { at: vec![led.centre], footprint: width })),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_led_comes_out_where_its_line_says() {
        let led = |x, y, footprint| PlacedLed { centre: (x, y), footprint };
        let leds = [
            led(10.0, 20.0, None),
            led(30.0, 20.0, None),
            led(50.0, 20.0, Some((4.0, 4.0))),
            led(70.0, 20.0, Some((6.0, 12.0))),
            led(90.0, 20.0, None),
        ];
        let layout = Layout { canvas: Size::CANVAS, pieces: pieces_of(&leds, 8.0) };
        assert_eq!(layout.pieces.len(), 4);
        let wall = layout.resolve().unwrap();
        for (placed, resolved) in leds.iter().zip(&wall.leds) {
            assert_eq!(resolved.centre, placed.centre);
            assert_eq!(resolved.footprint, placed.footprint.unwrap_or((8.0, 8.0)));
        }
        assert_eq!(wall.leds.len(), leds.len());
    }
}
