;; Whether float32 numbers that lie in memory from byte 0 are finite: the exponent of one that is not has all bits set,
;; and the next number up then carries into the sign. Eight at once, without a branch for each.
;; `npm run wasm` compiles this file.
(module
  (memory (export "memory") 1)
  (func (export "finite") (param $end i32) (result i32)
    (local $x i32) (local $body v128) (local $one v128) (local $a v128) (local $b v128)
    (local.set $body (i32x4.splat (i32.const 0x7fffffff)))
    (local.set $one (i32x4.splat (i32.const 0x00800000)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $a
          (v128.or
            (local.get $a)
            (i32x4.add (local.get $one) (v128.and (local.get $body) (v128.load (local.get $x))))))
        (local.set $b
          (v128.or
            (local.get $b)
            (i32x4.add (local.get $one) (v128.and (local.get $body) (v128.load offset=16 (local.get $x))))))
        (local.set $x (i32.add (local.get $x) (i32.const 32)))
        (br $next)))
    (i32.eqz (i32x4.bitmask (v128.or (local.get $a) (local.get $b))))))
