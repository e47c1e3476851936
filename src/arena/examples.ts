import type { Example } from './result.ts';
import type { RunFile } from './run-file.ts';
import { isTargeted, type Tallies } from './tally.ts';

/**
 * Images for the report: right when clean for at least half of the defenses and fooling as many of those as can be,
 * at the largest epsilon at which the attack made them. One of each attack in turn, the most telling first, no image
 * twice while others are left.
 */
export function chooseExamples(run: RunFile, tallies: Tallies): Example[] {
  const { images, labelOffset } = run.dataset;
  const { attacks, defenses, examples: wanted } = run.rules;
  const cellsOf = Map.groupBy(tallies.cells, (c) => c.attack.name);
  const queues = attacks.map((attack) => {
    const cells = cellsOf.get(attack.name) ?? [];
    return tallies.made
      .filter((m) => m.attack === attack)
      .flatMap((made) =>
        images.flatMap((image, row) => {
          const blob = made.blobs.get(image.id);
          const clean = tallies.cleanBlobs.get(image.id);
          if (blob === undefined || clean === undefined) return [];
          const at = cells.filter(
            (c) => c.epsilon === made.epsilon && (made.against === undefined || made.against === c.defense),
          );
          const right = tallies.clean.filter((c) => (c.right[row] as number) > 0);
          const fooled = at.filter(
            (c) =>
              ((isTargeted(attack) ? c.hit : c.error)[row] as number) > 0 &&
              right.some((r) => r.defense === c.defense),
          );
          const met = made.against === undefined ? defenses.length : 1;
          const own = right.filter((r) => made.against === undefined || made.against === r.defense);
          if (fooled.length === 0 || own.length * 2 < met) return [];
          return [
            {
              attack,
              epsilon: made.epsilon,
              against: made.against,
              row,
              blob,
              clean,
              fooled: fooled.length,
              right: right.length,
            },
          ];
        }),
      )
      .toSorted((a, b) => b.fooled - a.fooled || b.right - a.right || b.epsilon - a.epsilon || a.row - b.row);
  });
  type Candidate = (typeof queues)[number][number];
  const used = new Set<number>();
  const chosen: Candidate[] = [];
  for (let open = queues.filter((q) => q.length > 0); open.length > 0 && chosen.length < wanted; ) {
    for (const queue of open.toSorted((a, b) => (b[0] as Candidate).fooled - (a[0] as Candidate).fooled)) {
      if (chosen.length === wanted) break;
      const fresh = queue.findIndex((c) => !used.has(c.row));
      const [candidate] = queue.splice(Math.max(0, fresh), 1) as [Candidate];
      used.add(candidate.row);
      chosen.push(candidate);
    }
    open = queues.filter((q) => q.length > 0);
  }
  const name = (answer: number | undefined): number | null =>
    answer === undefined || answer < 0 ? null : answer + labelOffset;
  return chosen.map(({ attack, epsilon, against, row, blob, clean }) => {
    const image = images[row] as RunFile['dataset']['images'][number];
    const cells = (cellsOf.get(attack.name) ?? []).filter((c) => c.epsilon === epsilon);
    return {
      id: image.id,
      attack: attack.name,
      epsilon,
      label: image.label + labelOffset,
      ...(isTargeted(attack) && image.target !== undefined ? { target: image.target + labelOffset } : {}),
      clean,
      adversarial: blob,
      answers: (against === undefined ? defenses : [against]).map((defense) => ({
        defense: defense.name,
        clean: name(tallies.clean.find((c) => c.defense === defense)?.answers[row]),
        adversarial: name(cells.find((c) => c.defense === defense)?.answers[row]),
      })),
    };
  });
}
