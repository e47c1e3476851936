import { car, digger, rearWindow, runner, walker, word } from './glyphs.ts';
import {
  arc,
  both,
  box,
  disc,
  either,
  inset,
  placed,
  polygon,
  regular,
  ring,
  type Shape,
  stroke,
} from './shapes.ts';

/** Printed colours, by number. */
export const inks = ['white', 'red', 'blue', 'yellow', 'black'] as const;

export type Ink = (typeof inks)[number];

/** A sign as printed: what is cut out, and what is printed on white, each layer over those before. */
export interface Drawing {
  outline: Shape;
  layers: [ink: Ink, shape: Shape][];
}

/** What differs from country to country and from maker to maker. */
export interface Style {
  /** Ground of warning and limit signs. */
  ground: Ink;
  /** Factor of the width of borders. */
  border: number;
  /** Factor of the width of strokes. */
  pen: number;
}

/** The classes in the order of their labels. */
export const roadsignClasses: readonly string[] = [
  'stop',
  'yield',
  'no entry',
  'priority road',
  'speed limit 30',
  'speed limit 50',
  'speed limit 80',
  'no overtaking',
  'roundabout',
  'pedestrians',
  'children',
  'roadworks',
  'turn left',
  'turn right',
  'keep right',
  'end of limit',
];

export const styles: readonly Style[] = [
  { ground: 'white', border: 1, pen: 1 },
  { ground: 'white', border: 1.15, pen: 0.9 },
  { ground: 'white', border: 0.85, pen: 1.12 },
  { ground: 'yellow', border: 1, pen: 1 },
];

/** @param label a number of {@link roadsignClasses} */
export function drawSign(label: number, style: Style): Drawing {
  return (drawings[label] as (style: Style) => Drawing)(style);
}

const round = disc(0, 0, 0.96);
const rim = ring(0.935, 0.025);

function prohibition({ ground, border }: Style, layers: Drawing['layers']): Drawing {
  return {
    outline: round,
    layers: [['red', disc(0, 0, 0.925)], [ground, disc(0, 0, 0.925 - 0.19 * border)], ...layers],
  };
}

function limit(text: string): (style: Style) => Drawing {
  return (style) =>
    prohibition(style, [
      ['black', word(text, { halfWidth: 0.165, halfHeight: 0.32, pitch: 0.56, pen: 0.068 * style.pen })],
    ]);
}

function mandatory(shape: Shape): Drawing {
  return {
    outline: round,
    layers: [
      ['blue', round],
      ['white', either(rim, shape)],
    ],
  };
}

function warning({ ground, border }: Style, shape: Shape): Drawing {
  const triangle = inset(polygon([0, -0.8, 0.86, 0.7, -0.86, 0.7]), -0.11);
  return {
    outline: triangle,
    layers: [
      ['red', inset(triangle, 0.025)],
      [ground, inset(polygon([0, -0.8, 0.86, 0.7, -0.86, 0.7]), 0.08 * border)],
      ['black', shape],
    ],
  };
}

function bentArrow(side: -1 | 1, pen: number): Shape {
  const path = [-0.3, 0.58, -0.3, 0.1, ...arc(-0.1, 0.1, 0.2, 0.2, 180, 270), 0.2, -0.1];
  const head = [0.66, -0.1, 0.16, -0.46, 0.16, 0.26];
  const turned = (points: number[]) => points.map((value, i) => (i % 2 === 0 ? value * side : value));
  return either(stroke(turned(path), 0.105 * pen), polygon(turned(head)));
}

const drawings: ((style: Style) => Drawing)[] = [
  ({ border, pen }) => {
    const octagon = regular(8, 1.02, 22.5);
    return {
      outline: octagon,
      layers: [
        ['red', inset(octagon, 0.07 * border)],
        ['white', word('STOP', { halfWidth: 0.115, halfHeight: 0.26, pitch: 0.385, pen: 0.056 * pen })],
      ],
    };
  },
  ({ border, ground }) => {
    const triangle = inset(polygon([0, 0.8, 0.86, -0.7, -0.86, -0.7]), -0.11);
    const inner = inset(polygon([0, 0.8, 0.86, -0.7, -0.86, -0.7]), 0.13 * border);
    return {
      outline: triangle,
      layers: [
        ['red', inset(triangle, 0.03)],
        [ground, inner],
      ],
    };
  },
  ({ pen }) => ({
    outline: round,
    layers: [
      ['red', disc(0, 0, 0.92)],
      ['white', inset(box(0, 0, 0.66, 0.13 * pen), -0.03)],
    ],
  }),
  ({ border }) => {
    const diamond = inset(polygon([0, -0.92, 0.92, 0, 0, 0.92, -0.92, 0]), -0.07);
    return {
      outline: diamond,
      layers: [
        ['black', inset(diamond, 0.03)],
        ['white', inset(diamond, 0.06)],
        ['yellow', inset(diamond, 0.27 * border)],
      ],
    };
  },
  limit('30'),
  limit('50'),
  limit('80'),
  (style) => {
    const left = placed(car, -0.32, 0.02, 0.52);
    const right = placed(car, 0.32, 0.02, 0.52);
    return prohibition({ ...style, border: style.border * 0.85 }, [
      ['red', left],
      ['black', right],
      [style.ground, either(placed(rearWindow, -0.32, 0.02, 0.52), placed(rearWindow, 0.32, 0.02, 0.52))],
    ]);
  },
  ({ pen }) => {
    const arrows = [0, 120, 240].flatMap((turn) => {
      const path = arc(0, 0, 0.5, 0.5, turn, turn - 78);
      const at = (radius: number, degrees: number) => arc(0, 0, radius, radius, degrees, degrees).slice(0, 2);
      const head = [...at(0.76, turn - 70), ...at(0.24, turn - 66), ...at(0.54, turn - 112)];
      return [stroke(path, 0.09 * pen), polygon(head)];
    });
    return mandatory(either(...arrows));
  },
  (style) =>
    warning(
      style,
      either(
        placed(walker, 0, 0.06, 0.8),
        ...[-0.42, -0.14, 0.14, 0.42].map((x) => box(x, 0.53, 0.08, 0.045)),
      ),
    ),
  (style) => warning(style, either(placed(runner, -0.19, 0.2, 0.74), placed(runner, 0.24, 0.27, 0.6))),
  (style) => warning(style, placed(digger, 0.04, 0.14, 0.9)),
  ({ pen }) => mandatory(bentArrow(-1, pen)),
  ({ pen }) => mandatory(bentArrow(1, pen)),
  ({ pen }) =>
    mandatory(
      either(stroke([-0.42, -0.42, 0.2, 0.2], 0.11 * pen), polygon([0.56, 0.56, 0.56, -0.1, -0.1, 0.56])),
    ),
  ({ pen }) => ({
    outline: round,
    layers: [
      ['black', disc(0, 0, 0.93)],
      ['white', disc(0, 0, 0.88)],
      ['black', both(disc(0, 0, 0.9), either(...[-0.24, -0.12, 0, 0.12, 0.24].map((d) => slash(d, pen))))],
    ],
  }),
];

/** One of the lines of the end of a limit, rising to the right. */
function slash(offset: number, pen: number): Shape {
  return stroke([offset - 0.8, offset + 0.8, offset + 0.8, offset - 0.8], 0.032 * pen);
}
