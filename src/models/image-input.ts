import { type Dim, type Graph, neededInputs, type Shape, type ValueInfo } from '../onnx/index.ts';
import type { InputSize } from '../tensor/index.ts';
import type { Need, Sidecar } from './sidecar.ts';

/** How a graph takes images. */
export interface ImageFit {
  /** Sizes of one image, in the order of the graph's axes. */
  readonly image: readonly number[];
  /** Whether an axis of the batch stands before them. */
  readonly batched: boolean;
}

/**
 * How the images that a sidecar tells of lie in an input of that shape: with a batch axis or without, and with axes of
 * their own, without that of a single channel, or as one row.
 * @returns undefined where they do not fit
 */
export function fitOf(shape: Shape | undefined, input: Sidecar['input']): ImageFit | undefined {
  const { layout, height, width } = input;
  const planes = input.channels === 'GRAY' ? 1 : 3;
  const whole = layout === 'NHWC' ? [height, width, planes] : [planes, height, width];
  const row = [planes * height * width];
  if (shape === undefined) return { image: layout === 'flat' ? row : whole, batched: true };
  const forms = planes === 1 ? [whole, [height, width], row] : [whole, row];
  for (const batched of [true, false]) {
    const axes = batched ? shape.slice(1) : shape;
    const image = forms.find(
      (form) => form.length === axes.length && axes.every((d, i) => typeof d === 'string' || d === form[i]),
    );
    if (image !== undefined) return { image, batched };
  }
  return undefined;
}

/** Rows of a graph's batch, where they are fixed; 0 where the graph has no axis for it. */
export function fixedRows(graph: Graph, input: Sidecar['input']): number | undefined {
  const shape = graph.inputs.find((i) => i.name === input.name)?.shape;
  if (fitOf(shape, input)?.batched === false) return 0;
  return typeof shape?.[0] === 'number' ? shape[0] : undefined;
}

/**
 * What a graph and the images at hand tell of the input that takes images.
 * @param given what the sidecar says of it
 * @param known.values names of inputs that get values of their own
 * @param known.size of the images at hand
 * @param known.need is told what neither tells
 */
export function inferInput(
  graph: Graph,
  given: Partial<Sidecar['input']>,
  { values, size, need }: { values: ReadonlySet<string>; size?: Partial<InputSize>; need: Need },
): Partial<Sidecar['input']> {
  const input = chosen(graph, given.name, { values, size });
  if (input === undefined) {
    need('input.name', `which input takes the images, of ${graph.inputs.map((i) => i.name).join(', ')},`);
    return given;
  }
  const { shape } = input;
  const axes = axesOf(shape, given, size);
  const { layout } = axes;
  // Without a layout the images at hand tell of their own sizes all the same.
  const told: Axes = layout === undefined ? { ...size } : axes;
  if (layout === undefined) need('input.layout', `the layout of the input "${input.name}"`);
  const planes = given.channels ?? { 1: 'GRAY' as const, 3: 'RGB' as const }[Number(told.channels)];
  if (planes === undefined) need('input.channels', 'the number of channels');
  const [height, width] = [given.height ?? told.height, given.width ?? told.width];
  if (typeof height !== 'number' || typeof width !== 'number') need('input.height', 'the size of the images');
  return {
    ...given,
    name: input.name,
    ...(layout && { layout }),
    ...(typeof height === 'number' && { height }),
    ...(typeof width === 'number' && { width }),
    ...(planes && { channels: planes }),
  };
}

/** The input named, the only one that must be given, or the only one that can hold images. */
function chosen(
  graph: Graph,
  name: string | undefined,
  { values, size }: { values: ReadonlySet<string>; size: Partial<InputSize> | undefined },
): ValueInfo | undefined {
  if (name !== undefined) return graph.inputs.find((i) => i.name === name);
  const open = neededInputs(graph).filter((i) => !values.has(i.name));
  if (open.length < 2) return open[0];
  const found = open.filter(
    (i) => /^b?float/.test(i.dtype) && axesOf(i.shape, {}, size).layout !== undefined,
  );
  const [most] = found.toSorted((a, b) => (b.shape?.length ?? 0) - (a.shape?.length ?? 0));
  return found.filter((i) => i.shape?.length === most?.shape?.length).length === 1 ? most : undefined;
}

interface Axes {
  layout?: Sidecar['input']['layout'];
  channels?: number | string | undefined;
  height?: number | string | undefined;
  width?: number | string | undefined;
}

/** The axes of an input by its shape; those of the images at hand where the graph leaves them free. */
function axesOf(
  shape: Shape | undefined,
  given: Partial<Sidecar['input']>,
  size: Partial<InputSize> = {},
): Axes {
  const said = given.channels === undefined ? size.channels : given.channels === 'GRAY' ? 1 : 3;
  const free = (axis: number | string | undefined, own: number | undefined): number | string | undefined =>
    typeof axis === 'string' ? own : axis;
  const sized = (height: Dim | undefined, width: Dim | undefined) => ({
    height: free(height, size.height),
    width: free(width, size.width),
  });
  const holds = (d: Dim | undefined): boolean =>
    given.channels === undefined ? d === 1 || d === 3 : d === said;
  const all = given.channels !== undefined && given.height !== undefined && given.width !== undefined;
  // Where everything else is said, the usual layout need not be.
  const usual = given.layout ?? (all ? 'NCHW' : undefined);
  if (shape?.length === 4) {
    const [, first, second, last] = shape as [Dim, Dim, Dim, Dim];
    const layout =
      given.layout ??
      (holds(first) ? 'NCHW' : holds(last) ? 'NHWC' : named([first, second, last], said !== undefined)) ??
      usual;
    if (layout === undefined) return {};
    return layout === 'NHWC'
      ? { layout, channels: free(last, said), ...sized(first, second) }
      : { layout, channels: free(first, said), ...sized(second, last) };
  }
  if (shape?.length === 3) {
    const [first, second, last] = shape;
    if (first === 3) return { layout: 'NCHW', channels: 3, ...sized(second, last) };
    if (last === 3) return { layout: 'NHWC', channels: 3, ...sized(first, second) };
    // A single channel has no axis of its own, or one of the two that a batch may have as well.
    return last === 1
      ? { layout: 'NHWC', channels: 1, ...sized(first, second) }
      : { layout: given.layout ?? 'NCHW', channels: 1, ...sized(second, last) };
  }
  if (shape?.length !== 2 && shape?.length !== 1) return usual === undefined ? {} : { layout: usual };
  const { height = size.height, width = size.width } = given;
  const row = shape.at(-1);
  const fits = said !== undefined && height !== undefined && width !== undefined;
  const same = fits && (typeof row === 'string' || row === said * height * width);
  // The channels of a row may lie one after the other or pixel by pixel.
  const layout = given.layout ?? (same && said === 1 ? 'flat' : undefined);
  return { ...(layout && { layout }), channels: said, ...(same && { height, width }) };
}

/** The layout where the axis of the channels alone is free. */
function named(axes: Shape, known: boolean): 'NCHW' | 'NHWC' | undefined {
  const [first, , last] = axes.map((d) => typeof d === 'string');
  if (!known || first === last || axes.filter((d) => typeof d === 'string').length !== 1) return undefined;
  return first === true ? 'NCHW' : 'NHWC';
}
