import { findingsText } from '../../report/index.ts';
import { defineCommand } from '../command.ts';
import { machineFacts } from '../doctor/facts.ts';
import { findings } from '../doctor/findings.ts';
import { terminal } from '../terminal.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Whether this machine has what advarena needs, and what to do where it has not.',
  build: (command) =>
    command
      .option('--json', 'one JSON object on stdout')
      .addHelpText('after', '\nExit code: 1 where something fails, 0 for warnings.')
      .action(async ({ json }: { json?: boolean }) => {
        const facts = await machineFacts();
        const found = findings(facts);
        const ok = found.every(({ state }) => state !== 'fail');
        if (!ok) process.exitCode = 1;
        process.stdout.write(
          json === true
            ? `${JSON.stringify({ ok, versions: facts.versions, findings: found })}\n`
            : `${findingsText(found, terminal())}\n`,
        );
      }),
});
