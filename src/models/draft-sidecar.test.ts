import { describe, expect, test } from 'vitest';
import { channelMeans, identity } from '../../test/small-models.ts';
import { type Dim, type Graph, GraphBuilder } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { draftSidecar, entriesOf, type SidecarDraft } from './draft-sidecar.ts';
import type { HubFile } from './hub-files.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { ownCandidate, settleDraft } from './settle-draft.ts';
import type { Candidate, Trial } from './try-preprocessings.ts';

/** A convolution over images, with what stands before it. */
function convolution(
  shape: readonly Dim[],
  before: (b: GraphBuilder, x: string) => string = (_, x) => x,
): Graph {
  const b = new GraphBuilder(undefined, { name: 'convolution' });
  const x = before(b, b.input('x', 'float32', shape));
  const kernel = b.constant(tensor(new Float32Array(4 * 3).fill(0.1), [4, 3, 1, 1]));
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [b.op('Conv', [x, kernel])])], { axis: 1 }), 'y');
  return b.finish();
}

const preprocessor = (more: Partial<HubFile>): HubFile => ({
  file: 'preprocessor_config.json',
  notes: [],
  ...more,
});
const config = (more: Partial<HubFile>): HubFile => ({ file: 'config.json', notes: [], ...more });
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const draft = (
  graph: Graph,
  hub: readonly HubFile[] = [],
  images?: { channels: number; height: number; width: number },
) => draftSidecar({ graph, model: 'm.onnx', hub, images });

/** One line per entry. */
const lines = ({ entries }: SidecarDraft): string =>
  entries
    .map(
      (e) => `${e.entry} = ${JSON.stringify(e.value)}  ${e.from}${e.note === undefined ? '' : `: ${e.note}`}`,
    )
    .join('\n');

test('a graph alone tells all but preprocessing', () => {
  const made = draft(channelMeans(identity));
  expect(lines(made)).toMatchInlineSnapshot(`
    "input.name = "x"  graph
    input.layout = "NCHW"  graph
    input.height = 4  graph
    input.width = 4  graph
    input.channels = "RGB"  graph: three channels; their order is not told, RGB is usual
    output.name = "y"  graph
    output.kind = "logits"  graph
    output.classes = 3  graph"
  `);
  expect([made.missing, made.notes]).toEqual([[], []]);
  expect(inferSidecar(channelMeans(identity), 'm.onnx', { given: entriesOf(made.entries) })).toEqual(
    inferSidecar(channelMeans(identity), 'm.onnx'),
  );
});

test('files of a hub tell size, mean, std and names', () => {
  const hub = [
    preprocessor({ size: { height: 8, width: 8 }, preprocessing: imagenet, notes: ['It is odd.'] }),
    config({ size: { height: 9, width: 9 }, classes: 4, names: ['a', 'b', 'c', 'd'] }),
  ];
  const made = draft(convolution(['N', 3, 'H', 'W']), hub);
  expect(lines(made)).toMatchInlineSnapshot(`
    "input.name = "x"  graph
    input.layout = "NCHW"  graph
    input.height = 8  preprocessor_config.json
    input.width = 8  preprocessor_config.json
    input.channels = "RGB"  graph: three channels; their order is not told, RGB is usual
    output.name = "y"  graph
    output.kind = "logits"  graph
    output.classes = 4  graph
    preprocessing.mean = [0.485,0.456,0.406]  preprocessor_config.json
    preprocessing.std = [0.229,0.224,0.225]  preprocessor_config.json
    labels.names = ["a","b","c","d"]  config.json"
  `);
  expect(made.notes).toEqual(['preprocessor_config.json: It is odd.']);
  expect(made.missing).toEqual([]);
});

test('where a graph says otherwise than a file, the graph is right and the file is told', () => {
  const hub = [preprocessor({ size: { height: 9, width: 4 } }), config({ classes: 7, names: ['a', 'b'] })];
  const made = draft(channelMeans(identity), hub, { channels: 3, height: 30, width: 30 });
  expect(entriesOf(made.entries)).toMatchObject({ input: { height: 4 }, output: { classes: 3 } });
  expect(made.notes).toEqual([
    "preprocessor_config.json says input.height 9; the graph's own stands.",
    "config.json says output.classes 7; the graph's own stands.",
    'config.json names 2 classes, and the output has 3: left out.',
  ]);
});

test('images tell a size that nothing else tells; what nothing tells is missing', () => {
  const free = convolution(['N', 3, 'H', 'W']);
  expect(lines(draft(free, [], { channels: 3, height: 6, width: 5 }))).toContain(
    'input.height = 6  images: the graph takes any size\ninput.width = 5  images',
  );
  expect(draft(free).missing).toEqual([
    { entry: 'input.height', what: 'the size of the images' },
    { entry: 'input.width', what: 'the size of the images' },
  ]);
});

test('a head that no classes can be read from is told', () => {
  const b = new GraphBuilder();
  b.output(b.op('Sigmoid', [b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 })]), 'y');
  const [missing] = draft(b.finish()).missing;
  expect(missing?.entry).toBe('output');
  expect(missing?.what).toContain('"output": { "kind": "sigmoids" }');
});

test('what a graph reads beside the images is asked for, unless it is given', () => {
  const b = new GraphBuilder(channelMeans(identity));
  const kept = b.op('Mul', ['y', b.input('keep.prob', 'float32', [])]);
  b.output(kept, 'z');
  const graph = { ...b.finish(), outputs: [{ name: kept, dtype: 'float32' as const, shape: ['N', 3] }] };
  expect(draft(graph).missing).toEqual([
    {
      entry: 'inputs.keep.prob',
      what: 'what the graph reads beside the images (float32); --input keep.prob=1 gives it',
    },
  ]);
  const given = draftSidecar({ graph, model: 'm.onnx', hub: [], inputs: { 'keep.prob': 1 } });
  expect(given.missing).toEqual([]);
  expect(entriesOf(given.entries).inputs).toEqual({ 'keep.prob': 1 });
});

describe('a graph that normalises its images', () => {
  const inside = convolution(['N', 3, 4, 4], (b, x) =>
    b.op('Div', [b.op('Sub', [x, b.scalar(0.5)]), b.scalar(0.25)]),
  );

  test('keeps what a file says, for a graph may turn one normalisation into another, and is told of both', () => {
    const made = draft(inside, [preprocessor({ preprocessing: imagenet })]);
    expect(entriesOf(made.entries).preprocessing).toEqual(imagenet);
    expect(made.notes).toEqual([
      'preprocessor_config.json normalises with mean 0.485, 0.456, 0.406 and std 0.229, 0.224, 0.225, and the graph shifts or scales its images too (Sub "Sub", Div "Div"): where it does so with pixels in [0,1], write mean 0 and std 1.',
    ]);
  });

  test('is not told for sure where no file says anything: it may take levels', () => {
    const made = draft(inside);
    expect(entriesOf(made.entries).preprocessing).toBeUndefined();
    expect(made.notes).toEqual([
      'The graph shifts or scales its images itself (Sub "Sub", Div "Div"): it may take pixels in [0,1], which is assumed, or levels 0..255, for which std is 1/255.',
    ]);
  });

  test('is told its scale all the same', () => {
    const made = draft(inside, [preprocessor({ preprocessing: { mean: [0], std: [1 / 255] } })]);
    expect(entriesOf(made.entries).preprocessing).toEqual({
      mean: [0, 0, 0],
      std: [1 / 255, 1 / 255, 1 / 255],
    });
  });

  test('is not one that only turns or fills them up, or computes with their sizes', () => {
    const turned = convolution(['N', 4, 4, 3], (b, x) => b.op('Transpose', [x], { perm: [0, 3, 1, 2] }));
    const sized = convolution(['N', 3, 4, 4], (b, x) => {
      const doubled = b.op('Mul', [b.op('Shape', [x]), b.ints([1, 1, 1, 1])]);
      return b.op('Reshape', [x, doubled]);
    });
    const learned = convolution(['N', 3, 4, 4], (b, x) => {
      const ones = b.constant(tensor(Float32Array.of(1, 1, 1), [3]));
      return b.op('BatchNormalization', [x, ones, ones, ones, ones]);
    });
    for (const graph of [turned, sized, learned])
      expect(draft(graph, [preprocessor({ preprocessing: imagenet })]).notes).toEqual([]);
    expect(
      entriesOf(draft(turned, [preprocessor({ preprocessing: imagenet })]).entries).preprocessing,
    ).toEqual(imagenet);
  });
});

test('numbers of another count of channels are left out', () => {
  const made = draft(channelMeans(identity), [
    preprocessor({ preprocessing: { mean: [0.1, 0.2], std: [1] } }),
  ]);
  expect(made.notes).toEqual([
    'preprocessor_config.json has mean and std of 2 channels, and there are 3: left out.',
  ]);
  expect(entriesOf(made.entries).preprocessing).toBeUndefined();
});

describe('images settle a draft', () => {
  const trial = (title: string, right: number, more: Partial<Trial> = {}): Trial => ({
    title,
    channels: 'RGB',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    offset: 0,
    right,
    ...more,
  });
  const plain = draft(channelMeans(identity));
  const hub = draft(channelMeans(identity), [preprocessor({ preprocessing: imagenet })]);
  const other = trial('other', 3, { mean: [0, 0, 0] });

  test('with the one that is clearly best', () => {
    const best = trial('[-1,1]', 9, { channels: 'BGR', offset: 1 });
    const settled = settleDraft(plain, { images: 10, trials: [best, other], near: [best], best });
    expect(entriesOf(settled.entries)).toMatchObject({
      input: { channels: 'BGR' },
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      labels: { offset: 1 },
    });
    expect(settled.entries.filter((e) => e.from === 'images').map((e) => e.entry)).toEqual([
      'input.channels',
      'preprocessing.mean',
      'preprocessing.std',
      'labels.offset',
    ]);
    expect(settled.notes).toEqual([
      '[-1,1] in BGR with offset 1 is clearly best: 9 of 10 images right, next other in RGB with 3.',
    ]);
  });

  test('or agree with a file, or not', () => {
    const own = ownCandidate(hub) as Candidate;
    expect(own).toEqual({ title: 'preprocessor_config.json', channels: 'RGB', ...imagenet });
    const same = trial('ImageNet mean and std', 8, imagenet);
    const agreed = settleDraft(hub, { images: 10, trials: [same, other], near: [same], best: same });
    expect(agreed.entries.find((e) => e.entry === 'preprocessing.mean')).toEqual({
      entry: 'preprocessing.mean',
      value: imagenet.mean,
      from: 'preprocessor_config.json',
      note: 'the images agree',
    });
    const best = trial('[-1,1]', 9);
    const against = settleDraft(hub, {
      images: 10,
      trials: [best, { ...same, right: 1 }],
      near: [best],
      best,
    });
    expect(entriesOf(against.entries).preprocessing?.mean).toEqual([0.5, 0.5, 0.5]);
    expect(against.notes.at(-1)).toBe(
      'preprocessor_config.json says otherwise (1 of 10 images right): the images count.',
    );
  });

  test('and leave it where none is', () => {
    const near = [trial('a', 5), trial('b', 4)];
    const open = settleDraft(hub, { images: 10, trials: near, near });
    expect(entriesOf(open.entries).preprocessing).toEqual(imagenet);
    expect(open.notes).toEqual([
      'No preprocessing is clearly best on these images; among those that may be are a in RGB (5 of 10 images right), b in RGB (4 of 10 images right). More labelled images tell more; until then what is drafted stays.',
    ]);
    // The one offset by which all labels are outputs is known without.
    const shifted = [trial('a', 5, { offset: 1 }), trial('b', 4, { offset: 1 })];
    expect(
      entriesOf(settleDraft(plain, { images: 10, trials: shifted, near: shifted }).entries).labels,
    ).toEqual({ offset: 1 });
  });

  test('in the order of channels that is drafted, where they do not tell it', () => {
    const pair = [trial('[-1,1]', 9), trial('[-1,1]', 9, { channels: 'BGR' })] as const;
    const flipped = draft(channelMeans(identity), [preprocessor({ channels: 'BGR' })]);
    const settled = settleDraft(flipped, { images: 10, trials: [...pair, other], near: pair, best: pair[0] });
    expect(entriesOf(settled.entries).input?.channels).toBe('BGR');
    expect(settled.notes.at(-1)).toBe('The images do not tell the order of the channels.');
  });
});
