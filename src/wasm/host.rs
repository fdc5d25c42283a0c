//! The module's exports. JavaScript writes a frame where the memory of a call starts, calls, reads the answer from a fixed place, and
//! wipes what was used. Numbers cross and nothing else: V8 up to 12.4 (Node 20 and 22) ends the process when memory grows during a
//! call that it has inlined and that returns a reference. The build refuses such an export.
//!
//! Structured values, which no usual call has, go into an array that JavaScript hands in.

extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::{forget, replace, take};

use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::Headers;

use super::calls::Call;
use super::frame::{ABSENT, Answer, Frame, Item};
use super::memory::{Allocator, Zone, memory};
use super::run::{self, Host, Party};
use crate::error::Error;
use crate::party::resource::Downscoping;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::wire::challenge::Challenge;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Words of an answer: a report has five for each of some thirty rules.
const WORDS: usize = 256;
/// Marks the length of text that is the same in every call.
const CONSTANT: u32 = 1 << 31;

/// What JavaScript reads at the place that [`place`] names.
#[repr(C)]
struct Place {
    /// Where the next frame is written: the memory of a call starts here.
    start: u32,
    /// Where this call's memory ends.
    end: u32,
    /// Not 0 where [`release`] has to wipe it.
    has_holes: u32,
    /// The frame's words, where they fit. Then the answer: numbers as they are, text as its address and its length.
    words: [u32; WORDS],
}

struct State {
    place: Place,
    /// Every party that was not given back yet.
    parties: Vec<Slot>,
    /// The first place that is free; behind the last one where none is.
    free: usize,
    list: Zone,
    /// Why the last call was refused.
    error: Option<Error>,
    last: Asked,
}

/// Where a party is kept. The generation tells an old number of this place from a new one.
struct Slot {
    generation: u32,
    home: Option<&'static mut Home>,
    /// Of a free place, the next one.
    next: usize,
}

/// A party in its own memory, and the memory of its keys.
struct Home {
    party: Party,
    zone: Zone,
    keys: Zone,
}

/// A call as it was asked for.
#[derive(Clone, Copy)]
struct Asked {
    call: u32,
    party: u32,
    start: usize,
    words: usize,
    text: usize,
    body: usize,
    now: f64,
}

impl Asked {
    /// Bytes of the words that are written before the text.
    fn head(self) -> usize {
        if self.words > WORDS { self.words * 4 } else { 0 }
    }

    /// Bytes that JavaScript has written at the start of the call's memory.
    fn size(self) -> usize {
        self.head() + self.text + self.body
    }
}

struct Shared(UnsafeCell<State>);

// SAFETY: the module is built without threads, so there is nobody to share it with.
unsafe impl Sync for Shared {}

static STATE: Shared = Shared(UnsafeCell::new(State {
    place: Place { start: 0, end: 0, has_holes: 0, words: [0; WORDS] },
    parties: Vec::new(),
    free: 0,
    list: Zone::new(),
    error: None,
    last: Asked { call: 0, party: 0, start: 0, words: 0, text: 0, body: 0, now: 0.0 },
}));

fn state() -> &'static mut State {
    // SAFETY: there are no threads, and no export is called while another runs: the imports call nothing back.
    unsafe { &mut *STATE.0.get() }
}

/// The address at which JavaScript reads answers, and at whose first word it finds where to write.
#[wasm_bindgen]
pub fn place() -> u32 {
    memory().begin(0);
    // wasm-bindgen's list of values, while nothing is under way.
    state().list.hold(|| drop(Array::new()));
    publish();
    (&raw const state().place).addr() as u32
}

/// Makes room for a frame of so many bytes.
#[wasm_bindgen]
pub fn reserve(size: u32) -> bool {
    memory().begin(size as usize)
}

/// Makes a call. The frame's words are at the [`place`] where they fit there; otherwise they come first at the start of the call's
/// memory. Text and body follow there. False for a refusal.
#[wasm_bindgen]
pub fn call(call: u32, party: u32, words: u32, text: u32, body: u32, now: f64) -> bool {
    let asked = Asked {
        call,
        party,
        start: memory().start,
        words: words as usize,
        text: text as usize,
        body: body as usize,
        now,
    };
    state().last = asked;
    let is_good = if memory().begin(asked.size()) { outcome(asked, None) } else { refuse(Rule::Internal.into()) };
    wipe_stack(asked);
    publish();
    is_good
}

/// Puts why the last call was refused into an array. With the headers of a reply, its challenges are a part of that.
#[wasm_bindgen]
pub fn refusal(into: &Array, headers: Option<Headers>) {
    let header = headers.and_then(|headers| headers.get("www-authenticate").ok().flatten());
    if let Some(header) = header {
        // Judged again, with what explains the refusal.
        let asked = state().last;
        outcome(asked, Some(header.leak()));
        wipe_stack(asked);
    }
    put_error(into, state().error.as_ref());
    publish();
}

/// Makes a call whose answer is a JavaScript value. False for a refusal.
#[wasm_bindgen]
pub fn structured(call: u32, words: u32, text: u32, into: &Array) -> bool {
    let asked =
        Asked { call, party: 0, start: memory().start, words: words as usize, text: text as usize, body: 0, now: 0.0 };
    if !memory().begin(asked.size()) {
        return refuse(Rule::Internal.into());
    }
    let outcome = match Call::ALL.get(call as usize) {
        Some(Call::ParseChallenges) => {
            put(into, &told(&run::challenges(frame(asked))));
            Ok(())
        }
        _ => run::downscoping(frame(asked), |Downscoping { table, dropped }| {
            let table: Vec<_> = table.iter().map(|row| (row.resource, &*row.scopes)).collect();
            put(into, &(table, &**dropped));
            Ok(())
        }),
    };
    publish();
    match outcome {
        Ok(()) => true,
        Err(error) => refuse(error),
    }
}

/// Wipes the memory of a call that kept something.
#[wasm_bindgen]
pub fn release() {
    memory().release();
    publish();
}

/// Lists alone: for the names of an object's members the serializer would keep a cache. What wasm-bindgen allocates to hold values
/// outlives the call.
fn put(into: &Array, value: &impl Serialize) {
    state().list.hold(|| into.set(0, value.serialize(&Serializer::json_compatible()).unwrap_or_default()));
}

/// Whatever a call has left on the stack: SHA-256 reads a verifier from there.
#[inline(never)]
fn wipe_stack(asked: Asked) {
    if Call::ALL.get(asked.call as usize).is_some_and(|call| call.leaves_secrets()) {
        core::hint::black_box(&mut [0u8; 8192]);
    }
}

fn publish() {
    let (memory, place) = (memory(), &mut state().place);
    place.start = memory.start as u32;
    place.end = memory.next as u32;
    place.has_holes = memory.has_holes().into();
}

/// What JavaScript has written.
fn frame(asked: Asked) -> Frame<'static> {
    let Asked { start, words, text, body, .. } = asked;
    let first = if asked.head() > 0 { start } else { (&raw const state().place.words).addr() };
    // SAFETY: JavaScript has written so much here. It stays until JavaScript has read the answer, and nobody writes there.
    // The text is what `TextEncoder` made of whole strings, so it is UTF-8.
    unsafe {
        let after = start + asked.head();
        Frame::new(
            core::slice::from_raw_parts(first as *const u32, words),
            core::str::from_utf8_unchecked(core::slice::from_raw_parts(after as *const u8, text)),
            core::slice::from_raw_parts((after + text) as *const u8, body),
        )
    }
}

#[inline(never)]
fn outcome(asked: Asked, www_authenticate: Option<&'static str>) -> bool {
    let host =
        Host { now: NumericDate::from_milliseconds(asked.now as i64), entropy, www_authenticate, retry_after: None };
    match perform(asked, host) {
        Ok(answer) => {
            write(answer);
            true
        }
        Err(error) => refuse(error),
    }
}

fn refuse(error: Error) -> bool {
    // The memory of an earlier one was given back with its call.
    forget(state().error.replace(error));
    false
}

fn entropy(bytes: &mut [u8]) -> bool {
    // A source that gives nothing but zeros is none.
    getrandom::fill(bytes).is_ok() && bytes.iter().any(|&byte| byte != 0)
}

fn perform(asked: Asked, host: Host) -> Result<Answer<'static>, Error> {
    let call = *Call::ALL.get(asked.call as usize).ok_or(Rule::Internal)?;
    let frame = frame(asked);
    match call {
        Call::CreatePkce | Call::CodeChallenge | Call::DiscoveryRequest => run::alone(call, frame, host),
        #[cfg(feature = "resource-metadata")]
        Call::ResourceRequest | Call::ResourceResponse => run::alone(call, frame, host),
        #[cfg(feature = "step-up")]
        Call::StepUp => run::alone(call, frame, host),
        Call::DiscoveryResponse | Call::RelyingParty => {
            let mut answer = Answer::default();
            answer.number(keep(run::party(call, frame, host)?)?);
            Ok(answer)
        }
        Call::Free => {
            free(asked.party);
            Ok(Answer::default())
        }
        _ => {
            let home = home(asked.party).ok_or(Rule::Internal)?;
            if call == Call::JwksResponse {
                let keys = run::keys(frame, host)?;
                let mut zone = Zone::new();
                let kept = zone.hold(|| keys.clone());
                forget(replace(&mut home.party.keys, kept));
                replace(&mut home.keys, zone).release();
                return Ok(Answer::default());
            }
            home.party.run(call, frame, host)
        }
    }
}

fn write(answer: Answer<'_>) {
    let mut places = state().place.words.iter_mut();
    let mut put = |word| {
        if let Some(place) = places.next() {
            *place = word;
        }
    };
    for item in answer.items() {
        let (bytes, mark): (&[u8], _) = match item {
            Item::Number(number) => {
                put(*number);
                continue;
            }
            Item::Absent => {
                put(0);
                put(ABSENT);
                continue;
            }
            Item::Text(text) => (text.as_bytes(), 0),
            Item::Constant(text) => (text.as_bytes(), CONSTANT),
            Item::Bytes(bytes) => (bytes, 0),
        };
        put(bytes.as_ptr().addr() as u32);
        put(bytes.len() as u32 | mark);
    }
    put(ABSENT);
    put(ABSENT);
    forget(answer);
}

const INDEX: u32 = (1 << 20) - 1;
const GENERATION: u32 = (1 << 12) - 1;

/// A party's number: its place, and behind that the generation.
fn keep(party: Party) -> Result<u32, Rule> {
    let State { parties, free, list, .. } = state();
    let index = *free;
    if index > INDEX as usize {
        return Err(Rule::Internal);
    }
    let mut zone = Zone::new();
    let home = zone.hold(|| Box::leak(Box::new(Home { party: party.clone(), zone: Zone::new(), keys: Zone::new() })));
    home.zone = zone;
    forget(party);
    if index == parties.len() {
        list.hold(|| parties.push(Slot { generation: 0, home: None, next: index + 1 }));
    }
    let slot = parties.get_mut(index).ok_or(Rule::Internal)?;
    slot.home = Some(home);
    *free = slot.next;
    Ok(index as u32 | slot.generation << 20)
}

fn slot(number: u32) -> Option<&'static mut Slot> {
    state().parties.get_mut((number & INDEX) as usize).filter(|slot| slot.generation == number >> 20)
}

fn home(number: u32) -> Option<&'static mut Home> {
    slot(number)?.home.as_deref_mut()
}

fn free(number: u32) {
    let Some(slot) = slot(number) else { return };
    if let Some(home) = slot.home.take() {
        slot.generation += 1;
        // A place whose numbers are used up stays empty: none is given twice.
        if slot.generation <= GENERATION {
            slot.next = replace(&mut state().free, (number & INDEX) as usize);
        }
        home.keys.release();
        // The zone is a part of what it holds.
        take(&mut home.zone).release();
    }
}

/// An error as JavaScript hears of it: the rule, the values that were compared, the provider's own error, and the reply.
fn put_error(into: &Array, error: Option<&Error>) {
    let detail = error.and_then(Error::detail);
    let oauth = detail.and_then(|detail| detail.oauth.as_ref());
    let compared =
        detail.map(|it| (it.argument.as_deref(), it.member, it.expected.as_deref(), it.found.as_deref(), it.hint));
    let said = oauth.map(|oauth| {
        (
            Some(&*oauth.error).filter(|code| !code.is_empty()),
            oauth.error_description.as_deref(),
            oauth.error_uri.as_deref(),
            &*oauth.members,
        )
    });
    let reply = detail.map(|detail| (detail.status, told(&detail.challenges)));
    put(into, &(error.map_or(0, |error| error.rule() as u8), compared, said, reply));
}

type ToldChallenge<'a> = (&'a str, &'a [(String, String)], Option<&'a str>);

fn told(challenges: &[Challenge]) -> Vec<ToldChallenge<'_>> {
    challenges.iter().map(|it| (&*it.scheme, &*it.parameters, it.token68.as_deref())).collect()
}
