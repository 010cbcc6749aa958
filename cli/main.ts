import { Command } from 'commander';
import { addAttack } from './commands/attack.ts';
import { addPluginLists } from './commands/attacks.ts';
import { addBench } from './commands/bench.ts';
import { addCalibrate } from './commands/calibrate.ts';
import { addClassify } from './commands/classify.ts';
import { addData } from './commands/data.ts';
import { addDoctor } from './commands/doctor.ts';
import { addGradient } from './commands/gradient.ts';
import { addModels } from './commands/models.ts';
import { addPlugins } from './commands/plugins.ts';
import { addRectify } from './commands/rectify.ts';
import { addRun } from './commands/run.ts';
import { addSheet } from './commands/sheet.ts';
import { addSimulate } from './commands/simulate.ts';
import { addStart } from './commands/start.ts';
import { addTrain } from './commands/train.ts';
import { addTransfer } from './commands/transfer.ts';
import { runToExit } from './session.ts';
import { halftoneVersion } from './version.ts';

/** The `halftone` command. */
async function main(signal: AbortSignal): Promise<void> {
  const program = new Command('halftone')
    .description('A lab for physical-world adversarial attacks.')
    .version(await halftoneVersion())
    .showSuggestionAfterError()
    .exitOverride()
    // Errors are printed once, at the end, by `runToExit`.
    .configureOutput({ outputError: () => {} });
  addStart(program, signal);
  addClassify(program, signal);
  addAttack(program, signal);
  addPluginLists(program);
  addGradient(program, signal);
  addModels(program, signal);
  addData(program, signal);
  addPlugins(program, signal);
  addTrain(program, signal);
  addSheet(program, signal);
  addSimulate(program, signal);
  addRectify(program, signal);
  addCalibrate(program, signal);
  addRun(program, signal);
  addTransfer(program, signal);
  addBench(program, signal);
  addDoctor(program);
  await program.parseAsync();
}

await runToExit(main);
