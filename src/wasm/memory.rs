//! The module's memory. The memory of a call starts after all kept memory. After JavaScript has read the answer, it is wiped and
//! freed as a whole. Values that outlive a call are copied into a [`Zone`].
//!
//! No allocation is freed alone, so no code exists for that. A login makes two hundred allocations. Memory grows to the need of
//! the largest call, and is used again. A call with a hostile MiB of JSON needs at most 8 MiB. One MiB of good keys, kept and
//! replaced, needs 12. `tests/js/memory.mjs` checks 8 MiB for the one, and 20 MiB for the other.

// Alignment is that of an address.
#![allow(clippy::cast_ptr_alignment)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::hint::black_box;
use core::mem::take;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::removed::IS_FOR_TESTS;

unsafe extern "C" {
    /// From the linker: the end of constants and stack.
    static __heap_base: u8;
}

const PAGE: usize = 1 << 16;
const ALIGNMENT: usize = 8;
/// Bytes of a zone's smallest block.
const SMALLEST: usize = 1 << 10;
/// Bytes that a zone takes from the memory of calls at once.
const SLAB: usize = 1 << 15;

/// Memory of one owner, in blocks. Wiped and freed as a whole.
#[derive(Debug)]
pub(super) struct Zone {
    /// The newest block. Each block starts with the address of the previous one.
    blocks: *mut Block,
    /// Unused memory of the newest block: its start
    next: usize,
    /// and its end (byte addresses).
    end: usize,
}

#[derive(Debug)]
struct Block {
    next: *mut Block,
    size: usize,
}

const HEAD: usize = size_of::<Block>();

impl Zone {
    pub(super) const fn new() -> Zone {
        Zone { blocks: null_mut(), next: 0, end: 0 }
    }

    /// Runs `work` with allocations in this zone.
    pub(super) fn hold<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let before = core::mem::replace(&mut memory().zone, self);
        let result = work();
        memory().zone = before;
        result
    }

    /// Wipes it and frees its blocks. No code may use its contents afterwards. The zone itself may be one of them.
    #[inline(always)]
    pub(super) fn release(&mut self) {
        Zone::free(take(self).blocks);
    }

    #[inline(never)]
    fn free(mut block: *mut Block) {
        while !block.is_null() {
            // SAFETY: a block of this zone starts with its head.
            let Block { next, size } = unsafe { block.read() };
            count(size.wrapping_neg());
            // SAFETY: its bytes belong to this zone, and nothing uses them any more.
            unsafe { block.cast::<u8>().write_bytes(0, size) };
            memory().free(block, size);
            block = next;
        }
    }

    fn take(&mut self, size: usize) -> *mut u8 {
        if self.end - self.next < size {
            let block = memory().block((size + HEAD).next_power_of_two().max(SMALLEST));
            if block.is_null() {
                return null_mut();
            }
            // SAFETY: as below.
            count(unsafe { (*block).size });
            // SAFETY: a new block is at least as large as its head, which holds its size.
            unsafe { (*block).next = self.blocks };
            self.blocks = block;
            self.next = block.addr() + HEAD;
            // SAFETY: as above.
            self.end = block.addr() + unsafe { (*block).size };
        }
        let at = self.next;
        self.next += size;
        at as *mut u8
    }
}

impl Default for Zone {
    fn default() -> Zone {
        Zone::new()
    }
}

/// Adds to the bytes of all zones. A program finds the number after these words. Only a build for tests counts.
fn count(bytes: usize) {
    #[repr(C)]
    struct Live {
        words: [u8; 20],
        bytes: AtomicUsize,
    }
    static LIVE: Live = Live { words: *b"Bytes of all zones: ", bytes: AtomicUsize::new(0) };
    if IS_FOR_TESTS {
        black_box(&LIVE).bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// The whole memory.
pub(super) struct Memory {
    /// The memory of a call: its start,
    pub(super) start: usize,
    /// the end of its used part,
    pub(super) next: usize,
    /// and the end of the module's memory (byte addresses).
    end: usize,
    /// The zone of allocations. `None` for the call's own memory.
    zone: *mut Zone,
    /// Free blocks of each power of two.
    lists: [*mut Block; 32],
    /// Parts of this call's memory before a block that a zone took from it.
    holes: [(usize, usize); 4],
}

struct Shared(UnsafeCell<Memory>);

// SAFETY: the module is built without threads, so nothing shares it.
unsafe impl Sync for Shared {}

static MEMORY: Shared = Shared(UnsafeCell::new(Memory {
    start: 0,
    next: 0,
    end: 0,
    zone: null_mut(),
    lists: [null_mut(); 32],
    holes: [(0, 0); 4],
}));

/// The only reference to it, for one statement.
#[allow(clippy::mut_from_ref)]
pub(super) fn memory() -> &'static mut Memory {
    // SAFETY: there are no threads, and no caller keeps the reference across a call of another function of this file.
    unsafe { &mut *MEMORY.0.get() }
}

impl Memory {
    /// Starts a call's memory with `used` bytes that JavaScript has written. Returns false if there is no room.
    pub(super) fn begin(&mut self, used: usize) -> bool {
        if self.start == 0 {
            self.start = (&raw const __heap_base).addr().next_multiple_of(ALIGNMENT);
            self.end = memory_size::<0>() * PAGE;
        }
        self.next = (self.start + used).next_multiple_of(ALIGNMENT);
        self.reach(self.next)
    }

    /// Whether a zone took a block from the call's memory. Then JavaScript cannot wipe it as one piece.
    pub(super) fn has_holes(&self) -> bool {
        // They are taken in their order.
        self.holes.first().is_some_and(|hole| hole.1 != 0)
    }

    /// Wipes and frees the call's memory.
    pub(super) fn release(&mut self) {
        while let Some(hole) = self.holes.iter_mut().find(|hole| hole.1 != 0) {
            let (from, to) = take(hole);
            wipe(from, to);
            self.donate(from, to);
        }
        wipe(self.start, self.next);
        self.next = self.start;
    }

    /// Divides the memory between kept blocks into blocks.
    fn donate(&mut self, mut from: usize, to: usize) {
        from = from.next_multiple_of(ALIGNMENT);
        while to.saturating_sub(from) >= SMALLEST {
            let size = 1 << (to - from).ilog2();
            self.free(from as *mut Block, size);
            from += size;
        }
    }

    fn reach(&mut self, end: usize) -> bool {
        if end > self.end {
            let pages = (end - self.end).div_ceil(PAGE);
            if memory_grow::<0>(pages) == usize::MAX {
                return false;
            }
            self.end += pages * PAGE;
        }
        true
    }

    fn free(&mut self, block: *mut Block, size: usize) {
        if let Some(list) = self.lists.get_mut(size.trailing_zeros() as usize) {
            // SAFETY: the block has no owner, and is at least as large as its head.
            unsafe { block.write(Block { next: *list, size }) };
            *list = block;
        }
    }

    /// A block of a power of two.
    fn block(&mut self, size: usize) -> *mut Block {
        let Some(list) = self.lists.get_mut(size.trailing_zeros() as usize) else { return null_mut() };
        let block = *list;
        if !block.is_null() {
            // SAFETY: a free block starts with the address of the next.
            *list = unsafe { (*block).next };
            return block;
        }
        let (at, slab) = (self.next, size.max(SLAB));
        if !self.reach(at + slab) {
            return null_mut();
        }
        if at > self.start
            && let Some(hole) = self.holes.iter_mut().find(|hole| hole.1 == 0)
        {
            *hole = (self.start, at);
        }
        self.next = at + slab;
        self.start = self.next;
        for rest in (at + size..at + slab).step_by(size) {
            self.free(rest as *mut Block, size);
        }
        self.free(at as *mut Block, size);
        self.block(size)
    }
}

fn wipe(from: usize, to: usize) {
    // SAFETY: the range is memory of a call that has ended.
    unsafe { (from as *mut u8).write_bytes(0, to - from) };
}

/// Compares eight bytes at once. The function of `compiler_builtins` compares single bytes, and a login compares 60 strings.
///
/// # Safety
/// Both ranges have `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, size: usize) -> i32 {
    // SAFETY: all addresses are within the ranges.
    unsafe {
        let word = |from: *const u8, at: usize| from.add(at).cast::<u64>().read_unaligned();
        let mut at = 0;
        while at + 8 <= size && word(left, at) == word(right, at) {
            at += 8;
        }
        // The last eight bytes, some of them again.
        if size >= 8 && at + 8 > size && word(left, size - 8) == word(right, size - 8) {
            return 0;
        }
        while at < size {
            let difference = i32::from(*left.add(at)) - i32::from(*right.add(at));
            if difference != 0 {
                return difference;
            }
            at += 1;
        }
    }
    0
}

pub(super) struct Allocator;

// SAFETY: each range is allocated once, has the requested size, and starts at a multiple of `ALIGNMENT`.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A larger size could not be rounded up. No message is that long.
        if layout.size() > 1 << 30 || layout.align() > ALIGNMENT {
            return null_mut();
        }
        let size = layout.size().next_multiple_of(ALIGNMENT);
        let memory = memory();
        if !memory.zone.is_null() {
            // SAFETY: the function that set the zone waits until it is unset.
            return unsafe { (*memory.zone).take(size) };
        }
        let at = memory.next;
        if !memory.reach(at + size) {
            return null_mut();
        }
        memory.next = at + size;
        at as *mut u8
    }

    /// The memory is freed as a whole.
    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline(never)]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let memory = memory();
        let old = layout.size().next_multiple_of(ALIGNMENT);
        // The last allocation grows in place.
        if memory.zone.is_null() && pointer.addr() + old == memory.next && size <= 1 << 30 {
            let end = pointer.addr() + size.next_multiple_of(ALIGNMENT);
            if !memory.reach(end) {
                return null_mut();
            }
            memory.next = end;
            return pointer;
        }
        // SAFETY: a layout's alignment is valid, and `alloc` checks the size.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the old range holds `layout.size()` bytes and the new one `size`, and they are two ranges.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                new.copy_from_nonoverlapping(pointer, layout.size().min(size));
            }
            new
        }
    }
}
