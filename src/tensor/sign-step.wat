;; One step of an linf attack over float32 pixels that lie in memory from byte 0, with their gradient at 16384 and the
;; clean pixels at 32768: x + size·sign(g), back into clean ± epsilon and [0,1]. Computed in float64, four pixels at
;; once, without a branch: signs of gradients are random, and a mispredicted branch takes longer than all the rest.
;; Both ends of clean ± epsilon are rounded to float32 towards the clean pixel, by dropping 29 bits of the fraction, so
;; that no pixel leaves the ball. A gradient that is NaN moves nothing, a pixel that is NaN counts as the clean one.
;; `npm run wasm` compiles this file.
(module
  (memory (export "memory") 1)
  (func (export "step") (param $end i32) (param $size f64) (param $epsilon f64)
    (local $x i32) (local $sizes v128) (local $epsilons v128) (local $cut v128) (local $rest v128)
    (local $zero v128) (local $one v128) (local $pixels v128) (local $slopes v128) (local $signs v128)
    (local $centre v128) (local $low v128) (local $high v128)
    (local.set $sizes (f64x2.splat (local.get $size)))
    (local.set $epsilons (f64x2.splat (local.get $epsilon)))
    (local.set $cut (i64x2.splat (i64.const 0xffffffffe0000000)))
    (local.set $rest (i64x2.splat (i64.const 0x1fffffff)))
    (local.set $one (f32x4.splat (f32.const 1)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $pixels (v128.load (local.get $x)))
        (local.set $pixels
          (v128.bitselect
            (local.get $pixels)
            (v128.load offset=32768 (local.get $x))
            (f32x4.eq (local.get $pixels) (local.get $pixels))))
        (local.set $slopes (v128.load offset=16384 (local.get $x)))
        ;; A comparison that holds is -1.
        (local.set $signs
          (i32x4.sub
            (f32x4.lt (local.get $slopes) (local.get $zero))
            (f32x4.gt (local.get $slopes) (local.get $zero))))
        (local.set $centre (f64x2.promote_low_f32x4 (v128.load64_zero offset=32768 (local.get $x))))
        (local.set $low
          (f32x4.demote_f64x2_zero
            (f64x2.pmin
              (f64x2.pmax
                (f64x2.add
                  (f64x2.promote_low_f32x4 (local.get $pixels))
                  (f64x2.mul (local.get $sizes) (f64x2.convert_low_i32x4_s (local.get $signs))))
                (v128.and
                  (local.get $cut)
                  (i64x2.add (local.get $rest) (f64x2.sub (local.get $centre) (local.get $epsilons)))))
              (v128.and (local.get $cut) (f64x2.add (local.get $centre) (local.get $epsilons))))))
        (local.set $pixels
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $pixels) (local.get $pixels)))
        (local.set $signs (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $signs) (local.get $signs)))
        (local.set $centre (f64x2.promote_low_f32x4 (v128.load64_zero offset=32776 (local.get $x))))
        (local.set $high
          (f32x4.demote_f64x2_zero
            (f64x2.pmin
              (f64x2.pmax
                (f64x2.add
                  (f64x2.promote_low_f32x4 (local.get $pixels))
                  (f64x2.mul (local.get $sizes) (f64x2.convert_low_i32x4_s (local.get $signs))))
                (v128.and
                  (local.get $cut)
                  (i64x2.add (local.get $rest) (f64x2.sub (local.get $centre) (local.get $epsilons)))))
              (v128.and (local.get $cut) (f64x2.add (local.get $centre) (local.get $epsilons))))))
        (v128.store
          (local.get $x)
          (f32x4.pmin
            (f32x4.pmax
              (local.get $zero)
              (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $low) (local.get $high)))
            (local.get $one)))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br $next)))))
