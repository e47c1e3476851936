import { describe, expect, test } from 'vitest';
import { asWritten, JsonFault, readJson } from './json.ts';

/** What reading a text comes to: its fault, or nothing. */
function fault(text: string): string | undefined {
  try {
    readJson(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return error.message;
  }
}

const rewritten = (text: string): string => {
  const { data, source } = readJson(text);
  return JSON.stringify(asWritten(data, source));
};

describe('an entry that stands twice is a fault', () => {
  test.for([
    ['{"a": 1, "a": 1}', 'has a twice: see line 1, column 10'],
    ['{"a": {"b": 1,\n "c": [1, {"d": 1, "d": 2}]}}', 'has a.c[1].d twice: see line 2, column 20'],
    ['{"a": {"b": [], "x": {}}, "a": 1}', 'has a twice: see line 1, column 27'],
    ['{"b": {"a": 1}, "a": {}, "\\u0061": 2}', 'has a twice: see line 1, column 26'],
    ['[{"a": {}}, {"a": 1, "a": {}}]', 'has [1].a twice: see line 1, column 22'],
    ['{"": 1, "": 2}', 'has  twice: see line 1, column 9'],
  ])('%s', ([text, message]) => expect(fault(text as string)).toBe(message));

  test.for([
    '{"a": {"a": {"a": 1}}, "b": {"a": "a"}}',
    '[{"a": 1}, {"a": 1}, ["a", "a"]]',
    '{"a": "b", "b": "a", "c": "{\\"c\\": 1, \\"c\\": 2}"}',
    '{"a\\\\": "\\\\", "a": ":,[]{}"}',
    '"a"',
    '[]',
  ])('not in %s', (text) => expect(fault(text)).toBeUndefined());
});

test('a name that objects of this language take for something else is a fault wherever it stands', () => {
  expect(fault('{"__proto__": 1}')).toBe('has the name "__proto__", which is taken: see line 1, column 2');
  expect(fault('[{"a": {"\\u005f_proto__": {}}}]')).toMatch(/^has the name "__proto__"/);
  expect(fault('{"a": "__proto__"}')).toBeUndefined();
});

test('what is no JSON, and what is nested too deeply', () => {
  expect(fault('{"a": 1,}')).toBe('is no JSON: see line 1, column 9');
  expect(fault('{"a": ')).toBe('is no JSON: it is cut off at its end');
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  expect(fault(nested(400))).toBeUndefined();
  expect(fault(nested(100_000))).toBe('is nested too deeply');
});

test('long texts and many entries are read in a moment', () => {
  const entries = Array.from({ length: 30_000 }, (_, i) => `"${i}": "class ${i}"`);
  const text = `{"id2label": {${entries.join()}}, "long": "${'x\\n'.repeat(3_000_000)}"}`;
  const started = performance.now();
  expect(fault(text)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(5000);
});

describe('numbers stay as they are written', () => {
  test.for([
    '{"a":12345678901234567890,"b":[2.50,-0,1e400,1E+2],"c":{"d":0.1000}}',
    '[1.0,"1.0",true,null,[[3.10]]]',
    '7.70',
  ])('%s', (text) => expect(rewritten(text)).toBe(text));

  test('but for those that changed, and beside new ones', () => {
    const { source } = readJson('{"a": 2.50, "b": [1.0, 2.0], "c": 1.0}');
    const data = { new: 5, a: 2.75, b: [1, 3, 4], c: { d: 1 } };
    expect(JSON.stringify(asWritten(data, source))).toBe('{"new":5,"a":2.75,"b":[1.0,3,4],"c":{"d":1}}');
    expect(JSON.stringify(asWritten(data, undefined))).toBe(JSON.stringify(data));
  });
});
