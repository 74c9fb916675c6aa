import { z } from 'zod';
import { countOf } from './entities/traits.ts';
import { ordinalOf } from './ids.ts';
import { isRecord } from './parameters.ts';
import type { Simulation } from './simulation.ts';
import { createTruth, entityRequestSchema, truthRequestSchema } from './truth.ts';

const clockSchema = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advanceMs: z.int() }),
  z.strictObject({ advanceDays: z.number() }),
]);

const worldSchema = z.union([
  z.strictObject({
    advertiserId: z.string(),
    insert: z.enum(['campaign', 'adgroup', 'ad']),
    count: z.int().min(1).default(1),
    daysAgo: z.int().min(0).default(0),
  }),
  z.strictObject({ advertiserId: z.string(), delete: z.enum(['campaign', 'adgroup', 'ad']), id: z.string() }),
]);

/**
 * The simulator's own endpoints, below `/_control/`: no token, no quota, no faults.
 * `POST faults` adds a rule or a list of them, `DELETE faults` removes all, `GET faults` shows them with their hits. `POST truth`
 * takes what `Truth` takes (`keys: true` adds the keys of the rows; with `resource`, the ids of entities).
 */
export function control(
  simulation: Simulation,
  request: { readonly method: string; readonly path: string; readonly body: unknown },
): { readonly status: number; readonly body: unknown } {
  const { faults, recorder, clock, world, quota, reports, tasks, revoked } = simulation;
  const name = `${request.method} ${request.path}`;
  try {
    switch (name) {
      case 'POST faults':
        faults.add(Array.isArray(request.body) ? request.body : [request.body]);
        return { status: 200, body: faults.read() };
      case 'GET faults':
        return { status: 200, body: faults.read() };
      case 'DELETE faults':
        faults.clear();
        return { status: 200, body: [] };
      case 'GET stats':
        return { status: 200, body: recorder.read() };
      case 'DELETE stats':
        recorder.reset();
        return { status: 200, body: {} };
      case 'POST reset':
        faults.clear();
        recorder.reset();
        quota.reset();
        clock.reset();
        world.reset();
        reports.clear();
        tasks.clear();
        revoked.clear();
        return { status: 200, body: {} };
      case 'GET clock':
        return { status: 200, body: { now: new Date(clock.now()).toISOString() } };
      case 'POST clock': {
        const change = clockSchema.parse(request.body);
        if ('now' in change) clock.set(Date.parse(change.now));
        else clock.advance('advanceMs' in change ? change.advanceMs : change.advanceDays * 86_400_000);
        return { status: 200, body: { now: new Date(clock.now()).toISOString() } };
      }
      case 'POST world':
        return { status: 200, body: changeWorld(simulation, worldSchema.parse(request.body)) };
      case 'POST truth':
        return { status: 200, body: readTruth(simulation, request.body) };
      default:
        return { status: 404, body: { error: `There is no ${name} below /_control/.` } };
    }
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
    if (error instanceof RangeError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

function readTruth(simulation: Simulation, request: unknown): unknown {
  const truth = createTruth(simulation);
  if (isRecord(request) && 'resource' in request) return { ids: truth.entities(entityRequestSchema.parse(request)) };
  const { keys, ...rest } = z.looseObject({ keys: z.boolean().default(false) }).parse(request);
  const wanted = truthRequestSchema.parse(rest);
  return keys ? { ...truth.totals(wanted), keys: truth.keys(wanted) } : truth.totals(wanted);
}

function changeWorld({ world, clock }: Simulation, change: z.output<typeof worldSchema>): unknown {
  const account = world.account(change.advertiserId);
  if (account === undefined) throw new RangeError(`There is no account ${change.advertiserId}.`);
  if ('insert' in change) {
    const atSecond = Math.floor(clock.now() / 1000) - change.daysAgo * 86_400;
    for (let i = 0; i < change.count; i += 1) world.insert(change.advertiserId, change.insert, atSecond);
    return { inserted: change.count };
  }
  const ordinal = ordinalOf(account, change.delete, change.id);
  if (ordinal < 0 || ordinal >= countOf(account, change.delete))
    throw new RangeError(`There is no ${change.delete} ${change.id}.`);
  world.change(change.advertiserId, { kind: 'delete', entity: change.delete, ordinal, day: clock.of(account).today });
  return { deleted: change.id };
}
