/** Lets a limited number of requests be under way, in order of priority (0 first), first come first served within one. */
export interface Gate {
  /** Resolves with the function that gives the place back. Rejects when aborted. */
  readonly enter: (priority: number, signal: AbortSignal) => Promise<() => void>;
}

interface Waiter {
  readonly open: () => void;
}

/** `capacity` is asked anew each time, so that it can follow the latency. */
export function createGate(capacity: () => number): Gate {
  const queues: Waiter[][] = [[], [], [], []];
  let inside = 0;

  const leave = (): void => {
    inside -= 1;
    admit();
  };
  const admit = (): void => {
    while (inside < capacity()) {
      const waiter = queues.find((queue) => queue.length > 0)?.shift();
      if (!waiter) return;
      inside += 1;
      waiter.open();
    }
  };

  return {
    enter: (priority, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const queue = queues[Math.min(priority, queues.length - 1)] ?? [];
        let left = false;
        const waiter: Waiter = {
          open: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(() => {
              if (left) return;
              left = true;
              leave();
            });
          },
        };
        const onAbort = (): void => {
          const at = queue.indexOf(waiter);
          if (at >= 0) queue.splice(at, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(waiter);
        admit();
      }),
  };
}
