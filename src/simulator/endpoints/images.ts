import { imageFields } from '../entities/files.ts';
import { imageOrdinal, ordinalOf } from '../ids.ts';
import { idList } from '../parameters.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { type FileLibrary, filesByIds, searchFiles } from './file-list.ts';

function libraryOf({ simulation, account: readAccount }: Call): FileLibrary {
  const account = readAccount();
  const fields = imageFields(simulation.clock.now());
  const equal = (name: string) => (value: unknown) => (ordinal: number) => fields[name]?.({ account, ordinal }) === value;
  return {
    fields,
    count: account.shape.images,
    idsParameter: 'image_ids',
    idsMax: 100,
    ordinalOf: (id) => imageOrdinal(account, id),
    filters: {
      image_ids: (value, name) => {
        const wanted = new Set(idList(name, value, 100).map((id) => imageOrdinal(account, id)));
        return (ordinal) => wanted.has(ordinal);
      },
      material_ids: (value, name) => {
        const wanted = new Set(idList(name, value, 100).map((id) => ordinalOf(account, 'image-material', id)));
        return (ordinal) => wanted.has(ordinal);
      },
      height: equal('height'),
      width: equal('width'),
      displayable: equal('displayable'),
    },
  };
}

/** `file/image/ad/search/` (docs 1740052016789506). */
export const imageSearch: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => searchFiles(libraryOf(call), call),
};

/** `file/image/ad/info/`. */
export const imageInfo: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => filesByIds(libraryOf(call), call),
};
