import { hashText } from '../hash.ts';
import { Refusal } from '../refusal.ts';
import { authorizedIds } from '../simulation.ts';
import type { Call, Endpoint } from './endpoint.ts';

const inconsistent = "The app_id is inconsistent with the token's app information. Please retry after correcting it.";

/** Accounts a token may read, from the app's id and secret. */
export const authorizedAdvertisers: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: false,
  answer: ({ simulation, app, parameters }) => {
    const appId = parameters.requiredText('app_id');
    const secret = parameters.requiredText('secret');
    if (app === null || (!simulation.options.anyToken && (appId !== app.appId || secret !== app.secret)))
      throw new Refusal(40113, inconsistent);
    const list = authorizedIds(simulation, app).map((id) => ({
      advertiser_id: id,
      advertiser_name: simulation.world.account(id)?.name ?? id,
    }));
    return { kind: 'payload', payload: { list }, rows: list.length };
  },
};

/** A code works once; the token it brings never expires and cannot be refreshed. */
export const accessTokenExchange: Endpoint = {
  method: 'POST',
  authenticated: false,
  sandbox: true,
  answer: ({ simulation, parameters }) => {
    const appId = parameters.requiredText('app_id');
    const secret = parameters.requiredText('secret');
    const code = parameters.requiredText('auth_code');
    const app = simulation.apps.find((one) => one.appId === appId && one.secret === secret);
    if (app === undefined) throw new Refusal(40113, inconsistent);
    if (parameters.text('grant_type') === 'refresh_token') throw new Refusal(40107, 'The refresh_token is invalid.');
    const used = `auth_code ${code}`;
    if (simulation.revoked.has(used)) {
      throw new Refusal(40110, 'The auth_code is canceled. Please re-authorize and try again with a new auth_code.');
    }
    simulation.revoked.add(used);
    const ids = authorizedIds(simulation, app);
    return { kind: 'payload', payload: { access_token: app.accessToken, scope: [1, 2, 4, 6], advertiser_ids: ids }, rows: 0 };
  },
};

export const revokeToken: Endpoint = {
  method: 'POST',
  authenticated: true,
  sandbox: true,
  answer: ({ simulation, app, accessToken, parameters }) => {
    const token = parameters.requiredText('access_token');
    if (
      app === null ||
      parameters.requiredText('app_id') !== app.appId ||
      parameters.requiredText('secret') !== app.secret ||
      token !== accessToken
    ) {
      throw new Refusal(40113, inconsistent);
    }
    simulation.revoked.add(token);
    return { kind: 'payload', payload: { app_id: app.appId, advertiser_ids: authorizedIds(simulation, app) }, rows: 0 };
  },
};

export const userInfo: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: ({ simulation }: Call) => {
    const id = String(7_000_000_000_000 + (hashText('user', simulation.options.seed) >>> 1));
    const payload = { core_user_id: id, display_name: 'Simulated user', email: 's***@example.com', create_time: 1_630_055_520 };
    return { kind: 'payload', payload, rows: 1 };
  },
};
