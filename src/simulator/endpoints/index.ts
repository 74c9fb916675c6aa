import { adGet } from './ad-get.ts';
import { adGroupGet } from './ad-group-get.ts';
import { advertiserInfo } from './advertiser-info.ts';
import { campaignGet } from './campaign-get.ts';
import type { Endpoint } from './endpoint.ts';
import { imageInfo, imageSearch } from './images.ts';
import { accessTokenExchange, authorizedAdvertisers, revokeToken, userInfo } from './oauth.ts';
import { integratedReport } from './report-integrated.ts';
import { taskCancel, taskCheck, taskCreate, taskDownload } from './report-task.ts';
import { videoInfo, videoSearch } from './videos.ts';

/** All paths below `/open_api/v1.3/`. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['oauth2/access_token/', accessTokenExchange],
  ['oauth2/advertiser/get/', authorizedAdvertisers],
  ['oauth2/revoke_token/', revokeToken],
  ['user/info/', userInfo],
  ['advertiser/info/', advertiserInfo],
  ['campaign/get/', campaignGet],
  ['adgroup/get/', adGroupGet],
  ['ad/get/', adGet],
  ['file/video/ad/search/', videoSearch],
  ['file/video/ad/info/', videoInfo],
  ['file/image/ad/search/', imageSearch],
  ['file/image/ad/info/', imageInfo],
  ['report/integrated/get/', integratedReport],
  ['report/task/create/', taskCreate],
  ['report/task/check/', taskCheck],
  ['report/task/download/', taskDownload],
  ['report/task/cancel/', taskCancel],
]);

/** SG calls this one without its trailing slash in production, so it is tolerated there and nowhere else. */
export const slashOptional: ReadonlySet<string> = new Set(['user/info']);
