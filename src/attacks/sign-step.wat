;; One step of an linf attack over float32 pixels that lie in memory at $x, with their gradient at $g and the clean
;; pixels at $clean: x + size·sign(g), back into clean ± epsilon and [0,1]. Computed in float64, two pixels at once,
;; without a branch: signs of gradients are random, and a mispredicted branch takes longer than all the rest.
;; A gradient that is NaN moves nothing. `npm run wasm` compiles this file.
(module
  (memory (export "memory") 1)
  (func (export "step")
    (param $x i32) (param $end i32) (param $g i32) (param $clean i32) (param $size f64) (param $epsilon f64)
    (local $sizes v128) (local $epsilons v128) (local $zero v128) (local $one v128)
    (local $value v128) (local $slope v128) (local $centre v128)
    (local.set $sizes (f64x2.splat (local.get $size)))
    (local.set $epsilons (f64x2.splat (local.get $epsilon)))
    (local.set $one (f64x2.splat (f64.const 1)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $value (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $x))))
        (local.set $slope (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $g))))
        (local.set $centre (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $clean))))
        (local.set $value
          (f64x2.add
            (local.get $value)
            (v128.and (local.get $sizes) (f64x2.gt (local.get $slope) (local.get $zero)))))
        (local.set $value
          (f64x2.sub
            (local.get $value)
            (v128.and (local.get $sizes) (f64x2.lt (local.get $slope) (local.get $zero)))))
        (local.set $value
          (f64x2.pmax
            (local.get $value)
            (f64x2.pmax (f64x2.sub (local.get $centre) (local.get $epsilons)) (local.get $zero))))
        (local.set $value
          (f64x2.pmin
            (local.get $value)
            (f64x2.pmin (f64x2.add (local.get $centre) (local.get $epsilons)) (local.get $one))))
        (v128.store64_lane 0 (local.get $x) (f32x4.demote_f64x2_zero (local.get $value)))
        (local.set $x (i32.add (local.get $x) (i32.const 8)))
        (local.set $g (i32.add (local.get $g) (i32.const 8)))
        (local.set $clean (i32.add (local.get $clean) (i32.const 8)))
        (br $next)))))
