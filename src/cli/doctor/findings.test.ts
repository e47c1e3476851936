import { expect, test } from 'vitest';
import { findingsText } from '../../report/index.ts';
import { type MachineFacts, machineFacts } from './facts.ts';
import { findings } from './findings.ts';

const sound: MachineFacts = {
  node: { version: 'v24.15.0', needed: '24.15' },
  versions: { advarena: '1.0.0', 'onnxruntime-node': '1.2.3' },
  devices: { cpu: undefined, webgpu: undefined, cuda: undefined },
  codec: undefined,
  threads: 4,
  processor: 'a processor',
  features: ['sse', 'avx2', 'fma'],
  memory: { total: 8 * 2 ** 30, free: 2 ** 30 },
  folders: [{ name: 'working folder', path: 'here', trouble: undefined }],
};

/** What is not ok on a machine that differs from a sound one: name, state and remedy. */
function amiss(change: Partial<MachineFacts>): string[][] {
  return findings({ ...sound, ...change })
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, found, remedy = 'none' }) => [name, state, found, remedy]);
}

test('a sound machine', () => {
  expect(amiss({})).toEqual([]);
  expect(findingsText(findings(sound))).toMatchInlineSnapshot(`
    "ok    Node              v24.15.0
    ok    ONNX Runtime      1.2.3, runs on the CPU
    ok    image codec       reads and writes PNG
    ok    device webgpu     runs
    ok    device cuda       runs
    ok    cores             4 hardware threads, a processor
    ok    instruction sets  avx2, fma
    ok    memory            1.0 GiB free of 8.0 GiB
    ok    working folder    here can be written to"
  `);
});

test('each thing that is amiss has a state and a remedy', () => {
  const trouble = { message: 'It broke.' };
  const { cpu, webgpu, cuda } = sound.devices;
  expect([
    amiss({ node: { version: 'v24.14.1', needed: '24.15' } }),
    amiss({ devices: { cpu: trouble, webgpu, cuda } }),
    amiss({ devices: { cpu, webgpu: { message: 'No card.', remedy: 'Buy one.' }, cuda: trouble } }),
    amiss({ codec: trouble }),
    amiss({ features: ['sse'] }),
    amiss({ features: undefined }),
    amiss({ memory: { total: 8 * 2 ** 30, free: 2 ** 30 - 1 } }),
    amiss({ folders: [{ name: 'temporary folder', path: 'there', trouble }] }),
  ]).toMatchInlineSnapshot(`
    [
      [
        [
          "Node",
          "fail",
          "v24.14.1",
          "Install Node 24.15 or newer, from https://nodejs.org.",
        ],
      ],
      [
        [
          "ONNX Runtime",
          "fail",
          "It broke.",
          "Install the package again on this machine: npm install advarena.",
        ],
      ],
      [
        [
          "device webgpu",
          "warn",
          "No card.",
          "Buy one.",
        ],
        [
          "device cuda",
          "warn",
          "It broke.",
          "Use the device cpu.",
        ],
      ],
      [
        [
          "image codec",
          "fail",
          "It broke.",
          "Install the package again on this machine: npm install advarena.",
        ],
      ],
      [
        [
          "instruction sets",
          "warn",
          "none that ONNX Runtime has fast loops for",
          "Expect several times the usual time, or use a machine with AVX2.",
        ],
      ],
      [],
      [
        [
          "memory",
          "warn",
          "1.0 GiB free of 8.0 GiB",
          "Free some, or use fewer hosts than the 4 of the default: --hosts 3.",
        ],
      ],
      [
        [
          "temporary folder",
          "warn",
          "It broke.",
          "Choose another place for what is written.",
        ],
      ],
    ]
  `);
});

test('this machine runs the tests, so that nothing fails here', async () => {
  const facts = await machineFacts();
  expect(findings(facts).filter(({ state }) => state === 'fail')).toEqual([]);
  expect(facts.threads).toBeGreaterThan(0);
  expect(facts.memory.free).toBeLessThanOrEqual(facts.memory.total);
});
