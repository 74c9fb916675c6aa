import type { Account } from '../account.ts';
import { videoFields } from '../entities/files.ts';
import { ordinalOf, videoOrdinal } from '../ids.ts';
import { idList } from '../parameters.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { type FileLibrary, filesByIds, searchFiles } from './file-list.ts';

function libraryOf({ simulation, account: readAccount }: Call): FileLibrary {
  const account: Account = readAccount();
  const fields = videoFields(simulation.clock.now());
  return {
    fields,
    count: account.shape.videos,
    idsParameter: 'video_ids',
    idsMax: 60,
    ordinalOf: (id) => videoOrdinal(account, id),
    filters: {
      video_ids: (value, name) => {
        const wanted = new Set(idList(name, value, 100).map((id) => videoOrdinal(account, id)));
        return (ordinal) => wanted.has(ordinal);
      },
      material_ids: (value, name) => {
        const wanted = new Set(idList(name, value, 20).map((id) => ordinalOf(account, 'video-material', id)));
        return (ordinal) => wanted.has(ordinal);
      },
      video_name: (value) => (ordinal) => String(fields['file_name']?.({ account, ordinal })).includes(String(value)),
      displayable: (value) => (ordinal) => fields['displayable']?.({ account, ordinal }) === value,
    },
  };
}

/** `file/video/ad/search/` (docs 1740050472224769). */
export const videoSearch: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => searchFiles(libraryOf(call), call),
};

/** `file/video/ad/info/`. */
export const videoInfo: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: (call) => filesByIds(libraryOf(call), call),
};
