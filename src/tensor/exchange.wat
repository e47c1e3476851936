;; One exchange of two columns of float32 numbers: for every place, the smaller number is left in the first column and
;; the larger in the second; both are left as they are where either is NaN. Four at once, without a branch for each.
;; `npm run wasm` compiles this file.
(module
  (memory (export "memory") 1)
  (func (export "exchange") (param $lower i32) (param $upper i32) (param $bytes i32)
    (local $end i32) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $lower) (local.get $bytes)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $lower) (local.get $end)))
        (local.set $a (v128.load (local.get $lower)))
        (local.set $b (v128.load (local.get $upper)))
        (v128.store (local.get $lower) (f32x4.pmin (local.get $a) (local.get $b)))
        (v128.store (local.get $upper) (f32x4.pmax (local.get $b) (local.get $a)))
        (local.set $lower (i32.add (local.get $lower) (i32.const 16)))
        (local.set $upper (i32.add (local.get $upper) (i32.const 16)))
        (br $next)))))
