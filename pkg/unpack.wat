;; Makes a module of its columns. `pkg/inline.mjs` writes them, and this code into the bundle: JavaScript that runs once, before any
;; optimisation, would take ten times as long.
;;
;; Memory: 0, 256 and 512 the bytes by their place in the alphabet of instructions, of operands and of the rest · 1024 the columns of two
;; operands for each instruction, from 40 on · 4096 the next position of each column, of four bytes · 8192 the text, then the bytes it
;; stands for.
(module
  (memory (export "memory") 1)
  ;; Where the module's next byte goes.
  (global $to (mut i32) (i32.const 0))

  ;; A character's place in printable ASCII without the quote and the backslash.
  (func $place (param $at i32) (result i32)
    (local $code i32)
    (local.set $code (i32.load8_u offset=8192 (local.get $at)))
    (i32.sub
      (i32.sub
        (i32.sub (local.get $code) (i32.const 32))
        (i32.gt_u (local.get $code) (i32.const 34)))
      (i32.gt_u (local.get $code) (i32.const 92))))

  ;; A common byte is one character, any other two.
  (func $decode (param $length i32) (param $singles i32)
    (local $from i32)
    (local $at i32)
    (local $place i32)
    (loop $next
      (local.set $place (call $place (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (i32.ge_u (local.get $place) (local.get $singles))
        (then
          (local.set $place
            (i32.add
              (call $place (local.get $from))
              (i32.mul
                (i32.add (i32.sub (local.get $place) (local.get $singles)) (i32.const 1))
                (local.get $singles))))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))))
      ;; The alphabet changes before column 1, and before column 72.
      (i32.store8 offset=8192
        (local.get $at)
        (i32.load8_u
          (i32.add
            (local.get $place)
            (i32.shl
              (i32.add
                (i32.ge_u (local.get $at) (i32.load offset=4 (i32.const 4096)))
                (i32.ge_u (local.get $at) (i32.load offset=288 (i32.const 4096))))
              (i32.const 8)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $length)))))

  ;; Takes a byte over.
  (func $byte (param $column i32) (result i32)
    (local $at i32)
    (local $value i32)
    (local.set $column (i32.shl (local.get $column) (i32.const 2)))
    (local.set $at (i32.load offset=4096 (local.get $column)))
    (i32.store offset=4096 (local.get $column) (i32.add (local.get $at) (i32.const 1)))
    (local.set $value (i32.load8_u offset=8192 (local.get $at)))
    (i32.store8 (global.get $to) (local.get $value))
    (global.set $to (i32.add (global.get $to) (i32.const 1)))
    (local.get $value))

  ;; Takes a number over, in as many bytes as it has (LEB128). Returns the last of them.
  (func $number (param $column i32) (result i32)
    (local $part i32)
    (loop $more
      (local.set $part (call $byte (local.get $column)))
      (br_if $more (i32.gt_u (local.get $part) (i32.const 127))))
    (local.get $part))

  ;; Writes a number at an address (LEB128). Returns the address behind it.
  (func $write (param $at i32) (param $number i32) (result i32)
    (loop $digit
      (if (i32.gt_u (local.get $number) (i32.const 0x7f))
        (then
          (i32.store8 (local.get $at) (i32.or (local.get $number) (i32.const 0x80)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $number (i32.shr_u (local.get $number) (i32.const 7)))
          (br $digit))))
    (i32.store8 (local.get $at) (local.get $number))
    (i32.add (local.get $at) (i32.const 1)))

  ;; Makes a number of digits: those from 64 on have the base 27, and the last one has the base 64.
  (func $index (param $column i32)
    (local $number i32)
    (local $digit i32)
    (loop $more
      (local.set $digit (call $byte (local.get $column)))
      ;; The digit is no byte of the module.
      (global.set $to (i32.sub (global.get $to) (i32.const 1)))
      (if (i32.ge_u (local.get $digit) (i32.const 64))
        (then
          (local.set $number
            (i32.add (i32.mul (local.get $number) (i32.const 27)) (i32.sub (local.get $digit) (i32.const 63))))
          (br $more))))
    (global.set $to
      (call $write
        (global.get $to)
        (i32.add (i32.shl (local.get $number) (i32.const 6)) (local.get $digit)))))

  (func $numbers (param $column i32) (param $count i32)
    (loop $more
      (if (local.get $count)
        (then
          (drop (call $number (local.get $column)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more)))))

  ;; Takes many bytes over.
  (func $bytes (param $column i32) (param $count i32)
    (loop $more
      (if (local.get $count)
        (then
          (drop (call $byte (local.get $column)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $more)))))

  ;; Which of its kind an operand's column is: the next instruction tells the use of a local or a constant.
  (func $followed (result i32)
    (local $next i32)
    (local.set $next (i32.load8_u offset=8192 (i32.load (i32.const 4096))))
    (if (i32.eq (i32.and (local.get $next) (i32.const 0xfe)) (i32.const 0x6a)) (then (return (i32.const 1))))
    (if
      (i32.or (i32.eq (local.get $next) (i32.const 0x41)) (i32.eq (local.get $next) (i32.const 0x10)))
      (then (return (i32.const 2))))
    (if (i32.ge_u (local.get $next) (i32.const 0x45)) (then (return (i32.const 3))))
    (if (i32.eq (local.get $next) (i32.const 0x20)) (then (return (i32.const 4))))
    (if (i32.and (i32.ge_u (local.get $next) (i32.const 0x28)) (i32.lt_u (local.get $next) (i32.const 0x36)))
      (then (return (i32.const 5))))
    (i32.const 0))

  (func $operand (param $column i32)
    (local.set $column (i32.sub (local.get $column) (i32.const 40)))
    (if (i32.eqz (local.get $column)) (then (return)))
    ;; From this column on there are several of each kind.
    (if (i32.ge_u (local.get $column) (i32.const 60))
      (then (local.set $column (i32.add (local.get $column) (call $followed)))))
    ;; Indices and offsets.
    (if (i32.lt_u (i32.sub (local.get $column) (i32.const 5)) (i32.const 61))
      (then (call $index (local.get $column)))
      (else (drop (call $number (local.get $column))))))

  ;; A function without its length.
  (func $function
    (local $depth i32)
    (local $instruction i32)
    ;; Column 1 has the kinds of locals.
    (call $numbers (i32.const 1) (i32.shl (call $number (i32.const 1)) (i32.const 1)))
    (local.set $depth (i32.const 1))
    (loop $next
      ;; Column 0 has the instructions.
      (local.set $instruction (call $byte (i32.const 0)))
      ;; Blocks, loops and conditions.
      (if (i32.lt_u (i32.sub (local.get $instruction) (i32.const 2)) (i32.const 3))
        (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
      ;; end
      (if (i32.eq (local.get $instruction) (i32.const 0x0b))
        (then (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))))
      ;; A prefix, and the rest of its instruction.
      (if (i32.eq (local.get $instruction) (i32.const 0xfc))
        (then (local.set $instruction (i32.add (i32.const 0xfd) (call $byte (i32.const 0))))))
      ;; br_table: column 2 has its labels.
      (if (i32.eq (local.get $instruction) (i32.const 0x0e))
        (then (call $numbers (i32.const 2) (call $number (i32.const 2)))))
      ;; f64.const: column 3 has its bytes.
      (if (i32.eq (local.get $instruction) (i32.const 0x44)) (then (call $bytes (i32.const 3) (i32.const 8))))
      (local.set $instruction (i32.shl (local.get $instruction) (i32.const 1)))
      (call $operand (i32.load8_u offset=1024 (local.get $instruction)))
      (call $operand (i32.load8_u offset=1025 (local.get $instruction)))
      (br_if $next (local.get $depth))))

  ;; Column 72 has what is no function: so many bytes before the functions, and the rest behind them.
  (func (export "unpack")
    (param $length i32) (param $singles i32) (param $start i32) (param $head i32) (param $functions i32) (param $size i32)
    (local $from i32)
    (local $count i32)
    (local $digits i32)
    (call $decode (local.get $length) (local.get $singles))
    (global.set $to (local.get $start))
    (call $bytes (i32.const 72) (local.get $head))
    (loop $next
      (local.set $from (global.get $to))
      (call $function)
      ;; Its length goes before it.
      (local.set $count (i32.sub (global.get $to) (local.get $from)))
      (local.set $digits
        (i32.add
          (i32.add (i32.const 1) (i32.gt_u (local.get $count) (i32.const 0x7f)))
          (i32.gt_u (local.get $count) (i32.const 0x3fff))))
      (memory.copy (i32.add (local.get $from) (local.get $digits)) (local.get $from) (local.get $count))
      (global.set $to (i32.add (global.get $to) (local.get $digits)))
      (drop (call $write (local.get $from) (local.get $count)))
      (local.set $functions (i32.sub (local.get $functions) (i32.const 1)))
      (br_if $next (local.get $functions)))
    (call $bytes (i32.const 72) (i32.sub (i32.add (local.get $start) (local.get $size)) (global.get $to)))))
