//! What of a row or a column of pixels an LED's footprint covers.

/// Consecutive pixels along one axis of a frame: those that are covered wholly, and how much of the ones
/// before and after is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// First pixel that is covered wholly; with none, the one after the pixel before.
    pub(super) first: u16,
    /// How many are covered wholly.
    pub(super) whole: u16,
    /// Covered part of the pixel before `first`; 0 where none is, and then there may be no such pixel.
    pub(super) before: f32,
    /// Covered part of the pixel after the whole ones, likewise.
    pub(super) after: f32,
}

impl Span {
    /// Nothing.
    pub(super) const EMPTY: Self = Self { first: 0, whole: 0, before: 0.0, after: 0.0 };

    /// Most parts that there are in [`Span::parts`].
    pub(super) const PARTS: usize = 3;

    /// Less of a pixel than this is rounding, not light.
    const LEAST: f64 = 1e-6;

    /// The span of `length` canvas pixels around `centre`, on an axis where `canvas` of them are shown as
    /// `pixels`; what is outside the canvas is cut off.
    pub(super) fn new(centre: f32, length: f32, canvas: u32, pixels: u32) -> Self {
        let scale = f64::from(pixels) / f64::from(canvas);
        let on_frame = |edge: f64| (edge * scale).clamp(0.0, f64::from(pixels));
        let half = f64::from(length) / 2.0;
        let start = on_frame(f64::from(centre) - half);
        let end = on_frame(f64::from(centre) + half);
        if end <= start || start.is_nan() || end.is_nan() {
            return Self::EMPTY;
        }
        // An edge that meant to fall between two pixels does.
        let settled = |edge: f64| {
            let near = edge.round();
            if (edge - near).abs() < Self::LEAST { near } else { edge }
        };
        let (start, end) = if end - start > 2.0 * Self::LEAST {
            (settled(start), settled(end))
        } else {
            (start, end)
        };
        let (first, last) = (start.ceil(), end.floor());
        if last < first {
            // All of it is within one pixel.
            return Self {
                first: first as u16,
                whole: 0,
                before: (end - start) as f32,
                after: 0.0,
            };
        }
        Self {
            first: first as u16,
            whole: (last - first) as u16,
            before: (first - start) as f32,
            after: (end - last) as f32,
        }
    }

    /// How many pixels it covers, parts counted as parts.
    pub(super) fn length(self) -> f32 {
        self.before + f32::from(self.whole) + self.after
    }

    /// The first pixel that is covered at all, and the one after the last.
    pub(super) fn range(self) -> (u16, u16) {
        let from = self.first - u16::from(self.before > 0.0);
        (from, self.first + self.whole + u16::from(self.after > 0.0))
    }

    /// Pixels that are covered alike: the first, how many, and how much of each.
    pub(super) fn parts(self) -> impl Iterator<Item = (usize, usize, f32)> {
        let (first, whole) = (usize::from(self.first), usize::from(self.whole));
        let parts: [_; Self::PARTS] = [
            (first.wrapping_sub(1), 1, self.before),
            (first, whole, 1.0),
            (first + whole, 1, self.after),
        ];
        parts.into_iter().filter(|&(_, count, weight)| count > 0 && weight > 0.0)
    }

    /// The pixels and how much of each is covered.
    #[cfg(test)]
    pub(super) fn weights(self) -> Vec<(usize, f32)> {
        let pixels = |(first, count, weight)| (first..first + count).map(move |at| (at, weight));
        self.parts().flat_map(pixels).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_pixels_where_the_footprint_ends() {
        let span = |centre, length| Span::new(centre, length, 100, 100).weights();
        assert_eq!(span(5.0, 4.0), [(3, 1.0), (4, 1.0), (5, 1.0), (6, 1.0)]);
        assert_eq!(span(5.0, 3.0), [(3, 0.5), (4, 1.0), (5, 1.0), (6, 0.5)]);
        assert_eq!(span(5.5, 0.5), [(5, 0.5)]);
        assert_eq!(span(5.0, 0.5), [(4, 0.25), (5, 0.25)]);
        // Three canvas pixels for each of the frame's.
        assert_eq!(Span::new(4.5, 9.0, 99, 33).weights(), [(0, 1.0), (1, 1.0), (2, 1.0)]);
    }

    #[test]
    fn cut_off_at_the_canvas() {
        let span = |centre, length| Span::new(centre, length, 100, 100).weights();
        assert_eq!(span(0.0, 3.0), [(0, 1.0), (1, 0.5)]);
        assert_eq!(span(100.0, 1.0), [(99, 0.5)]);
        for (centre, length) in
            [(-9.0, 2.0), (109.0, 2.0), (f32::NAN, 2.0), (50.0, 0.0), (50.0, f32::NAN)]
        {
            assert_eq!(Span::new(centre, length, 100, 100), Span::EMPTY);
        }
    }

    proptest! {
        #[test]
        fn stays_on_the_frame_and_covers_all(
            centre in -50.0f32..150.0,
            length in prop_oneof![1e-4f32..1.0, 1.0f32..200.0],
            canvas in 1u32..120,
            pixels in 1u32..120,
        ) {
            let span = Span::new(centre, length, canvas, pixels);
            let weights = span.weights();
            for (pixel, weight) in &weights {
                prop_assert!(*pixel < pixels as usize, "{span:?}");
                prop_assert!((0.0..=1.0).contains(weight), "{span:?}");
            }
            let cut = |edge: f64| edge.clamp(0.0, f64::from(canvas));
            let (centre, half) = (f64::from(centre), f64::from(length) / 2.0);
            let exact = (cut(centre + half) - cut(centre - half)) * f64::from(pixels) / f64::from(canvas);
            prop_assert!((f64::from(span.length()) - exact).abs() < 1e-4, "{span:?} {exact}");
        }
    }
}
