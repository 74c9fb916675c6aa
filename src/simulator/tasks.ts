import type { Section } from './report-section.ts';

/** Asynchronous reports in the making. */
export interface Tasks {
  readonly create: (task: Omit<Task, 'id' | 'checks' | 'status'>) => Task;
  /** Looks at a task: each look brings it one step on. Undefined if there is none of this id and account. */
  readonly check: (id: string, advertiserId: string) => Task | undefined;
  readonly find: (id: string, advertiserId: string) => Task | undefined;
  readonly cancel: (id: string, advertiserId: string) => Task | undefined;
  readonly clear: () => void;
}

export type TaskStatus = 'QUEUING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'CANCELED';

export interface Task {
  readonly id: string;
  readonly advertiserIds: readonly string[];
  readonly accessToken: string;
  readonly createdAt: number;
  readonly outputFormat: 'CSV_STRING' | 'CSV_DOWNLOAD' | 'XLSX_DOWNLOAD';
  readonly fileName: string;
  readonly translated: boolean;
  readonly sections: () => readonly Section[];
  readonly checks: number;
  readonly status: TaskStatus;
}

export function createTasks(checksUntilReady: number): Tasks {
  const tasks = new Map<string, Task>();

  function find(id: string, advertiserId: string): Task | undefined {
    const task = tasks.get(id);
    return task?.advertiserIds.includes(advertiserId) === true ? task : undefined;
  }

  function replace(task: Task, change: Partial<Task>): Task {
    const changed = { ...task, ...change };
    tasks.set(task.id, changed);
    return changed;
  }

  return {
    find,
    create: (given) => {
      const id = `75${String(10_000_000_000_000_000 + tasks.size * 13)}1`;
      const task: Task = { ...given, id, checks: 0, status: checksUntilReady === 0 ? 'SUCCESS' : 'QUEUING' };
      tasks.set(id, task);
      return task;
    },
    check: (id, advertiserId) => {
      const task = find(id, advertiserId);
      if (task === undefined || task.status === 'CANCELED' || task.status === 'SUCCESS') return task;
      const checks = task.checks + 1;
      return replace(task, { checks, status: checks >= checksUntilReady ? 'SUCCESS' : 'PROCESSING' });
    },
    cancel: (id, advertiserId) => {
      const task = find(id, advertiserId);
      return task === undefined ? undefined : replace(task, { status: 'CANCELED' });
    },
    clear: () => tasks.clear(),
  };
}
