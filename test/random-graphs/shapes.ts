import { float } from '../../src/onnx/index.ts';
import { int64 } from '../../src/tensor/index.ts';
import type { Maker } from './maker.ts';
import { isImage, maker, rank, several } from './maker.ts';
import type { Program } from './program.ts';

const hasClosed = (p: Program, x: string): boolean => p.closedAxes(x).length > 0;
const closed = { double: true, since: 13, fits: hasClosed };

const signed = (p: Program, axis: number, r: number): number => (p.rarely(2) ? axis : axis - r);

/** A list of all numbers below n in a drawn order. */
function shuffled(p: Program, n: number): number[] {
  const rest = Array.from({ length: n }, (_, i) => i);
  return rest.map((_, i) => {
    const at = p.draw.int(i, n - 1);
    [rest[i], rest[at]] = [rest[at] as number, rest[i] as number];
    return rest[i];
  });
}

function sliced(p: Program, x: string): string {
  const shape = p.shape(x);
  const axes = p.closedAxes(x).filter(() => p.rarely(2));
  const chosen = axes.length === 0 ? [p.pick(p.closedAxes(x))] : axes;
  const cuts = chosen.map((axis) => {
    const size = shape[axis] as number;
    const from = p.draw.int(0, size - 1);
    const to = p.draw.int(from, size - 1);
    const step = p.draw.int(1, 3);
    const turned = p.rarely(3);
    const [start, end] = turned ? [to, from - 1] : [from, to + 1];
    // Negative ends count from the back; one before the first index is far below it.
    const last = end === -1 ? -1000 : p.rarely(2) && end < size ? end - size : end;
    return { start: p.rarely(2) ? start - size : start, end: last, step: turned ? -step : step };
  });
  return p.op('Slice', [
    x,
    p.ints(cuts.map((c) => c.start)),
    p.ints(cuts.map((c) => c.end)),
    p.ints(chosen.map((a) => signed(p, a, shape.length))),
    p.ints(cuts.map((c) => c.step)),
  ]);
}

function padded(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  // What copies the input has a gradient where all sizes but the batch are known.
  const copying = ['reflect', 'edge', ...(p.options.opset >= 19 ? ['wrap'] : [])];
  const open = shape.some((_, i) => i > 0 && p.isOpen(x, i));
  const mode = open || p.rarely(2) ? 'constant' : p.pick(copying);
  const free = new Set(p.closedAxes(x));
  const amount = (axis: number): number => {
    if (!free.has(axis) || p.rarely(2)) return 0;
    const size = shape[axis] as number;
    // The runtime (1.30) wraps once: beyond, its result is what lies in memory.
    const most = mode === 'reflect' ? Math.min(2, size - 1) : mode === 'wrap' ? Math.min(2, size) : 2;
    const least = mode === 'constant' && size > 3 ? -1 : 0;
    return p.draw.int(least, most);
  };
  const pads = [...shape.map((_, i) => amount(i)), ...shape.map((_, i) => amount(i))];
  const value = mode === 'constant' && p.rarely(2) ? p.scalar(0.3) : undefined;
  return p.op('Pad', [x, p.ints(pads), value], { mode });
}

/** The shape anew: neighbours of known size merged or one split. */
function reshaped(p: Program, x: string): string | undefined {
  const shape = [...p.shape(x)];
  const open = shape.map((_, i) => p.isOpen(x, i));
  const places = p.closedAxes(x);
  const at = p.pick(places);
  if (p.rarely(2) && places.includes(at + 1)) {
    shape.splice(at, 2, (shape[at] as number) * (shape[at + 1] as number));
    open.splice(at, 2, false);
  } else {
    const size = shape[at] as number;
    const factor = p.pick([1, 2, 3, size].filter((d) => size % d === 0));
    shape.splice(at, 1, factor, size / factor);
    open.splice(at, 1, false, false);
  }
  if (shape.length > 5) return undefined;
  const target = shape.map((d, i) => (open[i] === true ? -1 : d));
  if (target.every((d) => d !== -1) && p.rarely(2)) target[p.draw.int(0, target.length - 1)] = -1;
  return p.op('Reshape', [x, p.ints(target)]);
}

function resized(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  const mode = p.pick(['nearest', 'linear', 'cubic']);
  const spatialAxes = mode === 'nearest' ? shape.length - 2 : 2;
  if (mode !== 'nearest' && shape.length !== 4) return undefined;
  const sizes = shape.map((d, i) => (i < shape.length - spatialAxes ? d : p.draw.int(1, 7)));
  const coordinates = p.pick([
    'half_pixel',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    ...(p.options.opset >= 19 ? ['half_pixel_symmetric'] : []),
  ]);
  const attributes = {
    mode,
    coordinate_transformation_mode: coordinates,
    nearest_mode: p.pick(['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil']),
    ...(mode === 'cubic' && p.rarely(2) ? { cubic_coeff_a: float(-0.5) } : {}),
    ...(mode !== 'nearest' && p.options.opset >= 18 && p.rarely(3) ? { antialias: 1 } : {}),
  };
  if (!p.isOpen(x, 0) && p.rarely(2))
    return p.op('Resize', [x, undefined, undefined, p.ints(sizes)], attributes);
  const scales = Float32Array.from(shape, (d, i) =>
    i < shape.length - spatialAxes ? 1 : p.pick([1, 2, 3, 0.5, 1.5, 0.7]) * (d > 0 ? 1 : 1),
  );
  if (shape.some((d, i) => Math.floor(d * (scales[i] as number)) < 1)) return undefined;
  return p.op(
    'Resize',
    [x, undefined, p.constant({ dtype: 'float32', shape: [shape.length], data: scales })],
    attributes,
  );
}

function gathered(p: Program, x: string): string {
  const axis = p.pick(p.closedAxes(x));
  const size = p.shape(x)[axis] as number;
  const shape = p.pick([[], [1], [3], [2, 2]]);
  const indices = several(
    p,
    shape.reduce((a, d) => a * d, 1),
    -size,
    size - 1,
  );
  return p.op('Gather', [x, p.constant(int64(indices, shape))], { axis: signed(p, axis, rank(p, x)) });
}

function concatenated(p: Program, x: string, others: readonly string[]): string {
  const shape = p.shape(x);
  const axis = p.draw.int(0, shape.length - 1);
  const suitable = others.filter((o) => {
    const own = p.shape(o);
    return (
      own.length === shape.length &&
      own.every((d, i) => (d === shape[i] || i === axis) && p.isOpen(o, i) === p.isOpen(x, i))
    );
  });
  const parts = [x, ...Array.from({ length: p.draw.int(0, 2) }, () => p.pick([x, ...suitable]))];
  if (shape.every((_, i) => !p.isOpen(x, i)) && p.rarely(2))
    parts.splice(p.draw.int(0, parts.length), 0, p.weight(shape.map((d, i) => (i === axis ? 2 : d))));
  return p.op('Concat', parts, { axis: signed(p, axis, shape.length) });
}

function split(p: Program, x: string): string | undefined {
  const axis = p.pick(p.closedAxes(x));
  const size = p.shape(x)[axis] as number;
  if (size < 2) return undefined;
  const first = p.draw.int(1, size - 1);
  const parts = p.node('Split', [x, p.ints([first, size - first])], { axis: signed(p, axis, rank(p, x)) }, 2);
  if (2 * first === size && p.rarely(2)) return p.op('Mul', parts);
  return p.rarely(2) ? parts[p.draw.int(0, 1)] : p.op('Concat', parts.toReversed(), { axis });
}

function gatheredElements(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  if (p.closedAxes(x).length < shape.length) return undefined;
  const axis = p.draw.int(0, shape.length - 1);
  const target = shape.map((d, i) => (i === axis ? p.draw.int(1, 3) : p.draw.int(1, d)));
  const size = shape[axis] as number;
  const indices = several(
    p,
    target.reduce((a, d) => a * d, 1),
    -size,
    size - 1,
  );
  return p.op('GatherElements', [x, p.constant(int64(indices, target))], { axis });
}

function scattered(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  if (p.closedAxes(x).length < shape.length) return undefined;
  const axis = p.draw.int(0, shape.length - 1);
  const size = shape[axis] as number;
  const count = p.draw.int(1, size);
  const target = shape.map((d, i) => (i === axis ? count : d));
  const adds = p.options.opset >= 16 && p.rarely(2);
  // Where entries replace, no two may meet.
  const order = shuffled(p, size).slice(0, count);
  const inner = shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const total = target.reduce((a, d) => a * d, 1);
  const indices = Array.from({ length: total }, (_, i) =>
    adds ? p.draw.int(0, size - 1) : (order[Math.floor(i / inner) % count] as number),
  );
  return p.op('ScatterElements', [x, p.constant(int64(indices, target)), p.weight(target)], {
    axis,
    reduction: adds ? 'add' : undefined,
  });
}

function scatteredRows(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  if (p.isOpen(x, 0)) return undefined;
  const size = shape[0] as number;
  const rows = shuffled(p, size).slice(0, p.draw.int(1, size));
  const updates = p.weight([rows.length, ...shape.slice(1)]);
  const reduction = p.options.opset >= 16 ? p.pick([undefined, 'add', 'mul']) : undefined;
  return p.op('ScatterND', [x, p.constant(int64(rows, [rows.length, 1])), updates], { reduction });
}

function gatheredND(p: Program, x: string): string | undefined {
  const shape = p.shape(x);
  const dims = p.isOpen(x, 0) ? 1 : 0;
  if (dims === 1) return undefined;
  const depth = p.draw.int(1, shape.length);
  const rows = p.draw.int(1, 4);
  const indices = Array.from({ length: rows }, () =>
    shape.slice(0, depth).map((d) => p.draw.int(-d, d - 1)),
  ).flat();
  return p.op('GatherND', [x, p.constant(int64(indices, [rows, depth]))]);
}

function blocks(p: Program, x: string): string | undefined {
  const [, channels, height, width] = p.shape(x) as [number, number, number, number];
  if (channels % 4 === 0 && p.rarely(2))
    return p.op('DepthToSpace', [x], { blocksize: 2, mode: p.pick(['DCR', 'CRD']) });
  if (height % 2 === 0 && width % 2 === 0) return p.op('SpaceToDepth', [x], { blocksize: 2 });
  return undefined;
}

function sampled(p: Program, x: string): string {
  const [batch] = p.shape(x) as [number];
  const [height, width] = [p.draw.int(1, 3), p.draw.int(1, 3)];
  const linear = p.options.opset >= 20 ? 'linear' : 'bilinear';
  const cubic = p.options.opset >= 20 ? 'cubic' : 'bicubic';
  return p.op('GridSample', [x, p.weight([batch, height, width, 2], -1.2, 1.2)], {
    mode: p.pick([linear, linear, cubic, 'nearest']),
    padding_mode: p.pick(['zeros', 'border', 'reflection']),
    align_corners: p.draw.int(0, 1),
  });
}

export const shapes: readonly Maker[] = [
  maker('Slice', sliced, closed),
  maker('Slice', sliced, closed),
  maker('Pad', padded, closed),
  maker('Pad', padded, closed),
  maker('Reshape', reshaped, closed),
  maker('Gather', gathered, { ...closed, fits: (p, x) => hasClosed(p, x) && rank(p, x) < 5 }),
  maker('Concat', concatenated, { ...closed, fits: (p, x) => rank(p, x) > 0 }),
  maker('Split', split, closed),
  maker('GatherElements', gatheredElements, closed),
  maker('GatherND', gatheredND, closed),
  maker('ScatterElements', scattered, closed),
  maker('ScatterND', scatteredRows, closed),
  maker('Resize', resized, { since: 13, fits: (p, x) => isImage(p, x) && rank(p, x) > 2 }),
  maker('Resize', resized, { since: 13, fits: (p, x) => isImage(p, x) && rank(p, x) === 4 }),
  maker('DepthToSpace', blocks, {
    double: true,
    since: 13,
    fits: (p, x) => rank(p, x) === 4 && isImage(p, x),
  }),
  maker('GridSample', sampled, {
    since: 16,
    fits: (p, x) => rank(p, x) === 4 && isImage(p, x) && !p.isOpen(x, 0),
  }),
  maker('Transpose', (p, x) => p.op('Transpose', [x], { perm: shuffled(p, rank(p, x)) }), {
    double: true,
    fits: (p, x) => rank(p, x) > 1,
  }),
  maker('Flatten', (p, x) => p.op('Flatten', [x], { axis: p.draw.int(1, rank(p, x) - 1) }), {
    double: true,
    since: 9,
    fits: (p, x) => rank(p, x) > 2 && isImage(p, x),
  }),
  maker(
    'Unsqueeze',
    (p, x) => {
      const r = rank(p, x);
      return p.op('Unsqueeze', [x, p.ints([signed(p, p.draw.int(0, r), r + 1)])]);
    },
    { double: true, since: 13, fits: (p, x) => rank(p, x) < 5 },
  ),
  maker(
    'Squeeze',
    (p, x) => {
      const ones = p.closedAxes(x).filter((a) => p.shape(x)[a] === 1);
      return p.op('Squeeze', [x, p.ints([p.pick(ones)])]);
    },
    { double: true, since: 13, fits: (p, x) => p.closedAxes(x).some((a) => p.shape(x)[a] === 1) },
  ),
  maker('Tile', (p, x) => p.op('Tile', [x, p.ints(p.shape(x).map(() => p.pick([1, 1, 2, 3])))]), {
    double: true,
    since: 13,
    fits: (p, x) => rank(p, x) > 0,
  }),
  maker(
    'Expand',
    (p, x) => {
      const target = p.shape(x).map((d, axis) => (d === 1 && !p.isOpen(x, axis) ? p.draw.int(1, 3) : 1));
      return p.op('Expand', [x, p.ints(p.rarely(2) && target.length < 5 ? [2, ...target] : target)]);
    },
    { double: true, since: 13 },
  ),
  maker(
    'CumSum',
    (p, x) => {
      const axis = signed(p, p.pick(p.closedAxes(x)), rank(p, x));
      return p.op('CumSum', [x, p.scalar(axis, 'int64')], {
        exclusive: p.draw.int(0, 1),
        reverse: p.draw.int(0, 1),
      });
    },
    closed,
  ),
  maker(
    'Trilu',
    (p, x) => p.op('Trilu', [x, p.scalar(p.draw.int(-1, 1), 'int64')], { upper: p.draw.int(0, 1) }),
    {
      double: true,
      since: 14,
      fits: (p, x) => rank(p, x) >= 2,
    },
  ),
  maker(
    'TopK',
    (p, x) => {
      const axis = p.pick(p.closedAxes(x));
      const k = p.draw.int(1, p.shape(x)[axis] as number);
      return p.node('TopK', [x, p.ints([k])], { axis, largest: p.draw.int(0, 1) }, 2)[0];
    },
    closed,
  ),
  maker(
    'ReverseSequence',
    (p, x) => {
      const [batch, time] = p.shape(x) as [number, number];
      if (p.isOpen(x, 0) || p.isOpen(x, 1)) return undefined;
      const lengths = p.ints(several(p, batch, 1, time));
      return p.op('ReverseSequence', [x, lengths], { batch_axis: 0, time_axis: 1 });
    },
    { double: true, since: 10, fits: (p, x) => rank(p, x) >= 2 },
  ),
];
