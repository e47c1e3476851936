import { onnxType } from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { div, mul, scale, select, sub } from '../emit.ts';
import { defineRule } from '../rule.ts';

/** d(x^p) = p x^(p−1) dx + x^p ln(x) dp, the latter where x > 0. Squares and roots need no power. */
export const pow = defineRule({
  op: 'Pow',
  inputs: ['X', 'Y'],
  remarks: 'the exponent takes 0 where the base is not positive',
  backward: ({ b, x, y, dy, needs }) => {
    const [base, g, out] = [x[0] as string, dy[0] as string, y[0] as string];
    const dtype = b.dtype(base);
    const exponent =
      b.dtype(x[1] as string) === dtype ? (x[1] as string) : b.op('Cast', [x[1]], { to: onnxType(dtype) });
    const power = (): string | undefined => {
      const constant = b.constantValue(x[1] as string);
      const p = constant !== undefined && constant.data.length === 1 ? numbers(constant)[0] : undefined;
      if (p === 0) return undefined;
      if (p === 1) return g;
      if (p === 2) return scale(b, mul(b, g, base), 2);
      if (p === 0.5) return div(b, scale(b, g, 0.5), out);
      if (p !== undefined) return scale(b, mul(b, g, b.op('Pow', [base, b.scalar(p - 1, dtype)])), p);
      return mul(b, mul(b, g, exponent), b.op('Pow', [base, sub(b, exponent, b.scalar(1, dtype))]));
    };
    const logarithm = (): string => {
      const positive = b.op('Greater', [base, b.scalar(0, dtype)]);
      return select(b, positive, mul(b, g, mul(b, out, b.op('Log', [base]))));
    };
    return [needs(0) ? power() : undefined, needs(1) ? logarithm() : undefined];
  },
});
