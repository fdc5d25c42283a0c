//! The module's memory. Whatever is given back is wiped first: it may have held a token, a code or a secret.
//!
//! Blocks are powers of two, each size with its own list of free ones. The standard library's allocator joins neighbours
//! and serves threads, which a login needs neither of, and is three kilobytes of every download.

// Blocks are aligned as far as an address needs.
#![allow(clippy::cast_ptr_alignment)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

unsafe extern "C" {
    /// The linker's: where constants and stack end.
    static __heap_base: u8;
}

/// Bytes of the smallest block, and the alignment of every block.
const SMALLEST: usize = 16;
const PAGE: usize = 1 << 16;

struct Free {
    /// The first free block of each size; every free block starts with the address of the next.
    lists: [*mut u8; 32],
    /// What was never given out: from here…
    next: usize,
    /// …to here.
    end: usize,
}

pub(super) struct Heap(UnsafeCell<Free>);

// SAFETY: the module is built without threads, so there is nobody to share it with.
unsafe impl Sync for Heap {}

impl Heap {
    pub(super) const fn new() -> Heap {
        Heap(UnsafeCell::new(Free { lists: [null_mut(); 32], next: 0, end: 0 }))
    }
}

fn block(layout: Layout) -> usize {
    layout.size().max(SMALLEST).next_power_of_two()
}

// SAFETY: a block is given out once until it is given back, is as large as was asked, and starts at a multiple of `SMALLEST`,
// which is as far as anything here is aligned. What is written into a free block is inside it.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // More could not be rounded up, and no message is that long.
        if layout.size() > 1 << 30 || layout.align() > SMALLEST {
            return null_mut();
        }
        let size = block(layout);
        // SAFETY: the one reference to it, for the length of this call.
        let free = unsafe { &mut *self.0.get() };
        let Some(list) = free.lists.get_mut(size.trailing_zeros() as usize) else {
            return null_mut();
        };
        let first = *list;
        if !first.is_null() {
            // SAFETY: a free block starts with the address of the next.
            *list = unsafe { *first.cast::<*mut u8>() };
            return first;
        }
        if free.end == 0 {
            free.next = (&raw const __heap_base).addr().next_multiple_of(SMALLEST);
            free.end = memory_size::<0>() * PAGE;
        }
        let left = free.end - free.next;
        if left < size {
            // Nobody else grows the memory: new pages follow what is left.
            let pages = (size - left).div_ceil(PAGE);
            if memory_grow::<0>(pages) == usize::MAX {
                return null_mut();
            }
            free.end += pages * PAGE;
        }
        let at = free.next;
        free.next += size;
        at as *mut u8
    }

    #[inline(never)]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let size = block(layout);
        // SAFETY: the block is its last owner's to give back, all of it.
        unsafe { pointer.write_bytes(0, size) };
        // SAFETY: the one reference to it, for the length of this call.
        let free = unsafe { &mut *self.0.get() };
        if let Some(list) = free.lists.get_mut(size.trailing_zeros() as usize) {
            // SAFETY: a block has room for an address.
            unsafe { *pointer.cast::<*mut u8>() = *list };
            *list = pointer;
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: an alignment of a layout is one, and the size is for `alloc` to judge.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if block(wanted) == block(layout) {
            return pointer;
        }
        // SAFETY: the old block holds `layout.size()` bytes and the new one `size`, and they are two blocks.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                new.copy_from_nonoverlapping(pointer, layout.size().min(size));
                self.dealloc(pointer, layout);
            }
            new
        }
    }
}
