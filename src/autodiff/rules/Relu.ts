import { defineRule } from '../rule.ts';
import { masked, positive } from '../step.ts';

/** dx = dy where y > 0, else 0: from the output, so that the runtime may fuse Relu into what is before it. */
export const relu = defineRule({
  op: 'Relu',
  remarks: '0 at 0',
  backward: ({ b, y, dy }) => {
    const out = y[0] as string;
    return [masked(b, dy[0] as string, out, (place) => positive(b, out, place))];
  },
});
