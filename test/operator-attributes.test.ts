import { expect, test, vi } from 'vitest';
import type { Node } from '../src/onnx/index.ts';
import type { Case } from './operators/case.ts';
import { cases } from './operators/cases/index.ts';
import { judged } from './operators/verdict.ts';

// The cases of operators, with the project's own code blind to one attribute after the other: each time one of them
// fails. (test/operator-forms.test.ts shows that they hold where it is not.)

/** What the code reads in the place of an attribute's value, and whether it has asked. */
const blind = vi.hoisted(() => ({
  name: '',
  instead: (() => undefined) as (value: unknown) => unknown,
  asked: false,
}));

vi.mock(import('../src/onnx/graph.ts'), async (original) => {
  const own = await original();
  const seen = (node: Node, name: string): Node => {
    const given = node.attributes[name];
    if (name !== blind.name || given === undefined) return node;
    blind.asked = true;
    const value = blind.instead(given.value);
    const { [name]: _, ...rest } = node.attributes;
    const attributes = value === undefined ? rest : { ...rest, [name]: { ...given, value } };
    return { ...node, attributes } as Node;
  };
  return {
    ...own,
    intAttribute: (node, name, fallback) => own.intAttribute(seen(node, name), name, fallback),
    intsAttribute: (node, name) => own.intsAttribute(seen(node, name), name),
    floatAttribute: (node, name, fallback) => own.floatAttribute(seen(node, name), name, fallback),
    floatsAttribute: (node, name) => own.floatsAttribute(seen(node, name), name),
    stringAttribute: (node, name, fallback) => own.stringAttribute(seen(node, name), name, fallback),
    tensorAttribute: (node, name) => own.tensorAttribute(seen(node, name), name),
  };
});

/** Lists whose order says nothing, or whose length alone is read. */
const unordered = [
  'MeanVarianceNormalization: axes',
  ...'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ').map((name) => `Reduce${name}: axes`),
  'Unsqueeze: axes',
  'ai.onnx.ml.LinearClassifier: intercepts',
];

interface Way {
  readonly read: string;
  readonly instead: (value: unknown) => unknown;
  /** What makes no difference so. */
  readonly harmless: readonly string[];
}

const ways: readonly Way[] = [
  {
    read: 'as if it were not there',
    instead: () => undefined,
    // The caches have the size of it.
    harmless: [
      'RotaryEmbedding: rotary_embedding_dim',
      'com.microsoft.RotaryEmbedding: rotary_embedding_dim',
    ],
  },
  {
    read: 'the other way round',
    instead: (v) => (Array.isArray(v) ? v.toReversed() : v),
    harmless: unordered,
  },
  {
    read: 'with its halves exchanged',
    instead: (v) => (Array.isArray(v) ? [...v.slice(v.length / 2), ...v.slice(0, v.length / 2)] : v),
    // Of these pads the sum counts, or what hands them on to MaxPool.
    harmless: ['MaxUnpool: pads', ...unordered, 'com.microsoft.NhwcMaxPool: pads'],
  },
];

async function fails(c: Case): Promise<boolean> {
  return await judged(c, {}, []).then(
    ({ wrong }) => wrong.length > 0,
    () => true,
  );
}

test.for(ways)('an attribute that is read $read is found', async ({ instead, harmless }) => {
  const found = new Set<string>();
  const missed = new Set<string>();
  blind.instead = instead;
  for (const c of cases)
    for (const [name, given] of Object.entries(c.attributes)) {
      const what = `${c.operator}: ${name}`;
      const value = typeof given === 'object' && 'value' in given ? given.value : given;
      if (found.has(what) || String(instead(value)) === String(value)) continue;
      blind.name = name;
      blind.asked = false;
      const failed = await fails(c);
      blind.name = '';
      if (failed) found.add(what);
      else if (blind.asked) missed.add(what);
    }
  expect(found.size).toBeGreaterThan(40);
  expect([...missed.difference(found)].toSorted()).toEqual(harmless);
});
