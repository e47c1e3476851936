/** How far training is. Loss, accuracy and speed are means over the last steps. */
export interface Progress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** In [0,1]; undefined where there are no labels. */
  readonly accuracy: number | undefined;
  /** Learning rate of the last step. */
  readonly rate: number;
  /** Norm of the last step's gradients, before clipping. */
  readonly norm: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** Means and speed run over this many steps. */
const window = 20;

/** What one step adds to the progress. */
interface StepDone {
  step: number;
  images: number;
  loss: number;
  correct: number | undefined;
  rate: number;
  norm: number;
}

/** Gathers steps into progress. @param now seconds, from any start */
export function progressOf(steps: number, now: () => number): (done: StepDone) => Progress {
  const recent: (StepDone & { end: number })[] = [];
  let begin = now();
  return (done) => {
    recent.push({ ...done, end: now() });
    if (recent.length > window) begin = recent.shift()?.end ?? begin;
    const images = sum(recent.map((r) => r.images));
    const seconds = Math.max(1e-9, now() - begin);
    const right = recent.map((r) => r.correct).filter((c) => c !== undefined);
    return {
      step: done.step,
      steps,
      loss: sum(recent.map((r) => r.loss)) / recent.length,
      accuracy: right.length === 0 ? undefined : sum(right) / images,
      rate: done.rate,
      norm: done.norm,
      imagesPerSecond: images / seconds,
      secondsLeft: ((steps - done.step) * seconds) / recent.length,
    };
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, v) => a + v, 0);
}

/** `step 120/1000  812 images/s  loss 1.234  accuracy 56.2 %  3:12 left` */
export function progressLine(p: Progress): string {
  const seconds = Math.round(p.secondsLeft);
  const two = (v: number): string => String(v).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const time = minutes < 60 ? `${minutes}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return [
    `step ${p.step}/${p.steps}`,
    `${p.imagesPerSecond.toFixed(0)} images/s`,
    `loss ${p.loss.toFixed(3)}`,
    ...(p.accuracy === undefined ? [] : [`accuracy ${(100 * p.accuracy).toFixed(1)} %`]),
    `${time}:${two(seconds % 60)} left`,
  ].join('  ');
}
