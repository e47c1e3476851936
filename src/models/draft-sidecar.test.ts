import { describe, expect, test } from 'vitest';
import { channelMeans, identity } from '../../test/small-models.ts';
import { type Dim, floats, type Graph, GraphBuilder } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { contradictionOf } from './contradiction.ts';
import { draftSidecar, entriesOf, type SidecarDraft } from './draft-sidecar.ts';
import type { HubFile } from './hub-file.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { ownCandidate, settleDraft } from './settle-draft.ts';
import type { SidecarEntries } from './sidecar.ts';
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
    input.channels = "RGB"  graph: three channels; RGB is assumed, and not written
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
    input.channels = "RGB"  graph: three channels; RGB is assumed, and not written
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

/** Flat pixels through what stands at the end. */
function headed(end: (b: GraphBuilder, flat: string) => string): Graph {
  const b = new GraphBuilder();
  b.output(end(b, b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 })), 'y');
  return b.finish();
}

describe('of a head that no classes can be read from all but that is written', () => {
  const sigmoids = headed((b, flat) => b.op('Sigmoid', [flat]));
  const column = headed((b, flat) => b.op('Sigmoid', [b.op('ReduceSum', [flat, b.ints([1])])]));

  test('the kind of sigmoids', () => {
    const made = draft(sigmoids);
    expect(entriesOf(made.entries).output).toEqual({ name: 'y', classes: 12 });
    expect(made.missing.map(({ entry }) => entry)).toEqual(['output.kind']);
    expect(made.missing[0]?.what).toContain('"output": { "kind": "sigmoids" }');
    const filled = { ...entriesOf(made.entries), output: { kind: 'sigmoids' as const } };
    const whole = draftSidecar({ graph: sigmoids, model: 'm.onnx', hub: [], given: filled });
    expect(whole.missing).toEqual([]);
    expect(entriesOf(whole.entries, filled).output).toEqual({ kind: 'sigmoids', name: 'y', classes: 12 });
  });

  test('the classes of one column, which are two or none', () => {
    const made = draft(column);
    expect(entriesOf(made.entries).output).toEqual({ name: 'y' });
    expect(made.missing.map(({ entry }) => entry)).toEqual(['output.classes']);
    expect(made.missing[0]?.what).toContain('"output": { "name": "y", "classes": 2 }');
    expect(entriesOf(draft(column, [config({ classes: 7 })]).entries).output).toEqual({ name: 'y' });
    const two = draft(column, [config({ classes: 2 })]);
    expect([entriesOf(two.entries).output, two.missing]).toEqual([
      { name: 'y', kind: 'probabilities', classes: 2 },
      [],
    ]);
  });
});

describe('a sidecar that is there already', () => {
  const given = {
    name: 'ours',
    source: { by: 'hand' },
    input: { channels: 'BGR' as const, note: 'from the paper' },
    preprocessing: { mean: [0.1, 0.2, 0.3], std: [1, 1, 1] },
    labels: { names: ['x', 'y', 'z'] },
    outputs: { seen: 'y' },
  };
  const of = (before: SidecarEntries, hub: readonly HubFile[] = []) =>
    draftSidecar({ graph: channelMeans(identity), model: 'm.onnx', hub, given: before, sidecar: 'm.json' });

  test('keeps all that it says, and is filled in', () => {
    const hub = [preprocessor({ preprocessing: imagenet }), config({ names: ['a', 'b', 'c'] })];
    const made = of(given, hub);
    expect(lines(made)).toMatchInlineSnapshot(`
      "input.name = "x"  graph
      input.layout = "NCHW"  graph
      input.height = 4  graph
      input.width = 4  graph
      input.channels = "BGR"  kept from the sidecar that was there
      output.name = "y"  graph
      output.kind = "logits"  graph
      output.classes = 3  graph
      name = "ours"  kept from the sidecar that was there
      source = {"by":"hand"}  kept from the sidecar that was there
      input.note = "from the paper"  kept from the sidecar that was there
      preprocessing.mean = [0.1,0.2,0.3]  kept from the sidecar that was there
      preprocessing.std = [1,1,1]  kept from the sidecar that was there
      labels.names = ["x","y","z"]  kept from the sidecar that was there
      outputs.seen = "y"  kept from the sidecar that was there"
    `);
    expect(entriesOf(made.entries, given)).toEqual({
      ...given,
      input: { ...given.input, name: 'x', layout: 'NCHW', height: 4, width: 4 },
      output: { name: 'y', kind: 'logits', classes: 3 },
    });
    expect(made.notes).toEqual([
      'preprocessor_config.json says mean 0.485, 0.456, 0.406 and std 0.229, 0.224, 0.225; what was there stays.',
    ]);
  });

  test('an empty preprocessing says that pixels in [0,1] are meant', () => {
    const made = of({ preprocessing: {} }, [preprocessor({ preprocessing: imagenet })]);
    expect(entriesOf(made.entries, { preprocessing: {} }).preprocessing).toEqual({});
    expect(ownCandidate(made)).toEqual({
      title: 'the sidecar that was there',
      channels: 'RGB',
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
  });

  test('is told where a file of a hub says otherwise', () => {
    const made = of({ input: { height: 9 } }, [preprocessor({ size: { height: 4, width: 4 } })]);
    expect(made.notes).toEqual(['preprocessor_config.json says input.height 4; what was there stays.']);
  });

  test('contradicts the graph', () => {
    const graph = channelMeans(identity);
    const why = (before: SidecarEntries) =>
      contradictionOf(graph, 'm.json', entriesOf(of(before).entries, before));
    expect(why(given)).toBeUndefined();
    expect([
      why({ input: { height: 9 } }),
      why({ output: { classes: 4 } }),
      why({ labels: { names: ['a'] } }),
      why({ input: { channels: 'GRAY' } }),
      why({ preprocessing: { mean: [0.5], std: [0.5] } }),
      why({ outputs: { reject: 'none' } }),
    ]).toMatchInlineSnapshot(`
      [
        "The graph takes [N, 3, 4, 4], its sidecar says [N, 3, 9, 4] (NCHW).",
        "The graph has 3 outputs, its sidecar says 4 classes.",
        "labels.names has 1 names for 3 classes.",
        "The layout of the input "x" and the size of the images cannot be known from the graph alone.",
        "preprocessing.mean has 1 entry for 3 channels. preprocessing.std has 1 entry for 3 channels.",
        "The graph has no tensor "none" for the output "reject".",
      ]
    `);
    expect(() => of({ output: { name: 'z' } })).toThrow('The graph has no output "z".');
  });
});

describe('classes that a table model numbers or names itself', () => {
  /** Scores of a linear classifier, or of a ZipMap behind one. */
  const table = (attributes: Record<string, number[] | string[]>, map = false): Graph => {
    const classes = Object.values(attributes)[0]?.length ?? 0;
    const b = new GraphBuilder(undefined, { name: 'table' });
    const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 });
    const domain = 'ai.onnx.ml';
    const plain = { classlabels_ints: Array.from({ length: classes }, (_, i) => i) };
    const [, scores] = b.node(
      'LinearClassifier',
      [x],
      {
        ...(map ? plain : attributes),
        coefficients: floats(Array.from({ length: 12 * classes }, (_, i) => i / 10)),
        intercepts: floats(Array.from({ length: classes }, () => 0)),
        post_transform: 'NONE',
      },
      { domain, outputs: ['label', 'scores'] },
    );
    const end = map ? b.node('ZipMap', [scores], attributes, { domain, outputs: ['maps'] })[0] : scores;
    b.output(end as string);
    return b.finish();
  };

  test('are told where a column is not its label', () => {
    const note = (labels: number[]) => draft(table({ classlabels_ints: labels })).notes;
    expect(note([0, 1, 2])).toEqual([]);
    expect(note([1, 2, 3])).toEqual([
      'The graph calls the columns of "scores" 1, 2, 3, so that an answer\'s column is not its label: for labels in its numbers write labels.offset 1.',
    ]);
    expect(note([3, 5, 9])).toEqual([
      'The graph calls the columns of "scores" 3, 5, 9, so that an answer\'s column is not its label, and no labels.offset makes it so: answers are columns from 0 on, and so must labels be.',
    ]);
    expect(note([2, 1, 0])).toHaveLength(1);
    const given = { labels: { offset: 1 } };
    const told = draftSidecar({
      graph: table({ classlabels_ints: [1, 2, 3] }),
      model: 'm.onnx',
      hub: [],
      given,
    });
    expect(told.notes).toEqual([]);
  });

  test('are named by it, before a file does', () => {
    for (const map of [false, true]) {
      const made = draft(table({ classlabels_strings: ['cat', 'dog', 'owl'] }, map), [
        config({ names: ['a', 'b', 'c'] }),
      ]);
      expect(made.entries.find((e) => e.entry === 'labels.names')).toEqual({
        entry: 'labels.names',
        value: ['cat', 'dog', 'owl'],
        from: 'graph',
      });
    }
  });
});

test('that a graph takes rows is told by the graph, also where images tell their size', () => {
  const b = new GraphBuilder();
  b.output(b.op('Relu', [b.input('x', 'float32', ['N', 12])]), 'y');
  const { entries } = draft(b.finish(), [], { channels: 1, height: 3, width: 4 });
  expect(entries.find(({ entry }) => entry === 'input.layout')).toEqual({
    entry: 'input.layout',
    value: 'flat',
    from: 'graph',
  });
});

test('images whose size the graph leaves open are told by the kind of its input', () => {
  const rows = (columns: Dim): Graph => {
    const b = new GraphBuilder();
    b.output(b.op('Relu', [b.input('x', 'float32', ['N', columns])]), 'y');
    return b.finish();
  };
  const note = (graph: Graph, height: number, width: number, channels = 1) => {
    const made = draft(graph, [], { channels, height, width });
    const sized = made.entries.filter((e) => /height|width/.test(e.entry));
    return [...sized.map((e) => `${e.entry} ${String(e.value)} ${e.from} ${e.note ?? ''}`), ...made.notes];
  };
  expect([
    note(rows(12), 3, 4),
    note(rows(12), 5, 5),
    note(rows(12), 3, 4, 3),
    note(rows('D'), 3, 4),
    note(convolution(['N', 3, 'H', 'W']), 3, 4, 3),
    note(convolution(['N', 3, 'H', 4]), 3, 4, 3),
    note(convolution(['N', 3, 3, 'W']), 3, 4, 3),
  ]).toMatchInlineSnapshot(`
    [
      [
        "input.height 3 images the graph takes rows of 12 numbers and leaves height and width open",
        "input.width 4 images ",
      ],
      [
        "The images have 1 x 5 x 5 = 25 numbers each, and the graph takes rows of 12: their size is not the network's.",
      ],
      [
        "The images have 3 x 3 x 4 = 36 numbers each, and the graph takes rows of 12: their size is not the network's.",
      ],
      [
        "input.height 3 images the graph takes rows of any length",
        "input.width 4 images ",
      ],
      [
        "input.height 3 images the graph takes any size",
        "input.width 4 images ",
      ],
      [
        "input.height 3 images the graph takes any height",
        "input.width 4 graph ",
      ],
      [
        "input.height 3 graph ",
        "input.width 4 images the graph takes any width",
      ],
    ]
  `);
  const given = { input: { height: 3, width: 4, channels: 'GRAY' as const } };
  const images = { channels: 1, height: 9, width: 9 };
  expect(draftSidecar({ graph: rows(12), model: 'm.onnx', hub: [], given, images }).notes).toEqual([]);
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

test('numbers that a sidecar refuses are left out', () => {
  for (const preprocessing of [
    { mean: [0.5], std: [1e-320] },
    { mean: [1e39], std: [1] },
  ]) {
    const made = draft(channelMeans(identity), [preprocessor({ preprocessing })]);
    expect(made.notes).toEqual([
      expect.stringMatching(/^preprocessor_config\.json: preprocessing\..* Mean and std were left out\.$/),
    ]);
    expect(entriesOf(made.entries).preprocessing).toBeUndefined();
  }
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
    const settled = settleDraft(plain, { images: 10, guess: 0.1, trials: [best, other], near: [best], best });
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

  test('so that nothing is assumed of a graph that prepares its images', () => {
    const note = 'The graph shifts or scales its images itself (Sub "s"): it may take pixels in [0,1].';
    const open = { ...plain, notes: [note] };
    const near = [trial('a', 9)];
    const found = { images: 10, guess: 0.1, trials: [...near, other], near };
    expect(settleDraft(open, { ...found, best: near[0] as Trial }).notes).not.toContain(note);
    expect(settleDraft(open, found).notes).toContain(note);
  });

  test('or agree with a file, or not', () => {
    const own = ownCandidate(hub) as Candidate;
    expect(own).toEqual({ title: 'preprocessor_config.json', channels: 'RGB', ...imagenet });
    const same = trial('ImageNet mean and std', 8, imagenet);
    const agreed = settleDraft(hub, {
      images: 10,
      guess: 0.1,
      trials: [same, other],
      near: [same],
      best: same,
    });
    expect(agreed.entries.find((e) => e.entry === 'preprocessing.mean')).toEqual({
      entry: 'preprocessing.mean',
      value: imagenet.mean,
      from: 'preprocessor_config.json',
      note: 'the images agree',
    });
    const best = trial('[-1,1]', 9);
    const against = settleDraft(hub, {
      images: 10,
      guess: 0.1,
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
    const open = settleDraft(hub, { images: 10, guess: 0.1, trials: near, near });
    expect(entriesOf(open.entries).preprocessing).toEqual(imagenet);
    expect(open.notes).toEqual([
      'No preprocessing is clearly best on these images; those that may be right are a in RGB (5 of 10 images right), b in RGB (4 of 10 images right). More labelled images tell more; until then what is drafted stays.',
      'For a in RGB write "preprocessing": { "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5] }',
      'For b in RGB write "preprocessing": { "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5] }',
    ]);
    const third = 1 / 3;
    const exact = [
      trial('[0,1]', 5, { mean: [0, 0, 0], std: [1, 1, 1] }),
      trial('c', 4, { mean: [third, third, third], channels: 'BGR', offset: 1 }),
    ];
    const said = (given: SidecarEntries, doubts?: string[]) => {
      const made = draftSidecar({ graph: channelMeans(identity), model: 'm.onnx', hub: [], given });
      return settleDraft(made, { images: 10, guess: 0.1, trials: exact, near: exact }, doubts).notes;
    };
    expect(said({}).slice(1)).toEqual([
      'For [0,1] in RGB write "preprocessing": {}',
      `For c in BGR with offset 1 write "channels": "BGR" under "input", "preprocessing": { "mean": [${third}, ${third}, ${third}], "std": [0.5, 0.5, 0.5] }, "labels": { "offset": 1 }`,
    ]);
    expect(said({ preprocessing: {} })).toHaveLength(1);
    // Where the network itself is why they are alike, more images do not help.
    expect(said({ preprocessing: {} }, ['RANDOM: it is.'])).toEqual([
      'RANDOM: it is.',
      expect.stringMatching(/images right\). Until then what was there stays\.$/),
    ]);
    // The one offset by which all labels are outputs is known without.
    const shifted = [trial('a', 5, { offset: 1 }), trial('b', 4, { offset: 1 })];
    expect(
      entriesOf(settleDraft(plain, { images: 10, guess: 0.1, trials: shifted, near: shifted }).entries)
        .labels,
    ).toEqual({ offset: 1 });
  });

  test('with the most usual of those that they do not tell apart, which is told', () => {
    const alike = [trial('a', 8, { mean: [0.48, 0.48, 0.48] }), trial('b', 9)];
    const [first] = alike;
    const found = { images: 10, guess: 0.1, trials: [...alike, other], near: alike, best: first as Trial };
    const settled = settleDraft(plain, found);
    expect(settled.entries.find((e) => e.entry === 'preprocessing.mean')).toEqual({
      entry: 'preprocessing.mean',
      value: [0.48, 0.48, 0.48],
      from: 'images',
      note: 'a, most usual of 2 alike',
    });
    expect(settled.notes).toEqual([
      'The images do not tell a in RGB (8 of 10 images right) from what is much like it: b in RGB (9 of 10 images right). It is the most usual of them: write another if you know better. Clearly worse is other in RGB with 3.',
    ]);
    expect(entriesOf(settled.entries).preprocessing?.alike).toEqual(['b']);
    // What a file says is not overruled by what is much like it.
    const said = draft(channelMeans(identity), [preprocessor({ preprocessing: alike[1] as Trial })]);
    const kept = settleDraft(said, found);
    expect(entriesOf(kept.entries).preprocessing).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
    expect(kept.notes).toEqual([
      'The images do not tell b in RGB (9 of 10 images right) from what is much like it: a in RGB (8 of 10 images right). It stays. Clearly worse is other in RGB with 3.',
    ]);
  });

  test('and name none where none is better than guessing', () => {
    const trials = [trial('a', 2), other];
    expect(settleDraft(plain, { images: 10, guess: 1, trials, near: [] }).notes).toEqual([
      'All images have the same label, which tells nothing; what is drafted stays.',
    ]);
    const open = settleDraft(plain, { images: 10, guess: 0.25, trials, near: [] });
    expect(open.notes).toEqual([
      "No preprocessing does better than guessing on these images (25.0 %); at best a in RGB (2 of 10 images right). Are they and their labels of the model's dataset? Until then what is drafted stays.",
    ]);
  });

  test('but not what was there before', () => {
    const best = trial('[-1,1]', 9, { channels: 'BGR', offset: 1 });
    const found = { images: 10, guess: 0.1, trials: [best, other], near: [best], best };
    const before = (given: SidecarEntries) => {
      const made = draftSidecar({ graph: channelMeans(identity), model: 'm.onnx', hub: [], given });
      const { entries, notes } = settleDraft(made, found);
      return { ...entriesOf(entries, given), notes: notes.slice(1) };
    };
    const preprocessing = { mean: [0, 0, 0], std: [0.5, 0.5, 0.5] };
    expect(before({ preprocessing })).toMatchObject({
      preprocessing,
      labels: { offset: 1 },
      notes: [
        'The sidecar that was there says otherwise (3 of 10 images right): what was there stays. Take preprocessing out of it to have that of the images.',
      ],
    });
    const held = before({ input: { channels: 'RGB' } });
    expect([held.input?.channels, held.preprocessing]).toEqual(['RGB', undefined]);
    expect(held.notes).toEqual([
      'input.channels RGB was there and stays, so that no mean and std are written, which stand in its order. Where the images are right, make it BGR and run the command again.',
    ]);
    expect(before({ labels: { offset: 0 } })).toMatchObject({
      labels: { offset: 0 },
      input: { channels: 'BGR' },
    });
    expect(
      before({ preprocessing: { mean: [...best.mean], std: [...best.std] }, input: { channels: 'BGR' } })
        .notes,
    ).toEqual(['The images agree with the preprocessing that was there.']);
  });

  test('in the order of channels that is drafted, where they do not tell it', () => {
    const pair = [trial('[-1,1]', 9), trial('[-1,1]', 8, { channels: 'BGR' })] as const;
    const flipped = draft(channelMeans(identity), [preprocessor({ channels: 'BGR' })]);
    const settled = settleDraft(flipped, {
      images: 10,
      guess: 0.1,
      trials: [...pair, other],
      near: pair,
      best: pair[0],
    });
    expect(entriesOf(settled.entries).input?.channels).toBe('BGR');
    expect(settled.notes.at(-1)).toBe(
      'The images do not tell the order of the channels: BGR stays (8 of 10 images right).',
    );
    expect(settled.notes.at(-2)).toBe(
      '[-1,1] in RGB is clearly best: 9 of 10 images right, next other in RGB with 3.',
    );
  });
});
