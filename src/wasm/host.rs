//! The module's exports. JavaScript writes a frame at the start of the call's memory and calls. Then it reads the answer at a
//! fixed address, and wipes the memory. Only numbers cross. V8 up to 12.4 (Node 20 and 22) ends the process if memory grows
//! during an inlined call that returns a reference. So the build rejects such an export.
//!
//! Structured values are rare. They go into an array that JavaScript provides.

extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::{forget, replace, take};
use core::sync::atomic::Ordering;

use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::Headers;

use super::calls::Call;
use super::frame::{ABSENT, Answer, Frame, Item};
use super::memory::{Allocator, Zone, memory};
use super::run::{self, Host, Party};
use crate::capability::DOWNSCOPING;
use crate::error::Error;
use crate::party::resource::Downscoping;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::wire::challenge::Challenge;
use crate::wire::sha2::LEFT_INPUT;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Words of a frame, and of an answer: a report has five for each of about thirty rules.
const WORDS: usize = 256;
/// Bytes of one draw. `getRandomValues` takes longer than the rest of a login's start, and as long for these as for eight.
const DRAW: usize = 1024;
/// Marks the length of a string that is the same in every call, while its relying party lives.
const CONSTANT: u32 = 1 << 31;

/// The values that JavaScript reads at the address of [`place`].
#[repr(C)]
struct Place {
    /// The address of the next frame: the start of a call's memory.
    start: u32,
    /// The end of this call's memory.
    end: u32,
    /// Nonzero if [`release`] has to wipe the memory.
    has_holes: u32,
    /// The frame's words, if they fit.
    words: [u32; WORDS],
    /// The answer: numbers, and for strings address and length.
    answer: [u32; WORDS],
}

struct State {
    place: Place,
    /// Every live relying party.
    parties: Vec<Slot>,
    /// The first free index; the length if none is free.
    free: usize,
    list: Zone,
    /// The error of the last call.
    error: Option<Error>,
    last: Asked,
    /// Random bytes. The first ones are unused.
    drawn: [u8; DRAW],
    unused: usize,
}

/// An index of the table. The generation distinguishes an old handle of this index from a new one.
struct Slot {
    generation: u32,
    home: Option<&'static mut Home>,
    /// If free: the next free index.
    next: usize,
}

/// A relying party in its own memory, and the memory of its keys.
struct Home {
    party: Party,
    zone: Zone,
    keys: Zone,
}

/// A call's number and input.
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
    /// Bytes of the words before the strings.
    fn head(self) -> usize {
        if self.words > WORDS { self.words * 4 } else { 0 }
    }

    /// Bytes that JavaScript has written at the start of the call's memory.
    fn size(self) -> usize {
        self.head() + self.text + self.body
    }
}

struct Shared(UnsafeCell<State>);

// SAFETY: the module is built without threads, so nothing shares it.
unsafe impl Sync for Shared {}

static STATE: Shared = Shared(UnsafeCell::new(State {
    place: Place { start: 0, end: 0, has_holes: 0, words: [0; WORDS], answer: [0; WORDS] },
    parties: Vec::new(),
    free: 0,
    list: Zone::new(),
    error: None,
    last: Asked { call: 0, party: 0, start: 0, words: 0, text: 0, body: 0, now: 0.0 },
    drawn: [0; DRAW],
    unused: 0,
}));

fn state() -> &'static mut State {
    // SAFETY: there are no threads, and no export runs while another runs: the imports call nothing back.
    unsafe { &mut *STATE.0.get() }
}

/// The address at which JavaScript reads answers. Its first word is the address of the next frame.
#[wasm_bindgen]
pub fn place() -> u32 {
    memory().begin(0);
    // This keeps wasm-bindgen's list of values outside the memory of calls.
    state().list.hold(|| drop(Array::new()));
    publish();
    (&raw const state().place).addr() as u32
}

/// Reserves room for a frame of this many bytes.
#[wasm_bindgen]
pub fn reserve(size: u32) -> bool {
    memory().begin(size as usize)
}

/// Makes a call. The frame's words are at the [`place`] if they fit there. Otherwise they come first in the call's memory. Strings
/// and body follow. Returns false for an error.
#[wasm_bindgen]
pub fn call(call: u32, party: u32, words: u32, text: u32, body: u32, now: f64) -> bool {
    state().last = Asked {
        call,
        party,
        start: memory().start,
        words: words as usize,
        text: text as usize,
        body: body as usize,
        now,
    };
    let is_good = if memory().begin(state().last.size()) { outcome(None) } else { refuse(Rule::Internal.into()) };
    wipe_stack();
    publish();
    is_good
}

/// Writes the last call's error into an array. `headers` are those of the reply, perhaps with challenges.
#[wasm_bindgen]
pub fn refusal(into: &Array, headers: &Headers) {
    if let Ok(Some(header)) = headers.get("www-authenticate") {
        // The call runs again, with the headers.
        outcome(Some(header.leak()));
        wipe_stack();
    }
    if let Some(error) = &state().error {
        put_error(into, error);
    }
    publish();
}

/// Makes a call whose answer is a JavaScript value. Returns false for an error.
#[wasm_bindgen]
pub fn structured(call: u32, words: u32, text: u32, into: &Array) -> bool {
    let asked =
        Asked { call, party: 0, start: memory().start, words: words as usize, text: text as usize, body: 0, now: 0.0 };
    if !memory().begin(asked.size()) {
        return refuse(Rule::Internal.into());
    }
    let frame = frame(asked);
    let outcome = match Call::ALL.get(call as usize) {
        Some(Call::ParseChallenges) => {
            put(into, &told(&run::challenges(frame)));
            Ok(())
        }
        _ if !DOWNSCOPING => Err(Rule::BuildDefault.into()),
        _ => run::downscoping(frame, |Downscoping { table, dropped }| {
            let rows = list(table, |row| fixed([optional(row.resource), texts(&row.scopes)]));
            put(into, &List(&[rows, texts(dropped)]));
            Ok(())
        }),
    };
    publish();
    match outcome {
        Ok(()) => true,
        Err(error) => refuse(error),
    }
}

/// Wipes the memory of a call that kept a zone.
#[wasm_bindgen]
pub fn release() {
    memory().release();
    publish();
}

/// A structured value. One type for all of them needs the serializer once. Objects are arrays, because the serializer would cache the
/// names of their members.
enum Value<'a> {
    Null,
    Number(u32),
    Text(&'a str),
    List(&'a [Value<'a>]),
}

use Value::{List, Null, Number, Text};

impl Serialize for Value<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Null => serializer.serialize_none(),
            Number(number) => serializer.serialize_u32(*number),
            Text(text) => serializer.serialize_str(text),
            List(values) => serializer.collect_seq(*values),
        }
    }
}

fn list<'a, T>(items: &'a [T], value: impl Fn(&'a T) -> Value<'a>) -> Value<'a> {
    let mut values = Vec::new();
    for item in items {
        values.push(value(item));
    }
    List(values.leak())
}

/// A list of a few values.
fn fixed<const N: usize>(values: [Value<'_>; N]) -> Value<'_> {
    List(Box::leak(Box::new(values)))
}

fn texts<'a>(texts: &'a [&'a str]) -> Value<'a> {
    list(texts, |text| Text(text))
}

fn optional(text: Option<&str>) -> Value<'_> {
    text.map_or(Null, Text)
}

/// wasm-bindgen's table of values outlives the call.
fn put(into: &Array, value: &Value<'_>) {
    state().list.hold(|| into.set(0, value.serialize(&Serializer::json_compatible()).unwrap_or_default()));
}

/// Zeroes the used stack: random values and SHA-256 leave secrets there.
#[inline(never)]
fn wipe_stack() {
    let draws = Call::ALL.get(state().last.call as usize).is_some_and(|call| call.draws_secrets());
    if LEFT_INPUT.swap(false, Ordering::Relaxed) || draws {
        core::hint::black_box(&mut [0u8; 8192]);
    }
}

fn publish() {
    let (memory, place) = (memory(), &mut state().place);
    place.start = memory.start as u32;
    place.end = memory.next as u32;
    place.has_holes = memory.has_holes().into();
}

/// The input that JavaScript has written.
fn frame(asked: Asked) -> Frame<'static> {
    let Asked { start, words, text, body, .. } = asked;
    let first = if asked.head() > 0 { start } else { (&raw const state().place.words).addr() };
    // SAFETY: JavaScript has written this many bytes here. They stay unchanged until it has read the answer.
    // `TextEncoder` wrote them from whole strings, so they are UTF-8.
    unsafe {
        let after = start + asked.head();
        Frame::new(
            core::slice::from_raw_parts(first as *const u32, words),
            core::str::from_utf8_unchecked(core::slice::from_raw_parts(after as *const u8, text)),
            core::slice::from_raw_parts((after + text) as *const u8, body),
        )
    }
}

/// Makes the last call.
#[inline(never)]
fn outcome(www_authenticate: Option<&'static str>) -> bool {
    let asked = state().last;
    // A broken clock must not make an expired token valid.
    #[allow(clippy::cast_sign_loss)]
    let now = if asked.now > 0.0 { asked.now as u64 } else { u64::MAX };
    let now = NumericDate::from_milliseconds(i64::try_from(now).unwrap_or(i64::MAX));
    let host = Host { now, entropy, www_authenticate, retry_after: None };
    match perform(asked, host) {
        Ok(mut answer) => {
            answer.end();
            true
        }
        Err(error) => refuse(error),
    }
}

fn refuse(error: Error) -> bool {
    // An earlier list's memory was freed with its call.
    forget(state().error.replace(error));
    false
}

/// Gives each random byte once, and then wipes it.
fn entropy(bytes: &mut [u8]) -> bool {
    let State { drawn, unused, .. } = state();
    if *unused < bytes.len() {
        *unused = 0;
        // A source that returns only zeros is broken.
        if getrandom::fill(drawn).is_err() || drawn.iter().all(|&byte| byte == 0) {
            return false;
        }
        *unused = DRAW;
    }
    *unused -= bytes.len();
    let Some(given) = drawn.get_mut(*unused..*unused + bytes.len()) else { return false };
    bytes.copy_from_slice(given);
    given.fill(0);
    true
}

fn perform(asked: Asked, host: Host) -> Result<Answer<'static>, Error> {
    let call = *Call::ALL.get(asked.call as usize).ok_or(Rule::Internal)?;
    let frame = frame(asked);
    match call {
        Call::CreatePkce | Call::CodeChallenge | Call::DiscoveryRequest => run::alone(call, frame, host),
        #[cfg(feature = "resource-metadata")]
        Call::ResourceRequest | Call::ResourceResponse => run::alone(call, frame, host),
        #[cfg(feature = "registration")]
        Call::RegistrationRequest | Call::RegistrationResponse | Call::ClientMetadataDocument => {
            run::alone(call, frame, host)
        }
        #[cfg(feature = "mtls")]
        Call::CertificateThumbprint => run::alone(call, frame, host),
        #[cfg(feature = "step-up")]
        Call::StepUp => run::alone(call, frame, host),
        Call::DiscoveryResponse | Call::RelyingParty => {
            let mut answer = Answer::default();
            answer.number(run::party(call, frame, host, keep)?);
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
                home.keys.release();
                home.keys = zone;
                return Ok(Answer::default());
            }
            home.party.run(call, frame, host)
        }
    }
}

/// The fields of an answer, as JavaScript reads them.
#[derive(Default)]
pub(super) struct Fields<'a> {
    len: usize,
    of: PhantomData<&'a str>,
}

impl<'a> Fields<'a> {
    #[inline(always)]
    pub(super) fn push(&mut self, item: Item<'a>) {
        let (bytes, mark): (&[u8], _) = match item {
            Item::Number(number) => return self.word(number),
            Item::Absent => return self.pair(0, ABSENT),
            Item::Text(text) => (text.as_bytes(), 0),
            Item::Constant(text) => (text.as_bytes(), CONSTANT),
            Item::Bytes(bytes) => (bytes, 0),
        };
        self.pair(bytes.as_ptr().addr() as u32, bytes.len() as u32 | mark);
    }

    // A call is smaller than the check of its index.
    #[inline(never)]
    fn word(&mut self, word: u32) {
        if let Some(place) = state().place.answer.get_mut(self.len) {
            *place = word;
        }
        self.len += 1;
    }

    #[inline(never)]
    fn pair(&mut self, first: u32, second: u32) {
        if let Some(place) = state().place.answer.get_mut(self.len..self.len + 2) {
            place.copy_from_slice(&[first, second]);
        }
        self.len += 2;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = len;
    }
}

const INDEX: u32 = (1 << 20) - 1;
const GENERATION: u32 = (1 << 12) - 1;

/// Makes a relying party in its own memory. Returns its handle: its index, then its generation.
fn keep(make: &dyn Fn(&mut Party) -> Result<(), Error>) -> Result<u32, Error> {
    let home = || Box::leak(Box::new(Home { party: Party::empty(), zone: Zone::new(), keys: Zone::new() }));
    // An error stays in the call's memory.
    make(&mut home().party)?;
    let State { parties, free, list, .. } = state();
    let index = *free;
    if index > INDEX as usize {
        return Err(Rule::Internal.into());
    }
    let mut zone = Zone::new();
    let home = zone.hold(|| {
        let home = home();
        make(&mut home.party).map(|()| home)
    })?;
    home.zone = zone;
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
        // An index without unused generations stays empty, so no handle repeats.
        if slot.generation <= GENERATION {
            slot.next = replace(&mut state().free, (number & INDEX) as usize);
        }
        home.keys.release();
        // The zone is part of its contents.
        take(&mut home.zone).release();
    }
}

/// An error for JavaScript: the rule, the strings of its details, the status, the challenges, and further members of the provider's
/// own error.
fn put_error(into: &Array, error: &Error) {
    let detail = error.detail();
    let oauth = detail.oauth.as_ref();
    let texts = [
        detail.argument.as_deref(),
        detail.member,
        detail.expected.as_deref(),
        detail.found.as_deref(),
        detail.hint,
        oauth.map(|oauth| &*oauth.error).filter(|code| !code.is_empty()),
        oauth.and_then(|oauth| oauth.error_description.as_deref()),
        oauth.and_then(|oauth| oauth.error_uri.as_deref()),
    ];
    let status = detail.status.map_or(Null, |status| Number(status.into()));
    let challenges = told(&detail.challenges);
    let members = oauth.map_or(Null, |oauth| pairs(&oauth.members));
    put(into, &List(&[Number(error.rule() as u32), List(&texts.map(optional)), status, challenges, members]));
}

fn pairs(pairs: &[(String, String)]) -> Value<'_> {
    list(pairs, |(name, value)| fixed([Text(name), Text(value)]))
}

fn told(challenges: &[Challenge]) -> Value<'_> {
    list(challenges, |it| fixed([Text(&it.scheme), pairs(&it.parameters), optional(it.token68.as_deref())]))
}
