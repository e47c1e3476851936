import { assert, constantFrom, dictionary, jsonValue, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelMeans, identity } from '../../test/small-models.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { networkGraph } from './network.ts';
import { parseSidecar } from './sidecar.ts';

/** What is said of a text that is no sidecar. */
function said(text: string): string {
  try {
    return `taken: ${JSON.stringify(parseSidecar(text, 'm.json'))}`;
  } catch (error) {
    const { code, where, message, remedy } = error as AdvarenaError;
    return `${code} ${where}: ${message}\n  ${remedy}`;
  }
}

const ofPreprocessing = (preprocessing: object, input = {}): string =>
  said(JSON.stringify({ input, preprocessing }));

test('every entry may be left out, and entries of others stay', () => {
  expect(parseSidecar('{}', 'm.json')).toEqual({});
  expect(parseSidecar('\u{FEFF}{}\n', 'm.json')).toEqual({});
  const line = { preprocessing: { mean: [0.5], std: [0.25] } };
  expect(parseSidecar(JSON.stringify(line), 'm.json')).toEqual(line);
  const own = {
    source: { file: 'x.pth' },
    title: 'Ours',
    classes: ['cat', 'dog'],
    preprocessing: { meaning: 'so' },
  };
  expect(parseSidecar(JSON.stringify(own), 'm.json')).toEqual(own);
});

describe('what is no sidecar is told', () => {
  test('by the file', () => {
    const texts = [
      '',
      ' \n',
      'null',
      '[]',
      '[1]',
      '3',
      '"x"',
      '{ "input": ',
      '{"a": 1,}',
      '{"a": [1,]}',
      '{ a: 1 }',
      '{"mine": {"a": 1},\n "mine": 2}',
      '{"input": {"__proto__": 1}}',
    ];
    expect(texts.map(said).join('\n')).toMatchInlineSnapshot(`
      "SIDECAR m.json: The sidecar is empty.
        Write {} or remove it to have what is safe inferred.
      SIDECAR m.json: The sidecar is empty.
        Write {} or remove it to have what is safe inferred.
      SIDECAR m.json: The sidecar is null; write an object of entries, {} at the least.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: The sidecar is an empty list; write an object of entries, {} at the least.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: The sidecar is a list; write an object of entries, {} at the least.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: The sidecar is 3; write an object of entries, {} at the least.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: The sidecar is "x"; write an object of entries, {} at the least.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: The sidecar is no JSON: it is cut off at its end.
        Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
      SIDECAR m.json: The sidecar is no JSON: see line 1, column 9.
        Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
      SIDECAR m.json: The sidecar is no JSON: "]" stands where it cannot.
        Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
      SIDECAR m.json: The sidecar is no JSON: see line 1, column 3.
        Mend the file: names and texts in double quotes, no comma after a last entry, no comments.
      SIDECAR m.json: The sidecar has mine twice: see line 2, column 2.
        Leave the one that is right.
      SIDECAR m.json: The sidecar has the name "__proto__", which is taken: see line 1, column 12.
        Choose another name."
    `);
  });

  test('by all entries at once, in words of ours', () => {
    const wrong = {
      name: 3,
      input: { layout: 'nchw', channels: 'BRG', height: 0.5, width: '224' },
      preprocessing: { mean: null, std: [0.5, 0, 'x'] },
      output: { classes: 1, kind: 'logit' },
    };
    expect(said(JSON.stringify(wrong))).toMatchInlineSnapshot(`
      "SIDECAR m.json: name is 3; write a text. input.layout is "nchw"; write "NCHW", "NHWC" or "flat". Did you mean "NCHW"? input.height is 0.5; write a whole number of pixels. input.width is "224"; write a whole number of pixels. input.channels is "BRG"; write "RGB", "BGR" or "GRAY". Did you mean "BGR"? preprocessing.mean is null; write a list of numbers, one per channel, such as [0.5, 0.5, 0.5]. Leave the entry out where it is not known. preprocessing.std[1] is 0; write a number above 0. preprocessing.std[2] is "x"; write a number above 0. There are 2 more such entries.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all."
    `);
    const more = {
      input: [],
      output: null,
      outputs: { '1st': 'x', second: 3 },
      labels: { offset: 0.5, names: ['a', 2] },
    };
    expect(said(JSON.stringify(more))).toMatchInlineSnapshot(`
      "SIDECAR m.json: input is an empty list; write an object with name, layout, height, width or channels. output is null; write an object with name, kind or classes. Leave the entry out where it is not known. outputs has the name "1st"; names begin with a letter and hold letters, digits, _ and -. outputs.second is 3; write the name of a tensor of the graph. labels.offset is 0.5; write a whole number, the label of output 0. labels.names[1] is 2; write the name of a class.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all."
    `);
  });

  test('by entries that are misspelt or elsewhere', () => {
    const wrong = {
      preprocesing: {},
      input: { chanels: 'RGB', colour: 3 },
      image_mean: [0],
      classes: 10,
      labels: { offst: 1 },
      outputs: { chanels: 'x' },
    };
    expect(said(JSON.stringify(wrong))).toMatchInlineSnapshot(`
      "SIDECAR m.json: Unknown entry preprocesing. Did you mean preprocessing? Unknown entry image_mean. Did you mean preprocessing.mean? Unknown entry classes. Did you mean output.classes? Unknown entry input.chanels. Did you mean input.channels? Unknown entry labels.offst. Did you mean labels.offset?
        Correct these entries, or leave out what the graph tells; docs/formats.md has all."
    `);
    // An entry of their writer's own beside the right one.
    expect(said('{"name": "m", "nam": "n"}')).toBe('taken: {"name":"m","nam":"n"}');
  });

  test('by numbers that are for levels, with those for pixels', () => {
    const levels = [
      { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
      { mean: [123.68, 116.779, 103.939], std: [1, 1, 1] },
      { mean: [123.68, 116.779, 103.939], std: [0.229, 0.224, 0.225] },
      { mean: [0, 0, 0], std: [255, 255, 255] },
      { mean: [-127.5] },
    ];
    expect(levels.map((l) => ofPreprocessing(l)).join('\n')).toMatchInlineSnapshot(`
      "SIDECAR m.json: preprocessing.mean and preprocessing.std are on the scale 0..255, but pixels are in [0,1].
        Divide by 255: "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225].
      SIDECAR m.json: preprocessing.mean is on the scale 0..255, but pixels are in [0,1].
        Divide by 255: "mean": [0.48502, 0.457957, 0.407604], "std": [0.00392157, 0.00392157, 0.00392157].
      SIDECAR m.json: preprocessing.mean is on the scale 0..255, but pixels are in [0,1].
        Divide by 255: "mean": [0.48502, 0.457957, 0.407604], "std": [0.229, 0.224, 0.225].
      SIDECAR m.json: preprocessing.std is on the scale 0..255, but pixels are in [0,1].
        Divide by 255: "mean": [0, 0, 0], "std": [1, 1, 1].
      SIDECAR m.json: preprocessing.mean is on the scale 0..255, but pixels are in [0,1].
        Divide by 255: "mean": [-0.5]."
    `);
    // Levels themselves are asked for by a deviation of 1/255; pixels in [1, 2] by a mean of -1.
    for (const right of [
      { mean: [0.4], std: [1 / 255] },
      { mean: [-1], std: [1] },
    ])
      expect(ofPreprocessing(right)).toMatch(/^taken/);
  });

  test('by numbers that no pixel can be shifted and divided by', () => {
    const texts = ['[1e400, 0, 0]', '[-1e400, 123.68, 0]', '[1e39, 0, 0]', '[0, -256, 0]'].map(
      (mean) => `{"preprocessing": {"mean": ${mean}}}`,
    );
    texts.push(
      ...['[1e-320, 1, 1]', '[1, 1e-38, 1e400]', '[1e39, 1e-60, 1]'].map(
        (std) => `{"preprocessing": {"std": ${std}}}`,
      ),
    );
    expect(texts.map(said).join('\n')).toMatchInlineSnapshot(`
      "SIDECAR m.json: preprocessing.mean[0] is Infinity; write a number.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: preprocessing.mean[0] is -Infinity; write a number.
        Correct these entries, or leave out what the graph tells; docs/formats.md has all.
      SIDECAR m.json: preprocessing.mean[0] is 1e+39, far from any pixel.
        Write mean and std of pixels in [0,1], such as 0.5.
      SIDECAR m.json: preprocessing.mean[1] is -256, far from any pixel.
        Write mean and std of pixels in [0,1], such as 0.5.
      SIDECAR m.json: preprocessing.std[0] is 1e-320, too small to divide by in float32.
        Write mean and std of pixels in [0,1], such as 0.5.
      SIDECAR m.json: preprocessing.std[2] is Infinity; write a number above 0. preprocessing.std[1] is 1e-38, too small to divide by in float32.
        Write mean and std of pixels in [0,1], such as 0.5.
      SIDECAR m.json: preprocessing.std[0] is 1e+39, far from any pixel. preprocessing.std[1] is 1e-60, too small to divide by in float32.
        Write mean and std of pixels in [0,1], such as 0.5."
    `);
    expect(ofPreprocessing({ std: [1e-30] })).toMatch(/^taken/);
  });

  test('by lists that are not one number per channel', () => {
    const lists = [
      ofPreprocessing({ mean: [0.5, 0.5, 0.5], std: [0.5] }, { channels: 'GRAY' }),
      ofPreprocessing({ mean: [0.5], std: [0.5, 0.5, 0.5, 0.5] }, { channels: 'BGR' }),
      ofPreprocessing({ mean: [0.5], std: [0.5, 0.5] }),
      ofPreprocessing({ mean: [], std: [] }),
    ];
    expect(lists.join('\n')).toMatchInlineSnapshot(`
      "SIDECAR m.json: preprocessing.mean has 3 entries for 1 channel.
        Give one number per channel, in the order of input.channels.
      SIDECAR m.json: preprocessing.mean has 1 entry for 3 channels. preprocessing.std has 4 entries for 3 channels.
        Give one number per channel, in the order of input.channels.
      SIDECAR m.json: preprocessing.std has 2 entries for 1 channel.
        Give one number per channel, in the order of input.channels.
      SIDECAR m.json: preprocessing.mean has no entry. preprocessing.std has no entry.
        Give one number per channel, in the order of input.channels."
    `);
  });

  test('a great many are counted', () => {
    expect(ofPreprocessing({ mean: Array.from({ length: 20 }, () => 'x') })).toContain(
      'preprocessing.mean[7] is "x"; write a number. There are 12 more such entries.',
    );
  });
});

test('any JSON is a sidecar of a model, or one error that says why not', () => {
  const graph = channelMeans(identity);
  const names =
    'name input layout height width channels preprocessing mean std output kind classes outputs labels dataset offset names'.split(
      ' ',
    );
  const values = oneof(
    constantFrom('NCHW', 'NHWC', 'RGB', 'BGR', 'GRAY', 'x', 'y', 'logits', 'probabilities', null),
    constantFrom(0, 1, 3, 4, -1, 0.5, 255, 1e300, [0, 0, 0], [1], [1, 1, 1], {}),
    jsonValue({ maxDepth: 1 }),
  );
  const key = oneof({ weight: 9, arbitrary: constantFrom(...names) }, { weight: 1, arbitrary: string() });
  const part = oneof(values, dictionary(key, values));
  const whole = oneof({ weight: 9, arbitrary: dictionary(key, part) }, { weight: 1, arbitrary: jsonValue() });
  /** What is wrong with the answer to some JSON; nothing where it is a sidecar. */
  const answered = (data: unknown): object => {
    try {
      const given = parseSidecar(JSON.stringify(data), 'm.json');
      networkGraph(graph, inferSidecar(graph, 'm.onnx', { given, sidecar: 'm.json' }), { name: 'm' });
      taken++;
      return good;
    } catch (error) {
      if (!(error instanceof AdvarenaError)) throw error;
      const { code, message, remedy } = error;
      return {
        code: /^(?:SIDECAR|SIDECAR_NEEDED|MODEL_INPUT|MODEL_OUTPUT|OUTPUT)$/.test(code) ? 'right' : code,
        raw: /undefined|\[object|Invalid|expected/.exec(message),
        remedy: remedy === undefined ? 'none' : 'there',
      };
    }
  };
  const good = { code: 'right', raw: null, remedy: 'there' };
  let taken = 0;
  assert(
    property(whole, (data) => {
      expect(answered(data)).toEqual(good);
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(0);
});
