import { describe, expect, test } from 'vitest';
import { upgrade } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { caseGraph, caseNames, caseTensor, readCase, relativeError } from './fixtures.ts';

const names = caseNames();

/** 18 is what rules are written for; 21 has the last change of form: a graph joined with a newer one goes there. */
describe.skipIf(names.length === 0)(
  'upgraded graphs give the same outputs (needs the shared fixtures)',
  () => {
    describe.for([18, 21])('to opset %i', (target) => {
      test.for(names.filter((name) => readCase(name).opset < target))('%s', async (name) => {
        const about = readCase(name);
        const graph = upgrade(caseGraph(name), target);
        expect(graph.opsets.get('')).toBe(target);
        const feeds: Record<string, AnyTensor> = {};
        for (const input of about.inputs) feeds[input.name] = caseTensor(name, input.file);
        const session = await createSession(graph, { name });
        try {
          const outputs = await session.run(feeds, [about.output]);
          const found = outputs[about.output] as AnyTensor;
          const reference = caseTensor(name, 'output.npy');
          expect(found.shape).toEqual(reference.shape);
          expect(relativeError(found, reference)).toBeLessThan(about.tolerance);
        } finally {
          await session.release();
        }
      });
    });
  },
);
