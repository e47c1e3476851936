import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, canvasSize, leaf, margin, oversampling, post } from './canvas.ts';
import { about, between, chance, pick } from './draws.ts';
import { greens } from './foliage.ts';
import { makePlate } from './plate.ts';
import { hang, matt } from './plates.ts';
import type { Placement } from './pose.ts';

/**
 * What stands before a part of the sign: twigs with leaves, a post, another sign's edge.
 * @param seen how much of the sign is seen in each sample; what is covered is taken away
 */
export function occlude(
  canvas: Canvas,
  random: RandomStream,
  placement: Placement,
  classes: number,
  seen: Float32Array,
): void {
  if (chance(random, 0.6)) return;
  const kind = random.uniform();
  if (kind < 0.62) twigs(canvas, random, placement, seen);
  else if (kind < 0.86) bar(canvas, random, placement, seen);
  else signBefore(canvas, random, placement, classes, seen);
}

/** A point near the rim of the sign, in canvas samples. */
function rimPoint({ x, y, radius }: Placement, turn: number, share: number): [number, number] {
  return [
    (x + margin + share * radius * Math.cos(turn)) * oversampling,
    (y + margin + share * radius * Math.sin(turn)) * oversampling,
  ];
}

function twigs(canvas: Canvas, random: RandomStream, placement: Placement, seen: Float32Array): void {
  const colour = pick(random, greens);
  const turn = between(random, 0, 2 * Math.PI);
  const length = (placement.radius / 22) * between(random, 3.5, 10);
  const sunny = between(random, 0.3, 1) * canvas.light.onWalls;
  for (let n = 1 + random.integer(3); n > 0; n--) {
    const end = rimPoint(placement, turn + about(random, 0, 0.4, 0.9), between(random, 0.4, 0.85));
    const start = rimPoint(placement, turn + about(random, 0, 0.3, 0.6), 2.2);
    post(canvas, start, end, between(random, 0.5, 1.2), [0.09, 0.07, 0.05], seen);
    for (let i = 6 + random.integer(10); i > 0; i--) {
      const t = between(random, 0, 1.05);
      const vary = between(random, 0.8, 2);
      leaf(
        canvas,
        start[0] + t * (end[0] - start[0]) + about(random, 0, 0.8 * length, 1.6 * length),
        start[1] + t * (end[1] - start[1]) + about(random, 0, 0.8 * length, 1.6 * length),
        {
          angle: between(random, 0, Math.PI),
          length: length * between(random, 0.6, 1.3),
          width: length * between(random, 0.3, 0.6),
        },
        [colour[0] * vary, colour[1] * vary, colour[2] * vary],
        sunny * between(random, 0.2, 1.2),
        between(random, 0.5, 1),
        seen,
      );
    }
  }
}

function bar(canvas: Canvas, random: RandomStream, placement: Placement, seen: Float32Array): void {
  const aside = random.sign() * between(random, 0.25, 1.05) * placement.radius;
  const x = (placement.x + aside + margin) * oversampling;
  const grey = between(random, 0.04, 0.4);
  const halfWidth = (between(random, 0.06, 0.2) * placement.radius * oversampling) / 1.4;
  const lean = about(random, 0, 4, 12);
  post(canvas, [x - lean, -2], [x + lean, canvasSize + 2], halfWidth, [grey, grey, grey], seen);
}

function signBefore(
  canvas: Canvas,
  random: RandomStream,
  placement: Placement,
  classes: number,
  seen: Float32Array,
): void {
  const turn = pick(random, [0.5, -0.5, 0, 1]) * Math.PI + about(random, 0, 0.3, 0.6);
  const radius = placement.radius * between(random, 0.9, 1.4);
  const away = radius + placement.radius * between(random, 0.45, 0.8);
  const covers = new Float32Array(seen.length);
  hang(
    canvas,
    makePlate(random.integer(classes), 0, between(random, 0, 0.6)),
    {
      ...placement,
      x: placement.x + away * Math.cos(turn),
      y: placement.y + away * Math.sin(turn),
      radius,
      yaw: about(random, 0, 0.4, 0.9),
    },
    matt,
    covers,
  );
  for (let i = 0; i < seen.length; i++) seen[i] = (seen[i] as number) * (1 - (covers[i] as number));
}
