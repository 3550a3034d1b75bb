//! Once an output runs, no frame takes memory from the heap.

#![allow(unsafe_code, reason = "an allocator that counts can only be written so")]

mod wall;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use prismatron_core::output::{ColourOrder, Protocol};
use prismatron_core::port::SinkFactory;
use prismatron_output::{Offload, Outputs, Settings};
use wall::{Receiver, spec};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is the system's allocator's doing; only a number is kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const LEDS: usize = 1000;

#[test]
fn no_frame_allocates() {
    let sacn =
        Protocol::Sacn { universe: 1, priority: 100, sync_universe: Some(9), multicast: false };
    for (protocol, datagrams) in
        [(Protocol::default(), 3), (sacn, 9), (Protocol::ArtNet { universe: 0, sync: true }, 9)]
    {
        for offload in [Offload::Allowed, Offload::Refused] {
            let receiver = Receiver::new();
            let (outputs, _board) =
                Outputs::with_settings(Settings { offload, ..Settings::default() });
            let mut wall = spec(protocol, &[receiver.host()]);
            wall.colour_order = ColourOrder::Rgbw;
            let mut sink = outputs.make(&wall, LEDS).unwrap();
            let mut buffer = [0; 2048];
            let mut frame = |n: u8| {
                sink.submit(&[[n; 3]; LEDS]);
                (0..datagrams).for_each(|_| {
                    receiver.socket.recv(&mut buffer).unwrap();
                });
            };
            (0..10).for_each(&mut frame);
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            (0..200).for_each(&mut frame);
            let made = ALLOCATIONS.load(Ordering::Relaxed) - before;
            assert_eq!(made, 0, "{protocol:?} {offload:?}");
        }
    }
}
