import { createLab } from '../lab/lab.ts';
import { serveLab } from '../lab/serve.ts';
import { portChannel } from './port-channel.ts';

/**
 * The process that the lab runs in: a crash in native code ends this and not the window. Each port that comes is
 * a page to serve. Its arguments are the data folder and the application's own.
 */
const [dataDir, root] = process.argv.slice(-2);
if (dataDir === undefined || root === undefined) throw new Error('the lab process needs its two folders');
const lab = createLab({ dataDir, root });

process.parentPort.on('message', ({ ports }) => {
  const [port] = ports;
  if (port === undefined) return;
  const served = serveLab(lab, portChannel(port));
  port.on('close', () => served.close());
  port.start();
});
