;; Blocks of Philox4x32-10 into memory from 0 to $end, 16 bytes each, for the counters ($c0, $c1, $c2, $c3),
;; ($c0 + 1, ...), ... and the key ($k0, $k1). The caller sees to it that $c0 does not wrap: see philox.ts, whose
;; products of 64 bits are made of halves; here they are single instructions. `npm run wasm` compiles this file.
(module
  (memory (export "memory") 1)
  (func (export "blocks")
    (param $end i32) (param $c0 i32) (param $c1 i32) (param $c2 i32) (param $c3 i32) (param $k0 i32) (param $k1 i32)
    (local $at i32) (local $round i32) (local $k i32) (local $l i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $first i64) (local $second i64)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $a (local.get $c0))
        (local.set $b (local.get $c1))
        (local.set $c (local.get $c2))
        (local.set $d (local.get $c3))
        (local.set $k (local.get $k0))
        (local.set $l (local.get $k1))
        (local.set $round (i32.const 10))
        (loop $rounds
          (local.set $first (i64.mul (i64.extend_i32_u (local.get $a)) (i64.const 0xd2511f53)))
          (local.set $second (i64.mul (i64.extend_i32_u (local.get $c)) (i64.const 0xcd9e8d57)))
          (local.set $a
            (i32.xor
              (i32.xor (i32.wrap_i64 (i64.shr_u (local.get $second) (i64.const 32))) (local.get $b))
              (local.get $k)))
          (local.set $b (i32.wrap_i64 (local.get $second)))
          (local.set $c
            (i32.xor
              (i32.xor (i32.wrap_i64 (i64.shr_u (local.get $first) (i64.const 32))) (local.get $d))
              (local.get $l)))
          (local.set $d (i32.wrap_i64 (local.get $first)))
          (local.set $k (i32.add (local.get $k) (i32.const 0x9e3779b9)))
          (local.set $l (i32.add (local.get $l) (i32.const 0xbb67ae85)))
          (br_if $rounds (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))
        (i32.store (local.get $at) (local.get $a))
        (i32.store offset=4 (local.get $at) (local.get $b))
        (i32.store offset=8 (local.get $at) (local.get $c))
        (i32.store offset=12 (local.get $at) (local.get $d))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $c0 (i32.add (local.get $c0) (i32.const 1)))
        (br $next)))))
