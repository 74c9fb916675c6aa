/**
 * What a return code of the API asks of its caller.
 * retry: again after a short wait · retry-slow: again after minutes · rate-limit-app, rate-limit-advertiser: wait for the quota of the app, of this
 * account on this path · auth: stop, only a person can help · skip-advertiser: this account or object is out of reach, others are not ·
 * split: ask for less at once · fail: the same request can never succeed.
 */
export type ApiAction =
  | 'ok'
  | 'retry'
  | 'retry-slow'
  | 'rate-limit-app'
  | 'rate-limit-advertiser'
  | 'auth'
  | 'skip-advertiser'
  | 'split'
  | 'fail';

export interface ApiCode {
  readonly code: number;
  /** The constant's name in TikTok's SDK, or what it would be. */
  readonly name: string;
  readonly meaning: string;
  readonly action: ApiAction;
  /** What the user does about it. */
  readonly hint: string;
}

/** The entry of a code. Unknown ones of 50000–59999 count as TikTok's own trouble (retry-slow), all others as refusals (fail). */
export function apiCode(code: number): ApiCode {
  const known = byCode.get(code);
  if (known) return known;
  const inside = code >= 50_000 && code <= 59_999;
  return {
    code,
    name: 'UNKNOWN',
    meaning: inside ? 'a fault inside TikTok' : 'a code that is not documented',
    action: inside ? 'retry-slow' : 'fail',
    hint: inside ? wait : "Read the message of the code; if it tells nothing, give TikTok's support the request_id.",
  };
}

const wait = 'Usually passes within minutes; run it again later if it does not.';

const hints = {
  none: 'Nothing to do.',
  wait,
  quota: 'The quota is waited for. If this stays, lower `requests_per_second`, or see which other programs use the same app.',
  large: 'Asked again in smaller pieces. If this stays, ask for fewer metrics or a coarser `data_level`.',
  request: 'TikTok refuses this request as it is: the message names the parameter. Check metrics, dimensions and dates.',
  token:
    'Make a new access token and put it where `access_token` points. A Marketing API token cannot be refreshed: its owner has to authorize the app again.',
  app: 'Check that `app_id` and `secret` are those of the app that the token was made for, and that TikTok has approved the app.',
  permission:
    "Check that the token's user may see this advertiser (TikTok Ads Manager, user permissions) and that the id in `advertiser_ids` is right.",
  scope:
    'Give the app this scope (account information, campaigns, ads, creatives or reporting) in the developer portal, then authorize it again.',
  allowlist: 'Ask your TikTok representative to open this for the app.',
  sandbox: 'The sandbox lacks this: use `mode: live`, or leave out what it refuses.',
  host: 'Check `api_base_url`: it has to end in /open_api/v1.3/.',
  country: 'Run it from a network in another country.',
  retired: 'Update dagster-tiktok-ads: TikTok has taken this out of its API.',
  bug: 'This request should not have been made: please report it with the log of the run.',
} as const;

/** Codes, names and meanings: docs 1737172488964097 and the SDK; actions: what runs in production elsewhere agrees on. */
const rows: readonly (readonly [number, string, string, ApiAction, keyof typeof hints])[] = [
  [0, 'OK', 'success', 'ok', 'none'],
  [20_001, 'PARTIAL_OK', 'partly successful', 'ok', 'none'],
  [40_000, 'INVALID_PARAMS', 'invalid parameters', 'fail', 'request'],
  [40_001, 'PERMISSION_ERROR', 'no permission for this advertiser, or it does not exist', 'skip-advertiser', 'permission'],
  [40_002, 'PARAM_ERROR', 'a parameter is wrong; the message says which', 'fail', 'request'],
  [40_003, 'FORBIDDEN', 'forbidden for this token', 'skip-advertiser', 'permission'],
  [40_006, 'VERSION_ERROR', 'the API version does not fit the parameters', 'fail', 'bug'],
  [40_007, 'NOT_EXIST', 'the object or operation does not exist', 'skip-advertiser', 'permission'],
  [40_008, 'NOT_IMPL', 'not implemented, or not supported in the sandbox', 'fail', 'sandbox'],
  [40_009, 'UNSUPPORTED_IN_SANDBOX', 'a parameter or method that the sandbox does not have', 'fail', 'sandbox'],
  [40_010, 'UNSUPPORTED_DOMAIN', 'the wrong host for this version', 'fail', 'host'],
  [40_011, 'ID_LIMIT_EXCEED', 'too many ids in one request', 'split', 'bug'],
  [40_012, 'NO_UPDATE', 'nothing to update', 'fail', 'bug'],
  [40_013, 'SANDBOX_ADV_NOT_EXIST', 'the sandbox account does not exist', 'fail', 'sandbox'],
  [40_014, 'INVALID_CLUSTER', 'not supported in the sandbox', 'fail', 'sandbox'],
  [40_016, 'BIZ_FC_ERROR', 'the app asks this endpoint too often', 'rate-limit-app', 'quota'],
  [40_050, 'DUPLICATED_REQUEST', 'a duplicate request was rejected', 'fail', 'bug'],
  [40_051, 'INVALID_API_VERSION', 'a wrong API version', 'fail', 'host'],
  [40_052, 'ACO_MATERIAL_EXISTS', 'the material exists already', 'fail', 'bug'],
  [40_053, 'INVALID_VIDEO_ID', 'a video id is invalid', 'fail', 'request'],
  [40_061, 'INVALID_BATCH_SIZE', 'a batch of the wrong size', 'fail', 'bug'],
  [40_062, 'PII_NOT_HASHED', 'personal data was not hashed', 'fail', 'bug'],
  [40_063, 'INVALID_PARTNER_NAME', 'a partner name is wrong', 'fail', 'bug'],
  [40_065, 'US_TEEN_TARGETING', 'targeting that is not allowed for teenagers in the US', 'fail', 'bug'],
  [40_067, 'QUERY_TOO_LARGE', 'the query is too large', 'split', 'large'],
  [40_100, 'REQUEST_TOO_FREQUENT', 'the app asks too often', 'rate-limit-app', 'quota'],
  [40_101, 'INVALID_PARTNER', 'app id and secret do not fit, or the auth code is old', 'auth', 'app'],
  [40_102, 'ACCESS_TOKEN_EXPIRE', 'the access token has expired', 'auth', 'token'],
  [40_103, 'REFRESH_TOKEN_EXPIRE', 'the refresh token has expired', 'auth', 'token'],
  [40_104, 'EMPTY_ACCESS_TOKEN', 'the access token is missing', 'auth', 'token'],
  [40_105, 'INVALID_ACCESS_TOKEN', 'the access token is wrong or was revoked', 'auth', 'token'],
  [40_106, 'INVALID_CORE_USER', 'the token does not fit the advertiser', 'skip-advertiser', 'permission'],
  [40_107, 'INVALID_REFRESH_TOKEN', 'a wrong refresh token; a Marketing API token cannot be refreshed at all', 'auth', 'token'],
  [40_108, 'INVALID_GRANT_TYPE', 'a wrong grant type', 'auth', 'token'],
  [40_109, 'ERROR_AES_DECIPHER', 'deciphering failed', 'fail', 'token'],
  [40_110, 'AUTH_CODE_ERROR', 'the auth code was cancelled, used, or has expired', 'auth', 'token'],
  [40_112, 'PASSWORD_ERROR', 'a wrong password', 'auth', 'token'],
  [
    40_113,
    'APP_FORBIDDEN',
    'the app is blocked or unknown, its secret is wrong, or the token belongs to another app',
    'auth',
    'app',
  ],
  [40_114, 'ADVERTISER_LOGOUT', 'the advertiser has taken the authorization back', 'skip-advertiser', 'token'],
  [40_115, 'AUTH_TIMESTAMP_EXPIRE', 'the timestamp of the authorization has expired', 'auth', 'token'],
  [40_116, 'AUTH_SIGNATURE_ERROR', 'the signature of the authorization is wrong', 'auth', 'token'],
  [40_117, 'AUTH_METHOD_FORBIDDEN', 'the method is forbidden for this authorization', 'auth', 'token'],
  [40_118, 'NOT_IN_WHITELIST', "open only to apps or accounts on TikTok's list", 'skip-advertiser', 'allowlist'],
  [
    40_119,
    'NOT_SAME_IDENTITY',
    'developer and advertiser, or token and advertiser, do not belong together',
    'skip-advertiser',
    'permission',
  ],
  [40_120, 'TT_USER_NOT_LOGIN', 'the TikTok user is not logged in', 'fail', 'permission'],
  [40_121, 'NOT_TCM_CREATOR', 'the TikTok user is no marketplace creator', 'fail', 'permission'],
  [40_122, 'COUNTRY_NOT_SUPPORTED', 'the country is not supported', 'fail', 'permission'],
  [40_124, 'DEVELOPER_NOT_APPROVED', 'the developer is not approved', 'auth', 'app'],
  [40_125, 'DEVELOPER_NO_PERMISSION', 'the developer lacks a permission, or fields are not supported', 'auth', 'app'],
  [40_126, 'BRAND_SAFETY_AUTH_1', 'a brand-safety partner is not authorized', 'fail', 'permission'],
  [40_127, 'BRAND_SAFETY_AUTH_2', 'a brand-safety partner is not authorized', 'fail', 'permission'],
  [40_128, 'BRAND_SAFETY_AUTH_3', 'a brand-safety partner is not authorized', 'fail', 'permission'],
  [40_129, 'BRAND_SAFETY_AUTH_4', 'a brand-safety partner is not authorized', 'fail', 'permission'],
  [40_130, 'SCOPE_NOT_AUTHORIZED', 'the token lacks the scope for this', 'auth', 'scope'],
  [40_131, 'SCOPE_TT_USER_OAUTH_FAILED', "the TikTok user's scope could not be verified", 'auth', 'scope'],
  [40_132, 'REQUEST_FREQUENCY_LIMITED', 'too often for one value of a field', 'rate-limit-app', 'quota'],
  [40_133, 'ADVERTISER_QPS_LIMITED', 'this advertiser is asked too often on this path', 'rate-limit-advertiser', 'quota'],
  [40_200, 'GENERAL_TASK_ERROR', 'a task of TikTok failed', 'retry', 'wait'],
  [40_201, 'TASK_NOT_READY', 'the task is not ready', 'retry', 'wait'],
  [40_202, 'WRITE_CONFLICT', 'another change is under way', 'retry', 'wait'],
  [40_300, 'ADVERTISER_NOT_EXIST', 'the advertiser does not exist or was deleted', 'skip-advertiser', 'permission'],
  [40_301, 'ADVERTISER_ROLE_ERROR', "the advertiser's role cannot be matched", 'skip-advertiser', 'permission'],
  [40_302, 'CUSTOMER_ADVERTISER_NOT_EXIST', "the customer's advertiser does not exist", 'skip-advertiser', 'permission'],
  [40_309, 'REQUIRE_LOGIN', 'a login is required', 'auth', 'token'],
  [40_400, 'ROUTE_NOT_FOUND', 'the path does not exist', 'fail', 'host'],
  [40_502, 'AD_NUMBER_LIMIT', 'too many ads', 'fail', 'bug'],
  [40_700, 'RPC_VALIDATION_ERROR', 'a service of TikTok refused its own request', 'retry', 'wait'],
  [40_900, 'FILE_SIGNATURE_ERROR', "a file's signature is wrong", 'fail', 'bug'],
  [40_901, 'FILE_TRANSCODING_ERROR', 'a file cannot be transcoded', 'fail', 'bug'],
  [40_902, 'FILE_URL_TIMEOUT', "a file's address timed out", 'fail', 'bug'],
  [40_903, 'FILE_URL_UNAVAILABLE', "a file's address is not available", 'fail', 'bug'],
  [40_904, 'FILE_ILLEGAL_IMAGE', 'an image is not valid', 'fail', 'bug'],
  [40_905, 'FILE_MISSING', 'a file is missing', 'fail', 'bug'],
  [40_906, 'FILE_EMPTY', 'a file is empty', 'fail', 'bug'],
  [40_907, 'FILE_TOO_LARGE', 'a file is too large', 'fail', 'bug'],
  [40_908, 'FILE_TYPE_ERROR', 'a file has the wrong type', 'fail', 'bug'],
  [40_909, 'FILE_CALCULATE_TYPE_ERROR', "a file's calculate_type is wrong", 'fail', 'bug'],
  [40_910, 'FILE_EXPIRED', 'a file has expired', 'fail', 'bug'],
  [40_911, 'FILE_NAME_DUPLICATE', "a file's name is taken", 'fail', 'bug'],
  [40_912, 'FILE_IMAGE_UNAVAILABLE', 'an image is not available', 'fail', 'bug'],
  [40_913, 'FILE_IMAGE_TIMEOUT', 'an image timed out', 'fail', 'bug'],
  [40_914, 'FILE_UPLOAD_INVALID', 'an upload is not valid', 'fail', 'bug'],
  [40_915, 'FILE_UPLOAD_SPECIFICATION', 'an upload is not as specified', 'fail', 'bug'],
  [40_916, 'FILE_ILLEGAL_VIDEO', 'a video is not valid', 'fail', 'bug'],
  [41_000, 'BLOCKED', "requests from this address's country are blocked", 'fail', 'country'],
  [41_001, 'INTERFACE_OFFLINE', 'the endpoint is retired', 'fail', 'retired'],
  [41_002, 'FIELDS_OFFLINE', 'a field is retired', 'fail', 'retired'],
  [41_013, 'SITE_TO_VIDEO_SERVICE_ERROR', 'the site-to-video service failed', 'fail', 'bug'],
  [50_000, 'SYS_ERROR', "a fault of TikTok's system", 'retry-slow', 'wait'],
  [50_002, 'SYS_TIMEOUT', 'TikTok could not process the request in time', 'retry-slow', 'wait'],
  [51_000, 'RPC_ERROR', 'an internal service of TikTok failed', 'retry-slow', 'wait'],
  [51_001, 'STATISTICS_ERROR', "TikTok's statistics service failed", 'retry-slow', 'wait'],
  [51_008, 'ADVERTISER_SERVICE_ERROR', "TikTok's advertiser service failed", 'retry-slow', 'wait'],
  [51_010, 'INTERNAL_TIMEOUT', 'an internal service of TikTok timed out', 'retry-slow', 'wait'],
  [51_035, 'SATELLITE_SERVICE_ERROR', "TikTok's satellite service failed", 'retry-slow', 'wait'],
  [51_037, 'ASYNC_TASK_SERVICE_ERROR', "TikTok's task service failed", 'retry-slow', 'wait'],
  [51_039, 'AUTH_SERVICE_ERROR', "TikTok's authorization service failed", 'retry-slow', 'wait'],
  [51_040, 'ADVERTISER_INFO_SERVICE_ERROR', "TikTok's advertiser information service failed", 'retry-slow', 'wait'],
  [51_099, 'STATISTICS_NEW_ERROR', "TikTok's new statistics service failed", 'retry-slow', 'wait'],
  [51_305, 'SATELLITE_ERROR', "TikTok's satellite service failed", 'retry-slow', 'wait'],
  [52_000, 'DATABASE_ERROR', 'a database of TikTok failed', 'retry-slow', 'wait'],
  [52_204, 'OBJECT_STORE_ERROR', 'an object store of TikTok failed', 'retry-slow', 'wait'],
  [53_102, 'SERIALIZATION_ERROR', 'TikTok could not write its answer', 'retry-slow', 'wait'],
  [53_103, 'DESERIALIZATION_ERROR', 'TikTok could not read its own data', 'retry-slow', 'wait'],
  [60_001, 'MAINTENANCE', 'TikTok is under maintenance', 'retry-slow', 'wait'],
  [61_000, 'TOO_MANY_REQUESTS_BL', 'too many requests', 'rate-limit-app', 'quota'],
  [70_001, 'INVALID_BIZ_AUTH_TYPE', 'a wrong kind of authorization', 'fail', 'token'],
];

/** Every documented code, in numeric order. */
export const apiCodes: readonly ApiCode[] = rows.map(([code, name, meaning, action, hint]) => ({
  code,
  name,
  meaning,
  action,
  hint: hints[hint],
}));

const byCode: ReadonlyMap<number, ApiCode> = new Map(apiCodes.map((entry) => [entry.code, entry]));
