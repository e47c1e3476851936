import { exists, readFile, writeFileAtomic } from '../runtime/index.ts';
import type { Progress } from '../training/index.ts';

/** One line of `training.jsonl`: means over the last steps. */
export interface LogLine {
  step: number;
  steps: number;
  loss: number;
  /** On what the step learned from: adversarial images where a defense made them. */
  accuracy: number | undefined;
  rate: number;
  norm: number;
  /** Of training so far, interruptions apart. */
  seconds: number;
}

/** The lines of a `training.jsonl`; none where there is no such file. */
export async function readLog(file: string): Promise<LogLine[]> {
  if (!(await exists(file))) return [];
  return new TextDecoder()
    .decode(await readFile(file))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}

/** Collects a training's log; where the training goes on from a checkpoint, later lines of the old log are dropped. */
export async function openLog(
  file: string,
  every: number,
): Promise<{ see: (progress: Progress) => void; write: (to?: string) => Promise<void> }> {
  const before = await readLog(file);
  let lines: LogLine[] | undefined;
  let started = performance.now();
  return {
    see({ step, steps, loss, accuracy, rate, norm }) {
      if (lines === undefined) {
        lines = before.filter((l) => l.step < step);
        started -= 1000 * (lines.at(-1)?.seconds ?? 0);
      }
      if (step % every !== 0 && step !== steps) return;
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      const short = (v: number): number => Number(v.toPrecision(5));
      lines.push({
        step,
        steps,
        loss: short(loss),
        accuracy: accuracy === undefined ? undefined : short(accuracy),
        rate: short(rate),
        norm: short(norm),
        seconds,
      });
    },
    async write(to = file) {
      const text = (lines ?? before).map((l) => `${JSON.stringify(l)}\n`).join('');
      await writeFileAtomic(to, new TextEncoder().encode(text));
    },
  };
}
