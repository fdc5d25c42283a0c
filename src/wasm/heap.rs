//! The module's heap. The standard library's allocator is made for programs that live on it and takes a tenth of this
//! module; an engine that frees all it took within a call needs no more than a list of free blocks for each size.
//!
//! Block sizes are powers of two. A freed block waits for the next request of its size, so memory stays as large as the
//! busiest call made it.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::Cell;
use core::ptr::null_mut;

#[global_allocator]
static HEAP: Heap = Heap { free: [const { Cell::new(null_mut()) }; CLASSES], unused: Cell::new(0), end: Cell::new(0) };

const PAGE: usize = 65536;
/// Every block is aligned to the smallest size.
const SMALLEST: usize = 16;
const CLASSES: usize = 32;

struct Heap {
    /// By the exponent of their size: the first free block, which holds the address of the next.
    free: [Cell<*mut u8>; CLASSES],
    /// Where memory that never was a block starts, and where it ends.
    unused: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the target has no threads.
unsafe impl Sync for Heap {}

impl Heap {
    /// The exponent of the block size that holds this layout.
    fn class(layout: Layout) -> usize {
        layout.size().max(SMALLEST).next_power_of_two().trailing_zeros() as usize
    }

    /// A block that never was one; null where there is no more memory.
    fn fresh(&self, size: usize) -> *mut u8 {
        if size > self.end.get() - self.unused.get() {
            let pages = size.div_ceil(PAGE);
            let start = memory_grow::<0>(pages);
            if start == usize::MAX {
                return null_mut();
            }
            // What grew right behind the rest joins it; behind memory that another took, the rest is given up.
            if start * PAGE != self.end.get() {
                self.unused.set(start * PAGE);
            }
            self.end.set(memory_size::<0>() * PAGE);
        }
        let block = self.unused.get();
        self.unused.set(block + size);
        block as *mut u8
    }
}

// A block is aligned for an address, whatever it held.
#[allow(clippy::cast_ptr_alignment)]
// SAFETY: a block is on one list or handed out, never both; its size is that of its class and at least the layout's; it
// starts at a multiple of SMALLEST, as a page and every size does. No layout here asks for more, and one that does gets nothing.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = Heap::class(layout);
        let Some(free) = self.free.get(class).filter(|_| layout.align() <= SMALLEST) else {
            return null_mut();
        };
        let block = free.get();
        if block.is_null() {
            return self.fresh(1 << class);
        }
        // SAFETY: a free block of at least SMALLEST bytes holds the next one's address.
        free.set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(free) = self.free.get(Heap::class(layout)) {
            // SAFETY: the block is the caller's no longer, and large and aligned enough for an address.
            unsafe { block.cast::<*mut u8>().write(free.get()) };
            free.set(block);
        }
    }
}
