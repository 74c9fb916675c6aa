/** What the simulator saw. Times are real milliseconds since 1970. */
export interface Statistics {
  readonly calls: number;
  readonly callsByPath: Readonly<Record<string, number>>;
  readonly callsByAdvertiser: Readonly<Record<string, number>>;
  /** By return code; `0` is success, `http 504` and the like an answer of the edge. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers 40100, 40016 and 40133 given by the quota, not by a fault. */
  readonly throttled: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly bytes: number;
  /** Most calls that arrived within any second, and within any minute. */
  readonly maxCallsInSecond: number;
  readonly maxCallsInMinute: number;
  /** Calls that the quota let through, in the same way. */
  readonly maxGrantedInSecond: number;
  readonly maxGrantedInMinute: number;
  readonly firstCallAt: number | null;
  readonly lastCallAt: number | null;
  readonly maxConcurrent: number;
  /** The newest requests, oldest first. */
  readonly requests: readonly RequestRecord[];
}

export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly appId: string | null;
  readonly answer: string;
  readonly fault: string | null;
}

export interface Recorder {
  readonly began: (at: number) => void;
  readonly granted: (at: number) => void;
  readonly answered: (
    record: RequestRecord,
    answer: { readonly rows: number; readonly bytes: number; readonly throttled: boolean },
  ) => void;
  readonly calls: () => number;
  readonly read: () => Statistics;
  readonly reset: () => void;
}

export function createRecorder(requestsKept: number): Recorder {
  let state = emptyState();

  function began(at: number): void {
    state.calls += 1;
    state.concurrent += 1;
    state.maxConcurrent = Math.max(state.maxConcurrent, state.concurrent);
    state.firstCallAt ??= at;
    state.lastCallAt = at;
    state.second.add(at);
    state.minute.add(at);
  }

  function answered(record: RequestRecord, answer: { rows: number; bytes: number; throttled: boolean }): void {
    state.concurrent -= 1;
    // Begun before the statistics were: it would stand among calls of which it is none.
    if (state.firstCallAt === null || record.at < state.firstCallAt) return;
    count(state.callsByPath, record.path);
    const advertiser = record.parameters['advertiser_id'] ?? record.parameters['advertiser_ids'];
    if (advertiser !== undefined) count(state.callsByAdvertiser, advertiser);
    count(state.answers, record.answer);
    if (record.fault !== null) count(state.faults, record.fault);
    if (answer.throttled) state.throttled += 1;
    state.rows += answer.rows;
    state.bytes += answer.bytes;
    state.requests.push(record);
    if (state.requests.length > requestsKept * 2) state.requests.splice(0, state.requests.length - requestsKept);
  }

  return {
    began,
    granted: (at) => {
      state.grantedSecond.add(at);
      state.grantedMinute.add(at);
    },
    answered,
    calls: () => state.calls,
    read: () => ({
      calls: state.calls,
      callsByPath: { ...state.callsByPath },
      callsByAdvertiser: { ...state.callsByAdvertiser },
      answers: { ...state.answers },
      throttled: state.throttled,
      faults: { ...state.faults },
      rows: state.rows,
      bytes: state.bytes,
      maxCallsInSecond: state.second.max(),
      maxCallsInMinute: state.minute.max(),
      maxGrantedInSecond: state.grantedSecond.max(),
      maxGrantedInMinute: state.grantedMinute.max(),
      firstCallAt: state.firstCallAt,
      lastCallAt: state.lastCallAt,
      maxConcurrent: state.maxConcurrent,
      requests: state.requests.slice(-requestsKept),
    }),
    reset: () => {
      const { concurrent } = state;
      state = { ...emptyState(), concurrent };
    },
  };
}

interface State {
  calls: number;
  concurrent: number;
  maxConcurrent: number;
  throttled: number;
  rows: number;
  bytes: number;
  firstCallAt: number | null;
  lastCallAt: number | null;
  callsByPath: Record<string, number>;
  callsByAdvertiser: Record<string, number>;
  answers: Record<string, number>;
  faults: Record<string, number>;
  requests: RequestRecord[];
  second: Peak;
  minute: Peak;
  grantedSecond: Peak;
  grantedMinute: Peak;
}

function emptyState(): State {
  const numbers = {
    calls: 0,
    concurrent: 0,
    maxConcurrent: 0,
    throttled: 0,
    rows: 0,
    bytes: 0,
    firstCallAt: null,
    lastCallAt: null,
  };
  const maps = { callsByPath: {}, callsByAdvertiser: {}, answers: {}, faults: {}, requests: [] };
  return {
    ...numbers,
    ...maps,
    second: peak(1_000),
    minute: peak(60_000),
    grantedSecond: peak(1_000),
    grantedMinute: peak(60_000),
  };
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

interface Peak {
  readonly add: (at: number) => void;
  readonly max: () => number;
}

/** The most times within any period of this length. */
function peak(periodMs: number): Peak {
  const times: number[] = [];
  let first = 0;
  let most = 0;
  return {
    add: (at) => {
      times.push(at);
      while ((times[first] ?? at) <= at - periodMs) first += 1;
      most = Math.max(most, times.length - first);
      if (first > 50_000) {
        times.splice(0, first);
        first = 0;
      }
    },
    max: () => most,
  };
}
