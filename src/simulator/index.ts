import type { AddressInfo } from 'node:net';
import { systemClock } from '../clock.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import { parseOptions, type SimulatorOptions } from './options.ts';
import { createSimulatorServer } from './server.ts';
import { createSimulation } from './simulation.ts';
import type { Statistics } from './statistics.ts';
import { createTruth, type Truth } from './truth.ts';
import type { World } from './world.ts';

/** A running simulator of TikTok's Marketing API. */
export interface Simulator {
  /** Base of the API: `http://127.0.0.1:PORT/open_api/v1.3/`. */
  readonly url: string;
  /** Base of the simulator's own endpoints: `http://127.0.0.1:PORT/_control/`. */
  readonly controlUrl: string;
  readonly port: number;
  /** Ids of the listed accounts. */
  readonly advertiserIds: readonly string[];
  readonly truth: Truth;
  readonly faults: Faults;
  readonly clock: Pick<Clock, 'now' | 'set' | 'advance'>;
  readonly world: World;
  readonly stats: () => Statistics;
  readonly resetStats: () => void;
  /** Ends all connections at once. */
  readonly close: () => Promise<void>;
}

/** Starts a simulator on a free port, or on the one given. Throws a ConfigError that lists all wrong options. */
export async function startSimulator(
  options: SimulatorOptions = {},
  realNow: () => number = systemClock.now,
): Promise<Simulator> {
  const simulation = createSimulation(parseOptions(options), realNow);
  const server = createSimulatorServer(simulation);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(simulation.options.port, simulation.options.host, resolve);
  });
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const origin = `http://${simulation.options.host}:${port}`;
  return {
    url: `${origin}/open_api/v1.3/`,
    controlUrl: `${origin}/_control/`,
    port,
    advertiserIds: simulation.world.advertiserIds,
    truth: createTruth(simulation),
    faults: simulation.faults,
    clock: simulation.clock,
    world: simulation.world,
    stats: simulation.recorder.read,
    resetStats: simulation.recorder.reset,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
