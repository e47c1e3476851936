import type { AttackResult, SampleResult } from '../../src/judge/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

const count = 40;

/** What an attack on 40 small images might give: 34 right when clean, most of them fooled. */
export function attackResult(): AttackResult {
  const samples = Array.from({ length: count }, (_, i): SampleResult => {
    const label = i % 5;
    const clean = i % 7 === 6 ? (label + 1) % 5 : label;
    const adversarial = i % 4 === 3 ? clean : (label + 1 + (i % 3)) % 5;
    return {
      id: `sign-${String(i).padStart(3, '0')}`,
      label,
      clean,
      adversarial,
      margin: 0.15 + ((i * 37) % 40) / 9,
      success: clean === label && adversarial !== label,
      linf: i % 9 === 0 ? 7 / 255 : 8 / 255,
      l2: 1.2 + ((i * 13) % 17) / 40,
      distance: i % 9 === 0 ? 7 / 255 : 8 / 255,
      proposed: i % 9 === 0 ? 7.4 / 255 : 8 / 255,
      asked: { decisions: 0, scores: 11, gradients: 10 },
    };
  });
  return {
    model: 'roadsigns-small',
    attack: 'mi-fgsm',
    options: { steps: 10, decay: 1, start: 'clean' },
    norm: 'linf',
    epsilon: 8 / 255,
    pixels: '8-bit',
    goal: 'untargeted',
    seed: 1,
    labelsFrom: 'true',
    stopEarly: false,
    data: { images: '0'.repeat(64) },
    opponent: 'gradient',
    versions: { advarena: '0.0.0', 'onnxruntime-node': '0.0.0' },
    draws: 1,
    cleanAccuracy: samples.filter((s) => s.clean === s.label).length / count,
    robustAccuracy: samples.filter((s) => s.clean === s.label && s.adversarial === s.label).length / count,
    seconds: 3.42,
    asked: { decisions: 0, scores: 440, gradients: 400 },
    confirmations: 40,
    flags: [
      { code: 'ZERO_GRADIENT', message: 'The gradient vanished on 3 of 40 images: masking is likely.' },
    ],
    samples,
  };
}

/** Its images: smooth colours, and the same with a chequered change of 8 levels. */
export function attackImages(): { clean: Tensor<'uint8'>; adversarial: Tensor<'uint8'> } {
  const size = 32;
  const clean = new Uint8Array(count * 3 * size * size);
  for (let i = 0; i < clean.length; i++) {
    const x = i % size;
    const y = Math.floor(i / size) % size;
    const image = Math.floor(i / (3 * size * size));
    clean[i] =
      60 + Math.round(((x * (image % 3) + y * 2 + (Math.floor(i / (size * size)) % 3) * 40) * 120) / 200);
  }
  const adversarial = clean.map((v, i) => v + ((i + Math.floor(i / size)) % 2 === 0 ? 8 : -8));
  const shape = [count, 3, size, size];
  return { clean: tensor(clean, shape, 'uint8'), adversarial: tensor(adversarial, shape, 'uint8') };
}

/** The same images, judged over four draws of a random detector, by an attack of minimum norm within a region. */
export function randomResult(): AttackResult {
  const { epsilon: _, flags: _flags, ...result } = attackResult();
  const draws = 4;
  const samples = result.samples.map((s, i): SampleResult => {
    const clean = s.clean === s.label ? (4 - (i % 2)) / draws : 0;
    const adversarial = s.success ? (i % 3) / draws : clean;
    return {
      ...s,
      clean: i % 20 === 3 ? -1 : s.clean,
      adversarial: i % 5 === 1 ? -1 : s.adversarial,
      margin: i % 5 === 1 ? Number.NaN : s.margin,
      draws: { clean, adversarial, success: s.success ? clean - adversarial : 0 },
      asked: { decisions: 3, scores: 20, gradients: 10 },
    };
  });
  const mean = (of: (s: NonNullable<SampleResult['draws']>) => number): number =>
    samples.reduce((sum, s) => sum + (s.draws === undefined ? 0 : of(s.draws)), 0) / count;
  return {
    ...result,
    norm: 'l2',
    epsilon: null,
    region: { share: 0.05 },
    draws,
    samples,
    cleanAccuracy: mean((d) => d.clean),
    robustAccuracy: mean((d) => d.adversarial),
    robustInAny: 0.75,
    robustInAll: 0.1,
    abstained: { clean: 0.0375, adversarial: 0.2125, robust: 0.5125 },
    curve: [
      { epsilon: 0, robustAccuracy: 0.875 },
      { epsilon: 0.5, robustAccuracy: 0.5125 },
      { epsilon: 2, robustAccuracy: 0.125 },
    ],
    asked: { decisions: 120, scores: 800, gradients: 400 },
    flags: [],
  };
}
