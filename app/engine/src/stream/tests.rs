use proptest::prelude::*;

use super::*;
use crate::stage::ms;

/// Pictures of 10 ms whose first byte is their number; `None` at the end, an error at `breaks`.
struct Numbers {
    pictures: u64,
    next: u64,
    breaks: Option<u64>,
}

impl Decoder for Numbers {
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError> {
        if self.breaks == Some(self.next) {
            return Err(MediaError::new(MediaFault::Broken, "torn"));
        }
        if self.next >= self.pictures {
            return Ok(None);
        }
        frame.pixels_mut()[0] = self.next as u8;
        self.next += 1;
        Ok(Some(ms(10 * (self.next - 1))))
    }

    fn seek(&mut self, at: Duration) -> Result<(), MediaError> {
        self.next = at.as_millis() as u64 / 10;
        Ok(())
    }
}

fn stream(pictures: u64, breaks: Option<u64>) -> (Feed, Stream) {
    let decoder = Box::new(Numbers { pictures, next: 0, breaks });
    let size = Size::new(1, 1).unwrap();
    split(decoder, size, Some(ms(10 * pictures)), Waker::new(|| {}))
}

fn pump(feed: &mut Feed) -> Flow {
    loop {
        match feed.step(false) {
            Flow::Onward => {}
            flow => return flow,
        }
    }
}

fn number(stream: &mut Stream) -> Option<u8> {
    stream.picture().map(|frame| frame.pixels()[0])
}

#[test]
fn decodes_only_as_far_ahead_as_there_are_buffers() {
    let (mut feed, mut stream) = stream(100, None);
    assert!(!stream.is_ready());
    assert_eq!(pump(&mut feed), Flow::Blocked);
    assert!(stream.advance(ms(0)) && stream.is_ready());
    assert_eq!(number(&mut stream), Some(0));
    stream.advance(ms(1000));
    assert_eq!(number(&mut stream), Some(3), "four, and one that waits for room");
    assert_eq!(stream.take_dropped(), 2);
    assert_eq!(pump(&mut feed), Flow::Blocked);
    stream.advance(ms(1000));
    assert_eq!(number(&mut stream), Some(7));
}

#[test]
fn ends_and_says_when() {
    let (mut feed, mut stream) = stream(3, None);
    pump(&mut feed);
    stream.advance(ms(10));
    assert_eq!((number(&mut stream), stream.end()), (Some(1), None));
    assert!(stream.is_live());
    stream.advance(ms(20));
    assert_eq!((stream.end(), stream.is_live()), (Some(ms(30)), false));
    stream.advance(ms(3000));
    assert_eq!(number(&mut stream), Some(2), "the last picture stays");
    // Somebody wants it to go on after all.
    stream.set_looping(true);
    pump(&mut feed);
    stream.advance(ms(30));
    assert_eq!((number(&mut stream), stream.end()), (Some(0), None));
}

#[test]
fn a_failure_follows_the_pictures_before_it() {
    let (mut feed, mut stream) = stream(9, Some(2));
    pump(&mut feed);
    stream.advance(ms(5));
    assert!(stream.failure().is_none() && stream.is_live());
    stream.advance(ms(10));
    assert_eq!(number(&mut stream), Some(1));
    stream.advance(ms(20));
    assert_eq!(stream.failure().map(|error| &*error.reason), Some("torn"));
    assert!(!stream.is_live());
}

#[test]
fn nothing_at_all_is_a_failure_and_not_a_turning_on_the_spot() {
    let (mut feed, mut stream) = stream(0, None);
    stream.set_looping(true);
    assert_eq!(pump(&mut feed), Flow::Blocked);
    stream.advance(ms(0));
    assert_eq!(stream.failure().map(|error| &*error.reason), Some("it has no pictures"));
}

#[test]
fn a_feed_that_is_gone_is_a_failure() {
    let (feed, mut stream) = stream(9, None);
    drop(feed);
    assert!(!stream.advance(ms(0)));
    assert!(stream.failure().is_some());
}

#[test]
fn a_stream_that_is_dropped_ends_its_feed_wherever_it_waits() {
    // For room, for an order after the end, and before it has begun.
    for (pictures, steps) in [(100, 20), (2, 20), (100, 0)] {
        let (mut feed, stream) = stream(pictures, None);
        for _ in 0..steps {
            feed.step(false);
        }
        let thread = std::thread::spawn(move || feed.run());
        drop(stream);
        thread.join().unwrap();
    }
}

#[test]
fn a_seek_shows_the_old_picture_until_the_new_one_is_there() {
    let (mut feed, mut stream) = stream(100, None);
    pump(&mut feed);
    stream.advance(ms(0));
    stream.seek(ms(555));
    assert!(!stream.advance(ms(555)) && !stream.is_ready());
    assert_eq!(number(&mut stream), Some(0));
    pump(&mut feed);
    assert!(stream.advance(ms(555)) && stream.is_ready());
    assert_eq!(number(&mut stream), Some(55));
}

proptest! {
    /// However often it is sought and looped, what is shown is what is due, and no buffer is lost.
    #[test]
    fn shows_what_is_due(
        acts in prop::collection::vec((0_u8..4, 0_u64..400), 1..100),
    ) {
        let (mut feed, mut stream) = stream(20, None);
        stream.set_looping(true);
        let mut now = ms(0);
        for (act, time) in acts {
            match act {
                0 => {
                    stream.seek(ms(time));
                    now = ms(time);
                }
                1 => now += ms(time / 10),
                2 => now += ms(10),
                _ => {}
            }
            // Often enough for the feed to get there.
            for _ in 0..30 {
                prop_assert_eq!(pump(&mut feed), Flow::Blocked);
                stream.advance(now);
            }
            prop_assert_eq!(number(&mut stream), Some((now.as_millis() / 10 % 20) as u8));
        }
    }
}
