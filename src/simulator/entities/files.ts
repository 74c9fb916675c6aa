import { timeText } from '../days.ts';
import type { EntityPlace } from '../endpoints/entity-list.ts';
import { below, mix } from '../hash.ts';
import { entityId, imageId, videoId } from '../ids.ts';
import { nameOf } from '../names.ts';
import type { Fields } from './records.ts';

/** Seconds since 1970; older ordinals are older files. */
export function fileCreatedAt({ account, ordinal }: EntityPlace, count: number): number {
  const span = Math.max(0, account.anchorDay - account.historyStart) * 86_400 * 0.8;
  return (
    account.historyStart * 86_400 + Math.floor((ordinal / Math.max(1, count)) * span) + below(mix(account.seed, ordinal), 3_600)
  );
}

const isoTime = (seconds: number): string => `${timeText(seconds).replace(' ', 'T')}Z`;
const hex = (a: number, b: number): string => (mix(a, b) >>> 0).toString(16).padStart(8, '0');
const signature = ({ account: { seed }, ordinal }: EntityPlace): string =>
  [1, 2, 3, 4].map((salt) => hex(seed ^ salt, ordinal)).join('');
const name = (place: EntityPlace, kind: string): string =>
  nameOf(mix(place.account.seed ^ 0xf11e, place.ordinal), kind, place.ordinal);

/** Fields of a video (docs 1740050472224769). Its addresses are signed and die within hours. */
export function videoFields(nowMs: number): Fields<EntityPlace> {
  const expires = Math.floor(nowMs / 1000) + 6 * 3_600;
  return {
    video_id: ({ account, ordinal }) => videoId(account, ordinal),
    material_id: ({ account, ordinal }) => entityId(account, 'video-material', ordinal),
    file_name: (place) => `${name(place, 'video')}.mp4`,
    format: () => 'mp4',
    duration: ({ account, ordinal }) => 5 + below(mix(account.seed, ordinal ^ 7), 5_500) / 100,
    width: () => 720,
    height: () => 1_280,
    bit_rate: ({ account, ordinal }) => 900_000 + below(mix(account.seed, ordinal ^ 9), 900_000),
    size: ({ account, ordinal }) => 1_000_000 + below(mix(account.seed, ordinal ^ 11), 90_000_000),
    signature,
    preview_url: ({ account, ordinal }) => `https://v.example/${videoId(account, ordinal)}?x-expires=${expires}`,
    preview_url_expire_time: () => timeText(expires),
    video_cover_url: ({ account, ordinal }) => `https://p.example/${videoId(account, ordinal)}?x-expires=${expires}`,
    allowed_placements: () => ['PLACEMENT_TIKTOK'],
    allow_download: () => true,
    displayable: ({ ordinal }) => ordinal % 20 !== 13,
    definition: () => '720p',
    fps: () => 30,
    fix_task_id: () => null,
    flaw_types: () => null,
    create_time: (place) => isoTime(fileCreatedAt(place, place.account.shape.videos)),
    modify_time: (place) => isoTime(fileCreatedAt(place, place.account.shape.videos)),
  };
}

/** Fields of an image (docs 1740052016789506). Its address lives one hour. */
export function imageFields(nowMs: number): Fields<EntityPlace> {
  const expires = Math.floor(nowMs / 1000) + 3_600;
  return {
    image_id: ({ account, ordinal }) => imageId(account, ordinal),
    material_id: ({ account, ordinal }) => entityId(account, 'image-material', ordinal),
    file_name: (place) => `${name(place, 'image')}.jpg`,
    format: () => 'jpeg',
    width: () => 720,
    height: ({ ordinal }) => (ordinal % 2 === 0 ? 1_280 : 720),
    size: ({ account, ordinal }) => 20_000 + below(mix(account.seed, ordinal ^ 5), 400_000),
    signature,
    image_url: ({ account, ordinal }) =>
      `https://p.example/${encodeURIComponent(imageId(account, ordinal))}?x-expires=${expires}`,
    is_carousel_usable: ({ ordinal }) => ordinal % 4 !== 1,
    displayable: () => true,
    create_time: (place) => isoTime(fileCreatedAt(place, place.account.shape.images)),
    modify_time: (place) => isoTime(fileCreatedAt(place, place.account.shape.images)),
  };
}
