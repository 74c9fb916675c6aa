import { entityPasses } from '../entity-passes.ts';
import { defineResource } from '../resource.ts';

export const images = defineResource({
  name: 'images',
  description: 'Images of the library.',
  path: 'file/image/ad/search/',
  advertisers: { kind: 'one-per-request', parameter: 'advertiser_id' },
  pagination: { kind: 'page-number', pageSizeMax: 100 },
  records: 'list',
  passes: [{ name: 'all', when: 'always', query: {} }],
  primaryKey: ['advertiser_id', 'image_id'],
  columns: {
    advertiser_id: { type: 'id', description: 'Id of the ad account.' },
    image_id: { type: 'id', description: 'Id of the image.' },
    material_id: 'id',
    file_name: { type: 'text', description: 'Name of the file.' },
    format: { type: 'text', description: 'Format of the file, as jpeg.' },
    width: { type: 'count', description: 'Width in pixels.' },
    height: { type: 'count', description: 'Height in pixels.' },
    size: { type: 'count', description: 'Size in bytes.' },
    signature: { type: 'text', description: 'MD5 of the file.' },
    image_url: { type: 'text', description: 'The image; the address is valid for an hour.' },
    is_carousel_usable: 'boolean',
    displayable: 'boolean',
    create_time: { type: 'timestamp', description: 'Time the image was uploaded, UTC.' },
    modify_time: { type: 'timestamp', description: 'Time the image was last changed, UTC.' },
  },
  derived: {},
  reach: {
    newest: 10_000,
    infoPath: 'file/image/ad/info/',
    idsParameter: 'image_ids',
    idsMax: 100,
    from: { path: 'ad/get/', records: 'list', field: 'image_ids', pageSizeMax: 1_000, passes: entityPasses },
  },
});
