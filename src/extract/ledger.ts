/** Why a request was made; every request of a run is one of these, and retries come on top. */
export type CallReason = 'planned' | 'further_page' | 'split' | 'reread' | 'control' | 'probe' | 'reach';

/** Counts requests by reason, so that calls made can be compared with calls planned. */
export interface Ledger {
  readonly note: (reason: CallReason) => void;
  /** An answer said that so many further pages follow. */
  readonly foresee: (pages: number) => void;
  /** So many records came. */
  readonly receive: (records: number) => void;
  readonly counts: () => Readonly<Record<CallReason, number>>;
  /** Pages foreseen and records received so far. */
  readonly seen: () => { readonly pages: number; readonly records: number };
}

export function createLedger(): Ledger {
  const counts: Record<CallReason, number> = { planned: 0, further_page: 0, split: 0, reread: 0, control: 0, probe: 0, reach: 0 };
  const seen = { pages: 0, records: 0 };
  return {
    foresee: (pages) => {
      seen.pages += pages;
    },
    receive: (records) => {
      seen.records += records;
    },
    seen: () => ({ ...seen }),
    note: (reason) => {
      counts[reason] += 1;
    },
    counts: () => ({ ...counts }),
  };
}
