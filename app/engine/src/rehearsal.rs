//! Frames of something that is not on the wall, as they would be: to look at before it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::colour::{ColourSettings, ColourTables};
use prismatron_core::frame::{LedFrame, Rgb8};
use prismatron_core::layout::Wall;
use prismatron_core::mapper::Mapper;
use prismatron_core::media::Fit;
use prismatron_core::playlist::Content;
use prismatron_core::port::{MediaError, MediaFault, OpenRequest, Opener, Source};
use prismatron_core::unit::Brightness;

use crate::rig::MakeMapper;
use crate::source::{Live, Opened};
use crate::wake::Waker;

/// Something open that nobody but whoever holds it sees.
pub struct Rehearsal {
    live: Live,
    mapper: Box<dyn Mapper>,
    tables: ColourTables,
    light: LedFrame,
    leds: Vec<Rgb8>,
}

impl Rehearsal {
    /// Opens something for a wall; not for what has to be decoded. Takes as long as it takes.
    pub(crate) fn open(
        opener: &dyn Opener,
        make: &MakeMapper,
        wall: &Arc<Wall>,
        colour: ColourSettings,
        content: &Content,
    ) -> Result<Self, MediaError> {
        let (canvas, detail) = (wall.canvas, wall.detail());
        let source = opener.open(OpenRequest { content, fit: Fit::default(), canvas, detail })?;
        if matches!(source, Source::Stream { .. }) {
            let reason = "only texts, effects and stills can be looked at before they are on";
            return Err(MediaError::new(MediaFault::Unsupported, reason));
        }
        let (Opened { live, size, .. }, _) = Opened::new(source, Waker::new(|| {}));
        // However dark the wall is at the moment.
        let tables = ColourTables::new(&ColourSettings { brightness: Brightness::FULL, ..colour })
            .map_err(|error| MediaError::new(MediaFault::Broken, error))?;
        let leds = wall.leds.len();
        let (light, leds) = (vec![[0; 3]; leds], vec![[0; 3]; leds]);
        Ok(Self { live, mapper: make(wall, size), tables, light, leds })
    }

    /// How many LEDs there are.
    pub fn leds(&self) -> usize {
        self.leds.len()
    }

    /// The LEDs at a time from its start: linear light in wall order, at full brightness and without power limits.
    ///
    /// # Errors
    /// Drawing it has crashed.
    pub fn frame(&mut self, at: Duration) -> Result<&[Rgb8], MediaError> {
        let Self { live, mapper, tables, light, leds } = self;
        live.advance(at);
        if let Some(failure) = live.failure() {
            return Err(failure.clone());
        }
        if let Some(picture) = live.picture() {
            mapper.map(picture, light);
        }
        tables.apply(light, leds);
        Ok(leds)
    }
}

/// [`Rehearsal::open`], whatever the opener does.
pub(crate) fn open(
    opener: &dyn Opener,
    make: &MakeMapper,
    wall: &Arc<Wall>,
    colour: ColourSettings,
    content: &Content,
) -> Result<Rehearsal, MediaError> {
    let open = || Rehearsal::open(opener, make, wall, colour, content);
    catch_unwind(AssertUnwindSafe(open))
        .unwrap_or_else(|_| Err(MediaError::new(MediaFault::Broken, "opening it crashed")))
}
