import { describe, expect, it } from 'vitest';
import { createGate } from '../src/gate.ts';

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets in as many as it holds, and the next when one leaves', async () => {
    const gate = createGate(() => 2);
    const leaves = await Promise.all([gate.enter(0, never), gate.enter(0, never)]);
    let third = false;
    const waiting = gate.enter(0, never).then((leave) => {
      third = true;
      return leave;
    });
    await settle();
    expect(third).toBe(false);
    leaves[0]?.();
    leaves[0]?.();
    await waiting;
    let fourth = false;
    void gate.enter(0, never).then(() => {
      fourth = true;
    });
    await settle();
    expect(fourth, 'a place given back twice counts once').toBe(false);
  });

  it('lets further pages in before new requests, each kind in order', async () => {
    const gate = createGate(() => 1);
    const leave = await gate.enter(0, never);
    const order: string[] = [];
    const enter = async (name: string, priority: number): Promise<void> => {
      const done = await gate.enter(priority, never);
      order.push(name);
      done();
    };
    const all = [enter('new 1', 2), enter('page 1', 1), enter('new 2', 2), enter('page 2', 1), enter('odd', 99)];
    leave();
    await Promise.all(all);
    expect(order).toEqual(['page 1', 'page 2', 'new 1', 'new 2', 'odd']);
  });

  it('follows a capacity that grows', async () => {
    let capacity = 1;
    const gate = createGate(() => capacity);
    const leave = await gate.enter(0, never);
    const others = [gate.enter(0, never), gate.enter(0, never)];
    capacity = 3;
    leave();
    expect(await Promise.all(others)).toHaveLength(2);
  });

  it('lets nobody in who has given up, and forgets them', async () => {
    const gate = createGate(() => 1);
    const leave = await gate.enter(0, never);
    const gaveUp = new AbortController();
    const refused = gate.enter(0, gaveUp.signal);
    const next = gate.enter(0, never);
    gaveUp.abort(new Error('cancelled'));
    await expect(refused).rejects.toThrow('cancelled');
    await expect(gate.enter(0, gaveUp.signal)).rejects.toThrow('cancelled');
    leave();
    expect(await next).toBeTypeOf('function');
  });
});
