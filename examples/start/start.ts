import path from 'node:path';
import { loadRules } from 'advarena/arena';
import { cli } from 'advarena/cli';
import { defaultHosts, exists, readFile, sha256, version } from 'advarena/runtime';

/** `npm start`: the tournament of the rules beside this file; `npm start -- --full`: the large one. */
const words = process.argv.slice(2);
const full = words[0] === '--full';
/** What the large one takes of one processor. */
const fullMinutes = 70;

process.chdir(path.join(import.meta.dirname, '..', '..'));
if (words.length > Number(full)) {
  process.stderr.write(`npm start takes nothing or --full, not "${words.join(' ')}".\n`);
  process.exitCode = 2;
} else await hold(path.join('examples', 'start', full ? 'full.yaml' : 'tournament.yaml'));

async function hold(rules: string): Promise<void> {
  const name = path.basename(rules, '.yaml');
  // What is wrong with the rules or the networks the command says better.
  const folder = path.join(
    'runs',
    await identity(rules).then(
      (id) => `${name}-${id}`,
      () => name,
    ),
  );
  if (full && !(await exists(path.join(folder, 'report.html')))) {
    const minutes = Math.ceil(fullMinutes / defaultHosts());
    process.stderr.write(`This takes about ${minutes} minutes. Ctrl-C stops it; the same command goes on.\n`);
  }
  await cli(['tournament', 'run', rules, '--out', folder]);
  if ((process.exitCode ?? 0) === 0) process.stdout.write(next(rules, path.join(folder, 'report.html')));
}

/** Other rules, networks or software are another run: each has a folder of its own. */
async function identity(rules: string): Promise<string> {
  const { models } = await loadRules(rules);
  const networks = Object.values(models).flatMap((m) =>
    'file' in m ? [path.join(path.dirname(rules), m.file)] : [],
  );
  const files = [rules, ...networks, ...networks.map((file) => file.replace(/onnx$/, 'json'))];
  const hashes = await Promise.all(files.map(async (file) => sha256(await readFile(file))));
  return sha256(new TextEncoder().encode([version, ...hashes].join())).slice(0, 8);
}

function next(rules: string, report: string): string {
  return `
Open ${path.resolve(report)} in a browser. What to try next:
  attack a network, your own ONNX file in its place
    npm run -s advarena -- data roadsigns --count 100 --seed 2 --out runs/signs
    npm run -s advarena -- attack zoo/roadsigns-resnet/model.onnx --images runs/signs --attack pgd --epsilon 8/255
  let it defend
    add it under models and defenses in ${rules}, then npm start
  change the rules
    other photographs (dataset.seed), bounds, attacks, defenses in the same file, then npm start
  look into the networks
    npm run -s advarena -- zoo list${full ? '' : '\n  hold the large tournament\n    npm start -- --full'}
`;
}
