import type { GraphBuilder } from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { mul, select } from '../emit.ts';
import { defineRule } from '../rule.ts';
import { atLeast, atMost, insideTent, masked, takesDepthwise } from '../step.ts';

const largest = 3.4028234e38;

/**
 * dx = dy where min ≤ x ≤ max, else 0; a bound receives the dy of the elements that it holds, the upper one all where
 * the bounds cross. At a bound the
 * gradient passes, which only the input can tell. The exception is Relu6 and its like behind a convolution: reading
 * their input would keep the runtime from fusing the two (measured: a quarter of a MobileNet's gradient), so there
 * the output decides and a bound has gradient 0, as Relu has at 0.
 */
export const clip = defineRule({
  op: 'Clip',
  inputs: ['input', 'min', 'max'],
  remarks:
    'passes at the bounds, and a bound takes what it holds, max all where min is above it; behind a convolution, Clip from 0 (Relu6) has 0 at its bounds',
  backward: ({ b, x, y, dy, needs }) => {
    const [input, output, g] = [x[0] as string, y[0] as string, dy[0] as string];
    const [low, high] = [x[1] ?? '', x[2] ?? ''];
    const through = (): string => {
      const [from, to] = [bound(b, low, -largest), bound(b, high, largest)];
      if (from === 0 && to !== undefined && to > 0 && to < largest && followsConv(b, output, input))
        return masked(b, g, output, (place) => insideTent(b, output, to, place));
      let out = g;
      if (from === undefined) out = select(b, b.op('GreaterOrEqual', [input, low]), out);
      else if (from > -largest) out = mul(b, out, atLeast(b, input, from));
      if (to === undefined) return select(b, b.op('LessOrEqual', [input, high]), out);
      return to < largest ? mul(b, out, atMost(b, input, to)) : out;
    };
    return [
      needs(0) ? through() : undefined,
      needs(1) ? select(b, holdsLow(b, input, low, high), g) : undefined,
      needs(2) ? select(b, holdsHigh(b, input, low, high), g) : undefined,
    ];
  },
});

/** Where the result is the lower bound: the runtime takes the upper one where they cross. */
function holdsLow(b: GraphBuilder, x: string, low: string, high: string): string {
  const below = b.op('Less', [x, low]);
  return high === '' ? below : b.op('And', [below, b.op('LessOrEqual', [low, high])]);
}

function holdsHigh(b: GraphBuilder, x: string, low: string, high: string): string {
  const above = b.op('Greater', [x, high]);
  return low === '' ? above : b.op('Or', [above, b.op('Greater', [low, high])]);
}

/** The bound's number, `none` where it is left out, undefined where it is computed. */
function bound(b: GraphBuilder, name: string, none: number): number | undefined {
  if (name === '') return none;
  const value = b.constantValue(name);
  return value === undefined ? undefined : numbers(value)[0];
}

function followsConv(b: GraphBuilder, output: string, input: string): boolean {
  if (!takesDepthwise(b, output)) return false;
  const maker = b.maker(input);
  return maker?.op === 'Conv' || maker?.op === 'BatchNormalization';
}
