//! How long it takes to encode 3,200 LEDs for each kind of strip, beside what the bus takes for them and what the
//! drivers of the smart-leds family take.

#![allow(missing_docs, reason = "criterion's macros make items without any")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing else to say")]

use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_hal::spi::{ErrorType, SpiBus};
use prismatron_board::encode::{CLOCKED_KHZ, Encoder, ONE_WIRE_HZ};
use prismatron_core::frame::Rgb8;
use prismatron_core::output::{ColourOrder, LedChip};
use smart_leds_trait::{RGB8, SmartLedsWrite};
use ws2812_spi::prerendered::Ws2812;

const LEDS: usize = 3200;

/// A bus that takes everything at once.
struct Sink;

impl ErrorType for Sink {
    type Error = Infallible;
}

impl SpiBus for Sink {
    fn read(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn write(&mut self, words: &[u8]) -> Result<(), Infallible> {
        black_box(words);
        Ok(())
    }

    fn transfer(&mut self, _: &mut [u8], words: &[u8]) -> Result<(), Infallible> {
        black_box(words);
        Ok(())
    }

    fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), Infallible> {
        black_box(words);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

fn noise() -> Vec<Rgb8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..LEDS).map(|_| [next(), next(), next()]).collect()
}

/// What the bus takes for so many bytes.
fn on_the_bus(bytes: usize, hertz: u32) -> Duration {
    Duration::from_secs_f64(bytes as f64 * 8.0 / f64::from(hertz))
}

fn encode(c: &mut Criterion) {
    let leds = noise();
    let mut group = c.benchmark_group("strip");
    group.throughput(Throughput::Elements(LEDS as u64));
    let kinds = [
        ("apa102", LedChip::Apa102, ColourOrder::Bgr, CLOCKED_KHZ * 1000),
        ("sk9822", LedChip::Sk9822, ColourOrder::Bgr, CLOCKED_KHZ * 1000),
        ("ws2812", LedChip::Ws2812, ColourOrder::Grb, ONE_WIRE_HZ),
        ("sk6812-rgbw", LedChip::Sk6812, ColourOrder::Grbw, ONE_WIRE_HZ),
    ];
    for (name, chip, order, hertz) in kinds {
        let mut encoder = Encoder::new(chip, order, LEDS);
        let bytes = encoder.encode(&leds).len();
        let bus = on_the_bus(bytes, hertz);
        let start = Instant::now();
        const TIMES: u32 = 1000;
        for _ in 0..TIMES {
            black_box(encoder.encode(black_box(&leds)));
        }
        let took = start.elapsed() / TIMES;
        let part = took.as_secs_f64() / bus.as_secs_f64() * 100.0;
        println!("{name}: {bytes} bytes take the bus {bus:.1?}; encoding is {part:.3} % of that");
        group
            .bench_function(name, |b| b.iter(|| black_box(encoder.encode(black_box(&leds))).len()));
    }
    let mut room = vec![0; 12 * LEDS + 140];
    group.bench_function("baseline: ws2812-spi", |b| {
        b.iter(|| {
            let mut strip = Ws2812::new(Sink, &mut room);
            let colours = black_box(&leds).iter().map(|&[r, g, b]| RGB8 { r, g, b });
            strip.write(colours).unwrap_or_else(|_| std::process::abort());
        });
    });
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
