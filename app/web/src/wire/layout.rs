//! Where the LEDs are.

use prismatron_core::layout as domain;
use prismatron_core::unit::Size;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Invalid, mirror};

/// x to the right and y down, in canvas pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<f32>, min_items = 2, max_items = 2, examples(json!([400, 240])))]
pub(crate) struct Point([f32; 2]);

impl From<domain::Point> for Point {
    fn from((x, y): domain::Point) -> Self {
        Self([x, y])
    }
}

impl From<Point> for domain::Point {
    fn from(Point([x, y]): Point) -> Self {
        (x, y)
    }
}

/// Where a part of the wall's description comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Nothing was configured.
    Default,
    /// The configuration file.
    Config,
    /// It was set through the API, which overrides the configuration.
    Page,
}

/// Where the LEDs are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Layout {
    pub(crate) source: Source,
    pub(crate) canvas: Canvas,
    /// How many LEDs there are in all.
    pub(crate) leds: usize,
    /// Numbered one after the other.
    pub(crate) pieces: Vec<Piece>,
}

/// A layout to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLayout {
    /// 800×480 when left out.
    #[serde(default)]
    pub(crate) canvas: Option<Canvas>,
    /// Numbered one after the other.
    pub(crate) pieces: Vec<Piece>,
}

/// Pieces of a layout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PieceList {
    pub(crate) pieces: Vec<Piece>,
}

/// How a list of LEDs is read.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PointsQuery {
    /// Side of the footprint of LEDs that have none in the list, in canvas pixels; 8 when left out.
    pub(crate) footprint: Option<f32>,
}

/// The rectangle media are fitted to, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Canvas {
    #[schema(minimum = 1, maximum = 8192)]
    pub(crate) width: u32,
    #[schema(minimum = 1, maximum = 8192)]
    pub(crate) height: u32,
}

/// LEDs that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Piece {
    /// Rows and columns that fill a rectangle.
    Matrix {
        /// Top left corner; the canvas's own when left out.
        #[serde(default)]
        origin: Point,
        /// Width and height; the whole canvas when left out.
        #[serde(default)]
        extent: Option<Point>,
        /// LEDs in a row.
        columns: u32,
        /// LEDs in a column.
        rows: u32,
        /// Where number one is; `top_left` when left out.
        #[serde(default = "top_left")]
        start: Corner,
        /// What the wire follows first; `rows` when left out.
        #[serde(default = "rows")]
        along: Along,
        /// Whether every other line runs backwards.
        #[serde(default)]
        serpentine: bool,
    },
    /// Evenly spaced along a line, the first and last at its ends.
    Strip {
        /// At least two points.
        path: Vec<Point>,
        /// How many LEDs.
        count: u32,
        /// Side of each LED's square footprint; the spacing when left out.
        #[serde(default)]
        footprint: Option<f32>,
    },
    /// Evenly spaced around a circle.
    Ring {
        centre: Point,
        /// In pixels.
        radius: f32,
        /// How many LEDs.
        count: u32,
        /// Where number one is, in degrees clockwise from the top.
        #[serde(default)]
        start_degrees: f32,
        /// Which way round the numbers run; `clockwise` when left out.
        #[serde(default = "clockwise")]
        turn: Turn,
        /// Side of each LED's square footprint; the spacing when left out.
        #[serde(default)]
        footprint: Option<f32>,
    },
    /// Each one placed by hand.
    Points {
        /// Their centres.
        at: Vec<Point>,
        /// Side of each LED's square footprint; 8 when left out.
        #[serde(default = "eight")]
        footprint: f32,
    },
}

mirror! {
    /// A corner of a matrix.
    Corner = domain::Corner { TopLeft, TopRight, BottomLeft, BottomRight }
}

mirror! {
    /// What the numbering of a matrix follows.
    Along = domain::Along { Rows, Columns }
}

mirror! {
    /// Which way round.
    Turn = domain::Turn { Clockwise, Anticlockwise }
}

fn top_left() -> Corner {
    Corner::TopLeft
}

fn rows() -> Along {
    Along::Rows
}

fn clockwise() -> Turn {
    Turn::Clockwise
}

fn eight() -> f32 {
    8.0
}

impl From<Size> for Canvas {
    fn from(size: Size) -> Self {
        Self { width: size.width(), height: size.height() }
    }
}

impl From<domain::Layout> for NewLayout {
    fn from(layout: domain::Layout) -> Self {
        Self {
            canvas: Some(layout.canvas.into()),
            pieces: layout.pieces.into_iter().map(Piece::from).collect(),
        }
    }
}

impl TryFrom<NewLayout> for domain::Layout {
    type Error = Invalid;

    fn try_from(layout: NewLayout) -> Result<Self, Invalid> {
        let canvas = match layout.canvas {
            Some(Canvas { width, height }) => {
                Size::new(width, height).map_err(|error| Invalid::new("canvas", error))?
            }
            None => Size::CANVAS,
        };
        if layout.pieces.is_empty() {
            return Err(Invalid::new("pieces", "must not be empty"));
        }
        // What else must hold of a piece, the domain tells when it resolves the layout.
        Ok(Self { canvas, pieces: layout.pieces.into_iter().map(Into::into).collect() })
    }
}

impl From<domain::Piece> for Piece {
    fn from(piece: domain::Piece) -> Self {
        match piece {
            domain::Piece::Matrix(matrix) => Self::Matrix {
                origin: matrix.origin.into(),
                extent: matrix.extent.map(Into::into),
                columns: matrix.columns,
                rows: matrix.rows,
                start: matrix.start.into(),
                along: matrix.along.into(),
                serpentine: matrix.serpentine,
            },
            domain::Piece::Strip(strip) => Self::Strip {
                path: strip.path.into_iter().map(Into::into).collect(),
                count: strip.count,
                footprint: strip.footprint,
            },
            domain::Piece::Ring(ring) => Self::Ring {
                centre: ring.centre.into(),
                radius: ring.radius,
                count: ring.count,
                start_degrees: ring.start_degrees,
                turn: ring.turn.into(),
                footprint: ring.footprint,
            },
            domain::Piece::Points(points) => Self::Points {
                at: points.at.into_iter().map(Into::into).collect(),
                footprint: points.footprint,
            },
        }
    }
}

impl From<Piece> for domain::Piece {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Matrix { origin, extent, columns, rows, start, along, serpentine } => {
                Self::Matrix(domain::Matrix {
                    origin: origin.into(),
                    extent: extent.map(Into::into),
                    columns,
                    rows,
                    start: start.into(),
                    along: along.into(),
                    serpentine,
                })
            }
            Piece::Strip { path, count, footprint } => Self::Strip(domain::Strip {
                path: path.into_iter().map(Into::into).collect(),
                count,
                footprint,
            }),
            Piece::Ring { centre, radius, count, start_degrees, turn, footprint } => {
                Self::Ring(domain::Ring {
                    centre: centre.into(),
                    radius,
                    count,
                    start_degrees,
                    turn: turn.into(),
                    footprint,
                })
            }
            Piece::Points { at, footprint } => Self::Points(domain::Points {
                at: at.into_iter().map(Into::into).collect(),
                footprint,
            }),
        }
    }
}
