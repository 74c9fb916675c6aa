import { advertiserFields } from '../entities/advertiser.ts';
import { recordMaker } from '../entities/records.ts';
import { missing } from '../parameters.ts';
import { parameterError, Refusal } from '../refusal.ts';
import { accountOf } from '../simulation.ts';
import type { Endpoint } from './endpoint.ts';

/** Accounts a call takes at most; the connectors send 100, an official number was not found. */
const idsMax = 100;

/** `advertiser/info/` (docs 1739593083610113). Not paged; one refused account refuses the call. */
export const advertiserInfo: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: true,
  answer: ({ simulation, app, parameters }) => {
    if (app === null || !app.accountScope) throw new Refusal(40130, 'The scope of account management is not authorized.');
    const ids = parameters.texts('advertiser_ids');
    if (ids === undefined) throw missing('advertiser_ids');
    if (ids.length < 1 || ids.length > idsMax) throw parameterError(`advertiser_ids: Length must be between 1 and ${idsMax}.`);
    const record = recordMaker(advertiserFields, parameters, ['company_name_editable']);
    const list = [...new Set(ids)].map((id) => record(accountOf(simulation, app, id)));
    return { kind: 'payload', payload: { list }, rows: list.length };
  },
};
