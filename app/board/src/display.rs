//! A small display at the cabinet: a few lines of text.

use std::fmt;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_6X10;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{Drawable, Point};
use embedded_graphics::text::{Baseline, Text};
use embedded_hal::i2c::I2c;
use prismatron_core::board::{DisplaySize, DisplaySpec, Mounted};
use ssd1306::mode::{BufferedGraphicsMode, DisplayConfig};
use ssd1306::prelude::{Brightness, DisplayRotation, I2CInterface};
use ssd1306::size::{DisplaySize128x32, DisplaySize128x64};
use ssd1306::{I2CDisplayInterface, Ssd1306};

use crate::error::BoardError;

/// Characters in a line.
pub(crate) const COLUMNS: usize = 21;
/// Rows of pixels a line takes.
const LINE: usize = 10;

type Graphics<B, S> = Ssd1306<I2CInterface<B>, S, BufferedGraphicsMode<S>>;

/// The display, and what is on it.
pub(crate) struct Display<B> {
    screen: Screen<B>,
    shown: Vec<String>,
}

#[allow(clippy::large_enum_variant, reason = "there is one, for good")]
enum Screen<B> {
    Tall(Graphics<B, DisplaySize128x64>),
    Low(Graphics<B, DisplaySize128x32>),
}

/// The same for both sizes, which are types.
macro_rules! each {
    ($screen:expr, $graphics:ident => $do:expr) => {
        match $screen {
            Screen::Tall($graphics) => $do,
            Screen::Low($graphics) => $do,
        }
    };
}

impl<B: I2c<Error: fmt::Display>> Display<B> {
    /// Switches it on, blank.
    pub(crate) fn start(bus: B, spec: &DisplaySpec) -> Result<Self, BoardError> {
        let interface = I2CDisplayInterface::new_custom_address(bus, spec.address.get());
        let rotation = match spec.mounted {
            Mounted::Upright => DisplayRotation::Rotate0,
            Mounted::UpsideDown => DisplayRotation::Rotate180,
        };
        let mut screen = match spec.size {
            DisplaySize::W128H64 => {
                let display = Ssd1306::new(interface, DisplaySize128x64, rotation);
                Screen::Tall(display.into_buffered_graphics_mode())
            }
            DisplaySize::W128H32 => {
                let display = Ssd1306::new(interface, DisplaySize128x32, rotation);
                Screen::Low(display.into_buffered_graphics_mode())
            }
        };
        // Dim: it is lit for years.
        each!(&mut screen, display => {
            display.init().map_err(silent)?;
            display.set_brightness(Brightness::DIM).map_err(silent)?;
            display.flush().map_err(silent)?;
        });
        Ok(Self { screen, shown: Vec::new() })
    }

    /// Shows lines, those that are too many or too long cut off, if they are others.
    pub(crate) fn show(&mut self, lines: &[String]) -> Result<(), BoardError> {
        if lines == self.shown {
            return Ok(());
        }
        let style = MonoTextStyle::new(&FONT_6X10, BinaryColor::On);
        each!(&mut self.screen, display => {
            display.clear_buffer();
            for (number, line) in lines.iter().enumerate() {
                let line: String = line.chars().take(COLUMNS).collect();
                let at = Point::new(0, i32::try_from(number * LINE).unwrap_or(i32::MAX));
                Text::with_baseline(&line, at, style, Baseline::Top).draw(display).map_err(silent)?;
            }
            display.flush().map_err(silent)?;
        });
        self.shown = lines.to_vec();
        Ok(())
    }
}

fn silent(error: impl fmt::Debug) -> BoardError {
    BoardError::silent("the display (SSD1306)", format_args!("{error:?}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]
mod tests {
    use std::convert::Infallible;
    use std::sync::{Arc, Mutex};

    use embedded_hal::i2c::{ErrorType, Operation};
    use prismatron_core::board::I2cAddress;

    use super::*;

    /// A display as its datasheet has it, in horizontal addressing: takes commands and keeps what it shows.
    #[derive(Clone, Default)]
    struct Ssd1306Chip(Arc<Mutex<Chip>>);

    #[derive(Default)]
    struct Chip {
        commands: Vec<u8>,
        data: Vec<u8>,
    }

    impl ErrorType for Ssd1306Chip {
        type Error = Never;
    }

    #[derive(Debug)]
    struct Never(Infallible);

    impl fmt::Display for Never {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self.0 {}
        }
    }

    impl embedded_hal::i2c::Error for Never {
        fn kind(&self) -> embedded_hal::i2c::ErrorKind {
            match self.0 {}
        }
    }

    impl I2c for Ssd1306Chip {
        fn transaction(&mut self, at: u8, all: &mut [Operation<'_>]) -> Result<(), Never> {
            assert_eq!(at, 0x3d);
            let mut chip = self.0.lock().unwrap();
            for operation in all {
                let Operation::Write([control, bytes @ ..]) = operation else { panic!("a read") };
                match control {
                    0x00 => chip.commands.extend_from_slice(bytes),
                    0x40 => chip.data.extend_from_slice(bytes),
                    other => panic!("control byte {other:#x}"),
                }
            }
            Ok(())
        }
    }

    #[test]
    fn lines_are_drawn_and_only_when_they_change() {
        let chip = Ssd1306Chip::default();
        let spec = DisplaySpec {
            bus: 1,
            address: I2cAddress::try_from(0x3d).unwrap(),
            size: DisplaySize::W128H32,
            mounted: Mounted::Upright,
        };
        let mut display = Display::start(chip.clone(), &spec).unwrap();
        // Display off and on (AE, AF), its 32 rows (A8 1F), horizontal addressing (20 00).
        let commands = chip.0.lock().unwrap().commands.clone();
        for part in [&[0xae][..], &[0xa8, 31], &[0x20, 0x00], &[0xaf]] {
            assert!(commands.windows(part.len()).any(|some| some == part), "{part:x?}");
        }
        chip.0.lock().unwrap().data.clear();
        let lines = vec!["I".to_owned(), "a".repeat(COLUMNS + 9)];
        display.show(&lines).unwrap();
        let drawn = std::mem::take(&mut chip.0.lock().unwrap().data);
        let lit: u32 = drawn.iter().map(|byte| byte.count_ones()).sum();
        assert!(lit > 11, "{lit} pixels are lit");
        display.show(&lines).unwrap();
        assert!(chip.0.lock().unwrap().data.is_empty());
        display.show(&[]).unwrap();
        let cleared = chip.0.lock().unwrap().data.clone();
        assert!(!cleared.is_empty() && cleared.iter().all(|byte| *byte == 0));
    }
}
