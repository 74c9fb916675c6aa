import type { MetricGroup } from './metric.ts';

/** Names that only PLAYABLE_MATERIAL reports have. Their list is known from one client, not from TikTok's own page. */
export const playable = {
  group: 'Playable',
  traits: { reportTypes: ['PLAYABLE_MATERIAL'], granularities: ['day', 'lifetime'], proven: false },
  rows: {
    playable_name: { kind: 'text', attribute: true, description: 'Name of the playable.' },
    create_time: { kind: 'text', attribute: true, description: 'Time the playable was made, as TikTok writes it.' },
    modify_time: { kind: 'text', attribute: true, description: 'Time the playable was last changed, as TikTok writes it.' },
    playable_status: { kind: 'text', attribute: true, description: 'Status of the playable.' },
    orientation: { kind: 'text', attribute: true, description: 'Upright, across, or both.' },
    country: { kind: 'text', attribute: true, description: 'Country of the playable.' },
    associated_adgroup_count: { kind: 'count', attribute: true, description: 'Ad groups that use the playable.' },
    app_install_rate: { kind: 'percent', description: 'App installs as a percentage of clicks.' },
    playable_cta_click: { kind: 'count', description: 'Clicks on the call to action of a playable.' },
  },
} as const satisfies MetricGroup;
