import { z } from 'zod';
import { behind, type GraphStage } from '../../models/index.ts';
import { GraphBuilder } from '../../onnx/index.ts';
import { type RandomStream, tensor } from '../../tensor/index.ts';
import { defineView } from '../view.ts';

/**
 * Each question is asked of the image under a random affine map near the identity: pixel (x, y) is taken, linearly, from
 * ((1+a)x + by + c, dx + (1+e)y + f), in pixels from the upper left, with black beyond the image. The six numbers are
 * normal, cut at two standard deviations.
 */
export const affineJitter = defineView({
  name: 'affine-jitter',
  title: 'Affine jitter',
  paper: 'NIPS 2017 competition, Sangxia Huang (non-targeted, 2nd), read in sangxia/nips-2017-adversarial',
  options: z.strictObject({
    deviation: z
      .number()
      .positive()
      .default(0.02)
      .describe('standard deviation of the six numbers of the map'),
  }),
  open: ({ model, options: { deviation }, random }) => behind(jitter(deviation), model, random),
});

/** The stage of the view. Its draw is the map; places are told from -1 to 1, as GridSample has them. */
export function jitter(deviation: number): GraphStage {
  return {
    name: 'affine-jitter',
    draws: {
      shapes: () => ({ map: [2, 3] }),
      fill: ({ map }, random) => {
        for (let i = 0; i < 6; i++)
          (map as Float32Array)[i] = (i === 0 || i === 4 ? 1 : 0) + deviation * cutNormal(random);
      },
    },
    graph({ channels, height, width }) {
      const b = new GraphBuilder(undefined, { name: 'affine-jitter' });
      const images = b.input('images', 'float32', ['N', channels, height, width]);
      const map = b.op('Transpose', [b.input('map', 'float32', ['N', 2, 3])], { perm: [0, 2, 1] });
      const pixels = Float32Array.from({ length: 3 * height * width }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return i % 3 === 0 ? pixel % width : i % 3 === 1 ? Math.floor(pixel / width) : 1;
      });
      const places = b.op('MatMul', [b.constant(tensor(pixels, [height * width, 3]), 'pixels'), map]);
      const halves = Float32Array.of(2 / Math.max(1, width - 1), 2 / Math.max(1, height - 1));
      const scaled = b.op('Mul', [places, b.constant(tensor(halves, [2]), 'halves')]);
      const grid = b.op('Reshape', [b.op('Sub', [scaled, b.scalar(1)]), b.ints([-1, height, width, 2])]);
      b.output(b.op('GridSample', [images, grid], { mode: 'bilinear', align_corners: 1 }), 'images_out');
      return b.finish();
    },
  };
}

function cutNormal(random: RandomStream): number {
  for (;;) {
    const drawn = random.normal();
    if (Math.abs(drawn) <= 2) return drawn;
  }
}
