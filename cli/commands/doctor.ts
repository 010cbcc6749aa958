import type { Command } from 'commander';
import { examine } from '../../lab/doctor.ts';
import { loadTensors } from '../../lab/registry/tensors.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';

/** `halftone doctor`: what is here, what is missing and what it would bring. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('say what works on this machine and what is missing')
    .description(
      'Tries every execution provider on a tiny graph and lists the libraries with their versions.',
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone doctor')
    .action(async (options: { json?: true }) => {
      const report = await examine();
      const { backend, missing } = await loadTensors();
      const system = { node: process.versions.node, platform: `${process.platform} ${process.arch}` };
      if (options.json) return printJson({ ...system, ...report, tensors: { backend, missing } });
      const chosen = report.providers.find(({ available }) => available);
      printLines(
        `Node ${system.node} on ${system.platform}`,
        '',
        'Execution providers, in the order in which they are tried:',
        ...table(
          report.providers.map(({ name, available, reason, description }) => [
            `  ${available ? '✓' : '–'}`,
            name,
            available
              ? `${description}${name === chosen?.name ? ' (chosen)' : ''}`
              : `not available: ${reason ?? 'no reason given'}`,
          ]),
        ),
        '',
        'Libraries:',
        ...table(
          report.components.map(({ name, version, role }) => [
            `  ${version === null ? '–' : '✓'}`,
            name,
            version ?? 'missing',
            role,
          ]),
        ),
        '',
        `Tensors for plugins run on TensorFlow.js '${backend}'${missing.length === 0 ? '' : ` (${missing.join('; ')})`}`,
      );
    });
}
