import { isAtLeast } from '../node-version.ts';
import type { MachineFacts, Trouble } from './facts.ts';

/** One thing that was looked at. */
export interface Finding {
  name: string;
  /** `warn`: works, but slower or not everything; `fail`: this package does not work here. */
  state: 'ok' | 'warn' | 'fail';
  found: string;
  /** What to do about it, where it is not ok. */
  remedy?: string;
}

/** Bytes that one host with a middling model takes. */
const perHost = 2 ** 28;

const again = 'Install the package again on this machine: npm install advarena.';

/** What a machine's facts mean for this package. */
export function findings(facts: MachineFacts): Finding[] {
  const { node, versions, devices, codec } = facts;
  const version = versions['onnxruntime-node'] ?? 'unknown';
  return [
    {
      name: 'Node',
      found: node.version,
      ...(isAtLeast(node.version, node.needed)
        ? { state: 'ok' }
        : { state: 'fail', remedy: `Install Node ${node.needed} or newer, from https://nodejs.org.` }),
    },
    tried('ONNX Runtime', `${version}, runs on the CPU`, devices.cpu, { state: 'fail', remedy: again }),
    tried('image codec', 'reads and writes PNG', codec, { state: 'fail', remedy: again }),
    ...(['webgpu', 'cuda'] as const).map((device) =>
      tried(`device ${device}`, 'runs', devices[device], { state: 'warn', remedy: 'Use the device cpu.' }),
    ),
    { name: 'cores', state: 'ok', found: `${facts.threads} hardware threads, ${facts.processor}` },
    instructions(facts.features),
    memory(facts),
    ...facts.folders.map(({ name, path, trouble }) =>
      tried(name, `${path} can be written to`, trouble, {
        state: 'warn',
        remedy: 'Choose another place for what is written.',
      }),
    ),
  ];
}

function tried(
  name: string,
  found: string,
  trouble: Trouble,
  otherwise: { state: 'warn' | 'fail'; remedy: string },
): Finding {
  if (trouble === undefined) return { name, state: 'ok', found };
  return {
    name,
    found: trouble.message,
    ...otherwise,
    ...(trouble.remedy !== undefined && { remedy: trouble.remedy }),
  };
}

/** Sets without which the runtime's loops take several times as long, by the names of x64 and of arm64. */
const wanted = ['avx2', 'asimd'];
const more = ['fma', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_tile', 'asimddp', 'i8mm', 'sve'];

function instructions(features: readonly string[] | undefined): Finding {
  const name = 'instruction sets';
  if (features === undefined) return { name, state: 'ok', found: 'not told by this system' };
  const found = [...wanted, ...more].filter((each) => features.includes(each)).join(', ');
  if (wanted.some((each) => features.includes(each))) return { name, state: 'ok', found };
  return {
    name,
    state: 'warn',
    found: found === '' ? 'none that ONNX Runtime has fast loops for' : found,
    remedy: 'Expect several times the usual time, or use a machine with AVX2.',
  };
}

function memory({ memory: { total, free }, threads }: MachineFacts): Finding {
  const found = `${gibibytes(free)} free of ${gibibytes(total)}`;
  const hosts = Math.floor(free / perHost);
  if (hosts >= threads) return { name: 'memory', state: 'ok', found };
  return {
    name: 'memory',
    state: 'warn',
    found,
    remedy: `Free some, or use fewer hosts than the ${threads} of the default: --hosts ${Math.max(1, hosts)}.`,
  };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
