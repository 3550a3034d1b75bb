//! Lists of LEDs: CSV with `x,y` or `x,y,w,h` in a line, or RON with `(x, y)` or `(x, y, w, h)` in a list.

use std::fmt;

use prismatron_core::layout::{Layout, Point};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Mistake;

/// An LED of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedLed {
    /// Its middle in canvas pixels.
    pub centre: Point,
    /// Width and height of its footprint, where the list gives them.
    pub footprint: Option<Point>,
}

impl PlacedLed {
    /// An LED of two or four numbers.
    fn new(numbers: &[f32]) -> Result<Self, String> {
        let pixels = -1e6..=1e6;
        if let Some(number) = numbers.iter().find(|number| !pixels.contains(*number)) {
            return Err(format!("expected numbers of canvas pixels, found {number}"));
        }
        match *numbers {
            [x, y] => Ok(Self { centre: (x, y), footprint: None }),
            [_, _, w, h] if w <= 0.0 || h <= 0.0 => {
                Err("expected a width and height over 0".into())
            }
            [x, y, w, h] => Ok(Self { centre: (x, y), footprint: Some((w, h)) }),
            _ => Err(format!("expected x, y or x, y, w, h, found {} numbers", numbers.len())),
        }
    }
}

fn check_count(count: usize) -> Result<(), String> {
    if count as u64 > Layout::MAX_LEDS {
        return Err(format!("expected at most {} LEDs", Layout::MAX_LEDS));
    }
    Ok(())
}

/// Reads LEDs from CSV, without quotes. The first line may name the columns, in any order; empty lines and
/// those that begin with `#` are passed over.
///
/// # Errors
/// The first line that is wrong.
pub fn parse_csv(text: &str) -> Result<Vec<PlacedLed>, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut leds = Vec::new();
    let mut columns: Option<Vec<usize>> = None;
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let at = |reason| Mistake { line: index + 1, column: 1, reason };
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        let columns = match &columns {
            Some(columns) => columns,
            None if fields.iter().any(|field| field.parse::<f32>().is_ok()) => {
                columns.insert((0..fields.len()).collect())
            }
            None => {
                columns = Some(header(&fields).map_err(at)?);
                continue;
            }
        };
        if fields.len() != columns.len() {
            let (expected, found) = (columns.len(), fields.len());
            return Err(at(format!("expected {expected} numbers, found {found}")));
        }
        let numbers = columns.iter().map(|column| {
            let field = fields[*column];
            field.parse::<f32>().map_err(|_| format!("expected a number, found “{field}”"))
        });
        let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(at)?;
        leds.push(PlacedLed::new(&numbers).map_err(at)?);
        check_count(leds.len()).map_err(at)?;
    }
    Ok(leds)
}

/// For each of x, y (and w, h) the column it stands in.
fn header(fields: &[&str]) -> Result<Vec<usize>, String> {
    let find = |names: [&str; 2]| {
        fields.iter().position(|field| names.iter().any(|name| field.eq_ignore_ascii_case(name)))
    };
    let place = (find(["x", "x"]), find(["y", "y"]));
    let footprint = (find(["w", "width"]), find(["h", "height"]));
    match (fields.len(), place, footprint) {
        (2, (Some(x), Some(y)), _) => Ok(vec![x, y]),
        (4, (Some(x), Some(y)), (Some(w), Some(h))) => Ok(vec![x, y, w, h]),
        _ => Err("expected numbers, or the columns x,y or x,y,w,h".into()),
    }
}

/// Reads LEDs from RON.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_ron(text: &str) -> Result<Vec<PlacedLed>, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let List(leds) = ron::from_str(text)?;
    Ok(leds)
}

struct List(Vec<PlacedLed>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of LEDs, as in [(10.0, 20.0), (30.0, 20.0)]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<List, A::Error> {
                let mut leds = Vec::new();
                while let Some(led) = all.next_element()? {
                    leds.push(led);
                    check_count(leds.len()).map_err(A::Error::custom)?;
                }
                Ok(List(leds))
            }
        }

        deserializer.deserialize_seq(Each)
    }
}

impl<'de> Deserialize<'de> for PlacedLed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;

        impl<'de> Visitor<'de> for Numbers {
            type Value = PlacedLed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an LED, as in (10.0, 20.0) or (10.0, 20.0, 8.0, 8.0)")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<PlacedLed, A::Error> {
                let mut numbers = Vec::with_capacity(4);
                while let Some(number) = all.next_element::<f32>()? {
                    numbers.push(number);
                    if numbers.len() > 4 {
                        break;
                    }
                }
                PlacedLed::new(&numbers).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Numbers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(x: f32, y: f32) -> PlacedLed {
        PlacedLed { centre: (x, y), footprint: None }
    }

    #[test]
    fn csv_with_and_without_header() {
        let expected = Ok(vec![plain(1.0, 2.0), plain(-3.5, 4.0)]);
        for text in [
            "1,2\n-3.5,4\n",
            "x,y\r\n1,2\r\n\r\n-3.5,4",
            "\u{feff}Y , X\n# two LEDs\n2, 1\n 4, -3.5\n",
        ] {
            assert_eq!(parse_csv(text), expected, "{text}");
        }
        let framed = PlacedLed { centre: (1.0, 2.0), footprint: Some((3.0, 4.0)) };
        assert_eq!(parse_csv("height,x,y,width\n4,1,2,3"), Ok(vec![framed]));
        assert_eq!(parse_csv(""), Ok(vec![]));
    }

    #[test]
    fn csv_mistakes_name_their_line() {
        for (text, line, reason) in [
            ("x,y\n1,2\n3,four\n", 3, "expected a number, found “four”"),
            ("1,2\n\n3\n", 3, "expected 2 numbers, found 1"),
            ("1,2,3\n", 1, "expected x, y or x, y, w, h, found 3 numbers"),
            ("a,b\n", 1, "expected numbers, or the columns x,y or x,y,w,h"),
            ("1,2\ninf,3\n", 2, "expected numbers of canvas pixels, found inf"),
            ("1,2,0,4\n", 1, "expected a width and height over 0"),
        ] {
            let mistake = parse_csv(text).unwrap_err();
            assert_eq!((mistake.line, mistake.reason.as_str()), (line, reason), "{text}");
        }
    }

    #[test]
    fn ron_lists() {
        let framed = PlacedLed { centre: (5.0, 6.0), footprint: Some((7.0, 8.0)) };
        assert_eq!(
            parse_ron("[(1, 2.5), // first\n (5, 6, 7, 8)]"),
            Ok(vec![plain(1.0, 2.5), framed])
        );
        let mistake = parse_ron("[\n  (1, 2),\n  (1, 2, 3),\n]").unwrap_err();
        assert_eq!(mistake.line, 3);
        assert_eq!(mistake.reason, "expected x, y or x, y, w, h, found 3 numbers");
        assert!(parse_ron("[(1, \"2\")]").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*|[-0-9xywh,.;\"#\\n\\r() \\[\\]]*") {
            let _ = parse_csv(&text);
            let _ = parse_ron(&text);
        }

        #[test]
        fn what_is_written_is_read(points: Vec<(i16, i16)>) {
            let csv: String = points.iter().map(|(x, y)| format!("{x},{y}\n")).collect();
            let expected: Vec<_> =
                points.iter().map(|(x, y)| plain(f32::from(*x), f32::from(*y))).collect();
            prop_assert_eq!(parse_csv(&csv), Ok(expected.clone()));
            let items: Vec<_> = points.iter().map(|(x, y)| format!("({x}, {y})")).collect();
            prop_assert_eq!(parse_ron(&format!("[{}]", items.join(","))), Ok(expected));
        }
    }
}
