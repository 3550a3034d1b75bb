//! A wall with all that is computed for it once: mappers, wipe tables, sinks; and the way from an LED frame
//! to the outputs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use prismatron_core::colour::ColourTables;
use prismatron_core::frame::{Frame, LedFrame, Rgb8};
use prismatron_core::layout::{Layout, LayoutError, Wall};
use prismatron_core::mapper::Mapper;
use prismatron_core::output::{ColourOrder, OutputSpec};
use prismatron_core::port::{Sink, SinkFactory};
use prismatron_core::power::PowerLimit;
use prismatron_core::transition::Blender;
use prismatron_core::unit::{Milliamps, Size};

use crate::meters::{Meters, OutputPower};
use crate::preview::Screen;

/// Makes the mapper for a wall and a frame size.
pub(crate) type MakeMapper = Arc<dyn Fn(&Wall, Size) -> Box<dyn Mapper> + Send + Sync>;

/// Mappers kept although no scene may need them.
const SPARE_MAPPERS: usize = 4;

/// What of a rig takes long to compute and needs nothing of the engine.
pub(crate) struct Plan {
    wall: Arc<Wall>,
    detail: Size,
    blender: Blender,
    mappers: Vec<(Size, Box<dyn Mapper>)>,
}

impl Plan {
    /// Places the LEDs and builds mappers for frames of these sizes.
    pub(crate) fn new(
        layout: &Layout,
        make: &MakeMapper,
        sizes: &[Size],
    ) -> Result<Self, LayoutError> {
        let wall = Arc::new(layout.resolve()?);
        let mappers = sizes.iter().map(|&size| (size, make(&wall, size))).collect();
        Ok(Self { detail: wall.detail(), blender: Blender::new(&wall), wall, mappers })
    }
}

/// A wall, ready to be lit.
pub(crate) struct Rig {
    plan: Plan,
    make: MakeMapper,
    outputs: Vec<Output>,
    failed: Arc<BTreeMap<String, Arc<str>>>,
    /// The LEDs of each output.
    parts: Vec<Range<usize>>,
    /// The latest frame as it goes out, before power limits.
    told: Vec<Rgb8>,
    /// Its number.
    frame: u64,
}

struct Output {
    leds: Range<usize>,
    power: Option<(PowerLimit, usize)>,
    order: ColourOrder,
    /// The output's part of the frame, where it has a limit.
    limited: Vec<Rgb8>,
    sink: Box<dyn Sink>,
}

impl Rig {
    /// Makes the sinks. An output that cannot be made is noted and left out.
    pub(crate) fn new(
        plan: Plan,
        make: MakeMapper,
        specs: &[OutputSpec],
        factory: &dyn SinkFactory,
        meters: &Meters,
    ) -> Self {
        let total = plan.wall.leds.len();
        let mut outputs = Vec::with_capacity(specs.len());
        let mut failed = BTreeMap::new();
        let mut readings = Vec::new();
        for spec in specs {
            let leds = spec.leds.map_or(0..total, |range| range.within(total));
            match factory.make(spec, leds.len()) {
                Ok(sink) => {
                    let power = spec.power.filter(|_| spec.enabled).map(|limit| {
                        readings.push(OutputPower {
                            output: Arc::from(spec.name.as_str()),
                            current: Milliamps(0),
                            limited: false,
                        });
                        (limit, readings.len() - 1)
                    });
                    let size = if power.is_some() { leds.len() } else { 0 };
                    let (order, limited) = (spec.colour_order, vec![[0; 3]; size]);
                    outputs.push(Output { leds, power, order, limited, sink });
                }
                Err(error) => {
                    tracing::warn!(output = error.output, reason = error.reason, "output left out");
                    failed.insert(error.output, Arc::from(error.reason));
                }
            }
        }
        meters.with_power(|power| *power = readings);
        let parts = outputs.iter().map(|output| output.leds.clone()).collect();
        let (failed, told) = (Arc::new(failed), vec![[0; 3]; total]);
        Self { plan, make, outputs, failed, parts, told, frame: 0 }
    }

    pub(crate) fn wall(&self) -> &Arc<Wall> {
        &self.plan.wall
    }

    pub(crate) fn leds(&self) -> usize {
        self.told.len()
    }

    /// The LEDs of each output.
    pub(crate) fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }

    pub(crate) fn detail(&self) -> Size {
        self.plan.detail
    }

    pub(crate) fn blender(&self) -> &Blender {
        &self.plan.blender
    }

    /// Outputs that could not be made, and why.
    pub(crate) fn failed(&self) -> &Arc<BTreeMap<String, Arc<str>>> {
        &self.failed
    }

    /// Frame sizes there are mappers for.
    pub(crate) fn sizes(&self) -> Vec<Size> {
        self.plan.mappers.iter().map(|(size, _)| *size).collect()
    }

    /// Takes in a mapper that was made elsewhere, if it is for this wall.
    pub(crate) fn adopt(&mut self, size: Size, wall: &Arc<Wall>, mapper: Box<dyn Mapper>) {
        if Arc::ptr_eq(wall, &self.plan.wall) && !self.sizes().contains(&size) {
            self.plan.mappers.push((size, mapper));
        }
    }

    /// Lets go of mappers that have not been used for long; those for `needed` stay.
    pub(crate) fn prune(&mut self, needed: &[Size]) {
        let mut surplus = self.plan.mappers.len().saturating_sub(needed.len() + SPARE_MAPPERS);
        self.plan.mappers.retain(|(size, _)| {
            let goes = surplus > 0 && !needed.contains(size);
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// Computes the LEDs for a frame. Allocates only for a frame size that nobody had announced.
    pub(crate) fn map(&mut self, frame: &Frame, leds: &mut LedFrame) {
        let mappers = &mut self.plan.mappers;
        let index =
            mappers.iter().position(|(size, _)| *size == frame.size()).unwrap_or_else(|| {
                mappers.push((frame.size(), (self.make)(&self.plan.wall, frame.size())));
                mappers.len() - 1
            });
        mappers[index].1.map(frame, leds);
    }

    /// Sends an LED frame to every output, or black.
    pub(crate) fn send(&mut self, light: Option<(&LedFrame, &ColourTables)>, meters: &Meters) {
        match light {
            Some((leds, tables)) => tables.apply(leds, &mut self.told),
            None => self.told.fill([0; 3]),
        }
        for output in &mut self.outputs {
            let part = &self.told[output.leds.clone()];
            let Some((limit, reading)) = output.power else {
                output.sink.submit(part);
                continue;
            };
            output.limited.copy_from_slice(part);
            let used = limit.apply(output.order, &mut output.limited);
            output.sink.submit(&output.limited);
            meters.with_power(|power| {
                if let Some(power) = power.get_mut(reading) {
                    power.current = Milliamps((used.asked.0 as f32 * used.scale).round() as u32);
                    power.limited = used.scale < 1.0;
                }
            });
        }
        self.frame = meters.frame();
    }

    /// Whether anything was sent yet.
    pub(crate) fn has_sent(&self) -> bool {
        self.frame > 0
    }

    /// Shows the latest frame to those who look on, if it is new to them.
    pub(crate) fn show(&self, screen: &Screen) {
        if self.frame == 0 || !screen.is_watched() {
            return;
        }
        screen.show(self.frame, |seen| {
            seen.clear();
            seen.extend_from_slice(&self.told);
            for output in self.outputs.iter().filter(|output| output.power.is_some()) {
                seen[output.leds.clone()].copy_from_slice(&output.limited);
            }
        });
    }

    /// Hands out the sinks, so that they can be dropped where that may take its time.
    pub(crate) fn release(&mut self) -> Vec<Box<dyn Sink>> {
        self.outputs.drain(..).map(|output| output.sink).collect()
    }
}
