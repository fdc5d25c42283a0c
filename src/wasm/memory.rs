//! The module's memory. What a call needs lies behind all that is kept, is wiped when JavaScript has read the answer, and is given
//! back as a whole. What outlives a call is copied into a [`Zone`] of its owner's.
//!
//! Nothing is given back piece by piece, so that there is no code for it: a login makes two hundred pieces and ends with the call.
//! Memory grows to what the largest call needed and is used again. A call with a hostile megabyte of JSON needs 6 MiB at the most.
//! A megabyte of good keys, which are kept and replaced by others, needs 12. `tests/js/memory.mjs` holds all of it below 16.

// Blocks are aligned as far as an address needs.
#![allow(clippy::cast_ptr_alignment)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::mem::take;
use core::ptr::null_mut;

unsafe extern "C" {
    /// The linker's: where constants and stack end.
    static __heap_base: u8;
}

const PAGE: usize = 1 << 16;
const ALIGNMENT: usize = 8;
/// Bytes of the smallest block of a zone.
const SMALLEST: usize = 1 << 10;
/// Bytes that are taken from the memory of calls at once.
const SLAB: usize = 1 << 15;

/// Memory of one owner's, in blocks. It is wiped and given back as a whole.
#[derive(Debug)]
pub(super) struct Zone {
    /// The newest block; each starts with the address of the one before.
    blocks: *mut Block,
    /// What is free of it: from here…
    next: usize,
    /// …to here.
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

    /// What `work` allocates belongs to this zone.
    pub(super) fn hold<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let before = core::mem::replace(&mut memory().zone, self);
        let result = work();
        memory().zone = before;
        result
    }

    /// Wipes it and gives its blocks back. Nothing in it may be used any more.
    pub(super) fn release(&mut self) {
        let mut block = take(self).blocks;
        while !block.is_null() {
            // SAFETY: a block of this zone starts with its head.
            let Block { next, size } = unsafe { block.read() };
            // SAFETY: its bytes are this zone's, and are used no more.
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
            // SAFETY: a block that was just taken is at least as large as its head, which says its size.
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

/// All of it.
pub(super) struct Memory {
    /// The memory of a call: from here…
    pub(super) start: usize,
    /// …to here it is used…
    pub(super) next: usize,
    /// …and here the module's memory ends.
    end: usize,
    /// Where allocations go; none for a call's own.
    zone: *mut Zone,
    /// Free blocks of each power of two.
    lists: [*mut Block; 32],
    /// Parts of this call's memory that lie before a block that was taken from it.
    holes: [(usize, usize); 4],
}

struct Shared(UnsafeCell<Memory>);

// SAFETY: the module is built without threads, so there is nobody to share it with.
unsafe impl Sync for Shared {}

static MEMORY: Shared = Shared(UnsafeCell::new(Memory {
    start: 0,
    next: 0,
    end: 0,
    zone: null_mut(),
    lists: [null_mut(); 32],
    holes: [(0, 0); 4],
}));

/// The one reference to it, for one statement.
#[allow(clippy::mut_from_ref)]
pub(super) fn memory() -> &'static mut Memory {
    // SAFETY: there are no threads, and no caller keeps the reference across a call of another function of this file.
    unsafe { &mut *MEMORY.0.get() }
}

impl Memory {
    /// The call's memory, empty but for `used` bytes that JavaScript has written at its start. False where there is no room.
    pub(super) fn begin(&mut self, used: usize) -> bool {
        if self.start == 0 {
            self.start = (&raw const __heap_base).addr().next_multiple_of(ALIGNMENT);
            self.end = memory_size::<0>() * PAGE;
        }
        self.next = (self.start + used).next_multiple_of(ALIGNMENT);
        self.reach(self.next)
    }

    /// Whether a block was taken from the call's memory, so that JavaScript can't wipe it as one piece.
    pub(super) fn has_holes(&self) -> bool {
        self.holes != [(0, 0); 4]
    }

    /// Wipes the call's memory and gives it back.
    pub(super) fn release(&mut self) {
        for (from, to) in take(&mut self.holes) {
            wipe(from, to);
            self.donate(from, to);
        }
        wipe(self.start, self.next);
        self.next = self.start;
    }

    /// Cuts what lies between kept blocks into blocks.
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
            // SAFETY: the block is nobody's any more and at least as large as its head.
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

pub(super) struct Allocator;

// SAFETY: every range is given out once, is as large as was asked, and starts at a multiple of `ALIGNMENT`.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // More could not be rounded up, and no message is that long.
        if layout.size() > 1 << 30 || layout.align() > ALIGNMENT {
            return null_mut();
        }
        let size = layout.size().next_multiple_of(ALIGNMENT);
        let memory = memory();
        if !memory.zone.is_null() {
            // SAFETY: whoever set the zone waits until it is unset.
            return unsafe { (*memory.zone).take(size) };
        }
        let at = memory.next;
        if !memory.reach(at + size) {
            return null_mut();
        }
        memory.next = at + size;
        at as *mut u8
    }

    /// The whole is given back at once.
    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline(never)]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let memory = memory();
        let old = layout.size().next_multiple_of(ALIGNMENT);
        // What was allocated last grows where it is.
        if memory.zone.is_null() && pointer.addr() + old == memory.next && size <= 1 << 30 {
            let end = pointer.addr() + size.next_multiple_of(ALIGNMENT);
            if !memory.reach(end) {
                return null_mut();
            }
            memory.next = end;
            return pointer;
        }
        // SAFETY: an alignment of a layout is one, and the size is for `alloc` to judge.
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
