//! How long light takes from a frame to what LEDs are told, one core.
//!
//! `frame` is the figure that matters: 800×480 pixels to 3,200 LEDs with colour, beside `baseline`, the same
//! straight from the definition with a float for each pixel, and walls and frames that are read less easily.
//! `leds` shows that the cost is linear.

#![allow(missing_docs, reason = "criterion's macros make items without any")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing else to say")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use prismatron_core::colour::{ColourSettings, ColourTables};
use prismatron_core::frame::{Frame, LedFrame, Rgb8};
use prismatron_core::layout::{Along, Corner, Layout, Led, Matrix, Piece, Wall};
use prismatron_core::mapper::{AreaMapper, Mapper};
use prismatron_core::output::ColourOrder;
use prismatron_core::power::PowerLimit;
use prismatron_core::transition::{Blender, TransitionKind, WipeDirection};
use prismatron_core::unit::{Milliamps, Size};

/// A frame of noise, the worst there is: no two neighbours are alike.
fn noise(size: Size) -> Frame {
    let mut frame = Frame::new(size);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for value in frame.pixels_mut() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *value = (state >> 24) as u8;
    }
    frame
}

/// A matrix that fills a canvas.
fn matrix(along: Along, columns: u32, rows: u32, canvas: Size) -> Wall {
    let matrix = Matrix {
        origin: (0.0, 0.0),
        extent: None,
        columns,
        rows,
        start: Corner::TopLeft,
        along,
        serpentine: true,
    };
    Layout { canvas, pieces: vec![Piece::Matrix(matrix)] }.resolve().unwrap()
}

/// A matrix that fills a canvas of two by two pixels an LED.
fn two_by_two(columns: u32, rows: u32) -> Wall {
    let canvas = Size::new(columns * 2, rows * 2).unwrap();
    matrix(Along::Rows, columns, rows, canvas)
}

/// LEDs all over the canvas in no order, none of them beside the one before.
fn points(count: u32) -> Wall {
    let canvas = Size::CANVAS;
    let place = |index: u32, step: u32, side: u32| (index * step % side) as f32 + 0.5;
    let centre = |index| (place(index, 337, canvas.width()), place(index, 191, canvas.height()));
    let leds = (0..count).map(|index| Led { centre: centre(index), footprint: (5.0, 5.0) });
    Wall { canvas, leds: leds.collect() }
}

/// What a first attempt looks like, for the default wall only: every pixel decoded to a float, weighed and
/// added to its LED.
fn straightforward(frame: &Frame, table: &[f32; 256], sums: &mut [[f32; 3]], leds: &mut [Rgb8]) {
    sums.fill([0.0; 3]);
    let width = frame.size().width() as usize;
    for (row, pixels) in frame.pixels().chunks(width * 3).enumerate() {
        for (column, pixel) in pixels.chunks(3).enumerate() {
            let (x, y) = (column / 10, row / 12);
            let led = if y % 2 == 0 { y * 80 + x } else { y * 80 + 79 - x };
            for channel in 0..3 {
                sums[led][channel] += table[usize::from(pixel[channel])] / 120.0;
            }
        }
    }
    for (sum, led) in sums.iter().zip(leds) {
        *led = sum.map(|light| (light.powf(1.0) * 255.0 + 0.5) as u8);
    }
}

fn frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    let wall = Layout::default().resolve().unwrap();
    let picture = noise(Size::CANVAS);
    let mut mapper = AreaMapper::new(&wall, picture.size());
    let colour = ColourTables::new(&ColourSettings::default()).unwrap();
    let mut light: LedFrame = vec![[0; 3]; wall.leds.len()];
    let mut leds: Vec<Rgb8> = vec![[0; 3]; wall.leds.len()];
    group.throughput(Throughput::Elements(picture.size().area() as u64));
    group.bench_function("800x480 to 3200 LEDs with colour", |bencher| {
        bencher.iter(|| {
            mapper.map(black_box(&picture), &mut light);
            colour.apply(&light, black_box(&mut leds));
        });
    });
    let table = std::array::from_fn(|value| (value as f32 / 255.0).powf(2.2));
    let mut sums = vec![[0.0; 3]; wall.leds.len()];
    group.bench_function("baseline", |bencher| {
        bencher.iter(|| {
            straightforward(black_box(&picture), &table, &mut sums, black_box(&mut leds));
        });
    });
    let detail = noise(wall.detail());
    let mut mapper = AreaMapper::new(&wall, detail.size());
    group.throughput(Throughput::Elements(detail.size().area() as u64));
    group.bench_function("detail (160x96) to 3200 LEDs", |bencher| {
        bencher.iter(|| mapper.map(black_box(&detail), black_box(&mut light)));
    });
    let between = noise(Size::new(799, 479).unwrap());
    let mut mapper = AreaMapper::new(&wall, between.size());
    group.throughput(Throughput::Elements(between.size().area() as u64));
    group.bench_function("799x479 (every edge in parts) to 3200 LEDs", |bencher| {
        bencher.iter(|| mapper.map(black_box(&between), black_box(&mut light)));
    });
    let columns = matrix(Along::Columns, 80, 40, Size::CANVAS);
    for (name, wall) in [("wired by columns", columns), ("points", points(3200))] {
        let mut mapper = AreaMapper::new(&wall, picture.size());
        group.throughput(Throughput::Elements(wall.leds.len() as u64));
        group.bench_function(format!("3200 LEDs, {name}"), |bencher| {
            bencher.iter(|| mapper.map(black_box(&picture), black_box(&mut light)));
        });
    }
    group.finish();
}

fn leds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("leds");
    group.sample_size(20);
    for (columns, rows) in [(40, 25), (100, 100), (400, 250), (1000, 1000)] {
        let wall = two_by_two(columns, rows);
        let count = wall.leds.len();
        let picture = noise(wall.canvas);
        let mut mapper = AreaMapper::new(&wall, picture.size());
        let mut light: LedFrame = vec![[0; 3]; count];
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("map", count), |bencher| {
            bencher.iter(|| mapper.map(black_box(&picture), black_box(&mut light)));
        });
    }
    group.finish();
}

fn million(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("million");
    group.sample_size(20);
    let wall = two_by_two(1000, 1000);
    let count = wall.leds.len();
    group.throughput(Throughput::Elements(count as u64));
    let light = |picture: &Frame| -> LedFrame {
        let values = picture.pixels().as_chunks::<3>().0.iter();
        values.map(|pixel| pixel.map(|value| u16::from(value) * 257)).take(count).collect()
    };
    let from = light(&noise(wall.canvas));
    let to: LedFrame = from.iter().rev().copied().collect();
    let mut out = from.clone();
    let blender = Blender::new(&wall);
    for (name, kind) in [
        ("crossfade", TransitionKind::Crossfade),
        ("fade through black", TransitionKind::FadeThroughBlack),
        ("wipe", TransitionKind::Wipe(WipeDirection::Left)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| blender.blend(kind, black_box(0.4), &from, &to, black_box(&mut out)));
        });
    }
    let colour = ColourTables::new(&ColourSettings {
        gain: [1.0, 0.9, 0.8],
        gamma: 1.2,
        ..ColourSettings::default()
    })
    .unwrap();
    let mut leds: Vec<Rgb8> = vec![[0; 3]; count];
    group.bench_function("colour", |bencher| {
        bencher.iter(|| colour.apply(black_box(&from), black_box(&mut leds)));
    });
    // The frame is put back each time, or the second turn would find nothing to do.
    let limit = PowerLimit { per_led: Milliamps(60), budget: Milliamps(20_000_000) };
    let full = leds.clone();
    group.bench_function("power limit", |bencher| {
        bencher.iter(|| {
            leds.copy_from_slice(&full);
            limit.apply(ColourOrder::Grb, black_box(&mut leds))
        });
    });
    group.finish();
}

fn settings(criterion: &mut Criterion) {
    let settings = ColourSettings { gain: [1.0, 0.9, 0.8], gamma: 2.2, ..Default::default() };
    criterion.bench_function("colour tables", |bencher| {
        bencher.iter(|| ColourTables::new(black_box(&settings)));
    });
}

criterion_group!(benches, frame, leds, million, settings);
criterion_main!(benches);
