import type { ResourceDefinition } from '../resource.ts';
import { adGroups } from './ad-groups.ts';
import { ads } from './ads.ts';
import { advertisers } from './advertisers.ts';
import { campaigns } from './campaigns.ts';
import { images } from './images.ts';
import { videos } from './videos.ts';

/** Every endpoint that is loaded as a table, in the order in which tables are loaded. */
export const resources: readonly ResourceDefinition[] = [advertisers, campaigns, adGroups, ads, videos, images];

/** What `resources` in the configuration may name: these tables, and the reports. */
export const resourceNames = ['advertisers', 'campaigns', 'ad_groups', 'ads', 'videos', 'images', 'reports'] as const;
export type ResourceName = (typeof resourceNames)[number];
