import { createLogUpdate } from 'log-update';
import { printable, printableLines } from '../report/index.ts';
import { isLive } from './terminal.ts';

/** Live lines on a terminal, a plain line now and then elsewhere; silent where told. */
export interface Progress {
  update(line: string): void;
  /** Leaves the last line standing. */
  done(): void;
}

/** Seconds between plain lines where the output is no terminal. */
const plainEvery = 10;

/** Progress on stderr, so that results on stdout stay clean. */
export function progress(silent: boolean): Progress {
  if (silent) return { update: () => undefined, done: () => undefined };
  if (isLive(process.stderr)) {
    const live = createLogUpdate(process.stderr);
    let drawn = 0;
    return {
      update(line) {
        const now = performance.now();
        if (now - drawn < 80) return;
        drawn = now;
        live(printableLines(line));
      },
      done: () => live.clear(),
    };
  }
  let next = performance.now() + plainEvery * 1000;
  return {
    update(line) {
      if (performance.now() < next) return;
      next = performance.now() + plainEvery * 1000;
      process.stderr.write(`${printable(line.replaceAll('\n', '; '))}\n`);
    },
    done: () => undefined,
  };
}

/** `1 h 02 min`, `3 min 05 s`, `12 s`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s >= 3600)
    return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  return s >= 60 ? `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s` : `${s} s`;
}
