/** A simulator in a process of its own: `node bench/simulate.ts OPTIONS_JSON` prints its URL and ends with its standard input. */
import { startSimulator } from '../src/simulator/index.ts';

const simulator = await startSimulator(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`${simulator.url}\n`);
process.stdin.on('end', () => void simulator.close().then(() => process.exit(0)));
process.stdin.resume();
