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
      queries: 11,
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
    cleanAccuracy: samples.filter((s) => s.clean === s.label).length / count,
    robustAccuracy: samples.filter((s) => s.clean === s.label && s.adversarial === s.label).length / count,
    seconds: 3.42,
    gradients: 400,
    queries: 440,
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
