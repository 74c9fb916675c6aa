import { type Fields, payloadText, recordMaker } from '../entities/records.ts';
import { idList, missing } from '../parameters.ts';
import { type Answer, type Call, pageInfo } from './endpoint.ts';
import type { EntityPlace } from './entity-list.ts';

/** What the two file libraries share. */
export interface FileLibrary {
  readonly fields: Fields<EntityPlace>;
  readonly count: number;
  readonly idsParameter: string;
  readonly idsMax: number;
  /** The ordinal of an id, or -1. */
  readonly ordinalOf: (id: string) => number;
  /** Filters by name: tells which files stay in. */
  readonly filters: Readonly<Record<string, (value: unknown, name: string) => (ordinal: number) => boolean>>;
}

/** The newest files, newest first. Older ones than `fileSearchMax` are out of reach. */
export function searchFiles(library: FileLibrary, { simulation, parameters, account: readAccount }: Call): Answer {
  const account = readAccount();
  const filtering = parameters.object('filtering') ?? {};
  const page = parameters.integer('page', { min: 1, max: 1_000_000_000, otherwise: 1 });
  const pageSize = parameters.integer('page_size', { min: 1, max: 100, otherwise: 20 });
  parameters.choice('sort_field', ['CREATE_TIME', 'MODIFY_TIME']);
  const record = recordMaker(library.fields, parameters);
  const tests = Object.entries(filtering).flatMap(([name, value]) => {
    const filter = library.filters[name];
    return filter === undefined || value === null ? [] : [filter(value, `filtering.${name}`)];
  });
  const first = (page - 1) * pageSize;
  const oldest = Math.max(0, library.count - simulation.options.fileSearchMax);
  const list: unknown[] = [];
  let total = 0;
  if (tests.length === 0) {
    total = library.count - oldest;
    for (let index = first; index < Math.min(total, first + pageSize); index += 1)
      list.push(record({ account, ordinal: library.count - 1 - index }));
  } else {
    for (let ordinal = library.count - 1; ordinal >= oldest; ordinal -= 1) {
      if (!tests.every((test) => test(ordinal))) continue;
      if (total >= first && total < first + pageSize) list.push(record({ account, ordinal }));
      total += 1;
    }
  }
  return { kind: 'json', json: payloadText({ list, page_info: pageInfo(page, pageSize, total) }), rows: list.length };
}

/** Files by their ids, however old. Unknown ids are left out. */
export function filesByIds(library: FileLibrary, { parameters, account: readAccount }: Call): Answer {
  const account = readAccount();
  const ids = parameters.texts(library.idsParameter);
  if (ids === undefined) throw missing(library.idsParameter);
  const record = recordMaker(library.fields, parameters);
  const ordinals = idList(library.idsParameter, ids, library.idsMax).map(library.ordinalOf);
  const list = [...new Set(ordinals)]
    .filter((ordinal) => ordinal >= 0 && ordinal < library.count)
    .map((ordinal) => record({ account, ordinal }));
  return { kind: 'json', json: payloadText({ list }), rows: list.length };
}
