// The lab's process under plain Node, with the shell's side of its ports acted out: `electron` itself needs
// a binary. Calls `about` and `doctor` as a page would and prints the answers as one JSON line.
// Arguments: the process's file, the data folder, the application's folder.
import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';

const [file, dataDir, root] = process.argv.slice(2);
process.argv = [...process.argv.slice(0, 2), dataDir, root];
process.parentPort = new EventEmitter();
await import(file);

const { port1: page, port2: lab } = new MessageChannel();
const labPort = {
  postMessage: (message) => lab.postMessage(message),
  on: (name, listener) => lab.on(name, (data) => listener({ data })),
  start: () => lab.start(),
};
process.parentPort.emit('message', { ports: [labPort] });

function call(method) {
  return new Promise((resolve) => {
    page.on('message', (answer) => {
      if (answer.i === method) resolve(answer.e ?? answer.r);
    });
    page.postMessage({ t: 'q', i: method, m: method, a: [] });
  });
}

const answers = { about: await call('about'), doctor: await call('doctor') };
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit());
