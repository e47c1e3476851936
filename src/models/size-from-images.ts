import type { Dim, Graph } from '../onnx/index.ts';
import type { InputSize } from '../tensor/index.ts';
import type { Sidecar } from './sidecar.ts';

/** What the size of the images at hand means for a graph that does not tell its own. */
export interface SizeFromImages {
  /** Why the graph leaves it open, as a part of a sentence. */
  note: string;
  /** Why images of that size cannot be the network's, a sentence. */
  unfit?: string;
}

/**
 * Whether the images at hand may tell the size that a graph's input takes.
 * @param input what is known of it
 */
export function sizeFromImages(
  graph: Graph,
  input: Partial<Sidecar['input']>,
  { channels, height, width }: InputSize,
): SizeFromImages {
  const found = graph.inputs.find(({ name }) => name === input.name);
  const shape = found?.shape;
  if (shape === undefined) return { note: 'the graph does not tell the shape of its input' };
  const free = (d: Dim | undefined): boolean => typeof d === 'string';
  if (shape.length <= 2) {
    const row = shape.at(-1);
    if (typeof row !== 'number') return { note: 'the graph takes rows of any length' };
    const note = `the graph takes rows of ${row} numbers and leaves height and width open`;
    // Images in the order of their channels: levels of grey may be made of colours, and the other way round.
    const planes = input.channels === undefined ? channels : input.channels === 'GRAY' ? 1 : 3;
    if (planes * height * width === row) return { note };
    return {
      note,
      unfit: `The images have ${planes} x ${height} x ${width} = ${planes * height * width} numbers each, and the graph takes rows of ${row}: their size is not the network's.`,
    };
  }
  const axes = input.layout === 'NHWC' ? shape.slice(-3, -1) : shape.slice(-2);
  const [tall, wide] = axes.map(free);
  if (tall === wide) return { note: 'the graph takes any size' };
  return { note: `the graph takes any ${tall === true ? 'height' : 'width'}` };
}
