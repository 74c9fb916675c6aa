import { missing, notAcceptable } from '../parameters.ts';
import { parameterError, Refusal } from '../refusal.ts';
import { csvText } from '../report-csv.ts';
import { readReportQuery } from '../report-query.ts';
import type { Task } from '../tasks.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { reportAccounts, reportSections } from './report-integrated.ts';

const notListed = 'You are not on the allowlist of this feature.';
const formats = ['CSV_STRING', 'CSV_DOWNLOAD', 'XLSX_DOWNLOAD'] as const;

/** `report/task/create/` (docs 1740302766489602): any window, no pages, all ids. */
export const taskCreate: Endpoint = {
  method: 'POST',
  authenticated: true,
  sandbox: false,
  answer: (call) => {
    const { simulation, parameters, app, accessToken } = call;
    requireAllowed(call);
    const outputFormat = parameters.choice('output_format', formats) ?? 'CSV_STRING';
    if (outputFormat === 'XLSX_DOWNLOAD') throw parameterError('output_format: XLSX_DOWNLOAD is not served by this simulator.');
    const fileName = parameters.text('file_name') ?? 'report';
    if (fileName.length > 255 || /[/\t\b@#$%^&*()[\]]/.test(fileName)) throw parameterError('file_name: Not a valid file name.');
    if (app === null) throw missing('advertiser_id');
    const multipleAdvertisers = parameters.texts('advertiser_ids') !== undefined;
    const accounts = reportAccounts(call);
    const query = readReportQuery(parameters, {
      sandbox: false,
      asynchronous: true,
      multipleAdvertisers,
      acceptUnproven: simulation.options.acceptUnprovenMetrics,
      acceptUndocumentedBreakdowns: simulation.options.acceptUndocumentedBreakdowns,
    });
    for (const name of ['buying_type', 'campaign_status', 'adgroup_status', 'ad_status']) {
      if (JSON.stringify(parameters.list('filtering') ?? []).includes(`"${name}"`))
        throw notAcceptable('filtering', ['campaign_ids', 'adgroup_ids', 'ad_ids', 'ad_ids_v2']);
    }
    const task = simulation.tasks.create({
      advertiserIds: accounts.map((account) => account.id),
      accessToken: accessToken ?? '',
      createdAt: simulation.clock.now(),
      outputFormat,
      fileName,
      translated: parameters.boolean('enable_report_title_translation', true),
      sections: () => reportSections(simulation, accounts, query, Number.MAX_SAFE_INTEGER),
    });
    return { kind: 'payload', payload: { task_id: task.id }, rows: 0 };
  },
};

/** `report/task/check/` (docs 1740302781443073). */
export const taskCheck: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: false,
  answer: (call) => {
    requireAllowed(call);
    const task = taskOf(call, call.simulation.tasks.check);
    return { kind: 'payload', payload: { status: task.status, message: '' }, rows: 0 };
  },
};

/** `report/task/download/` (docs 1740302808815618): the CSV itself, or where it lies. */
export const taskDownload: Endpoint = {
  method: 'GET',
  authenticated: true,
  sandbox: false,
  answer: (call) => {
    requireAllowed(call);
    const task = taskOf(call, call.simulation.tasks.find);
    if (task.status !== 'SUCCESS') throw new Refusal(40201, `The task ${task.id} is not ready.`);
    if (task.outputFormat === 'CSV_STRING') {
      const sections = task.sections();
      const rows = sections.reduce((sum, section) => sum + section.codes.length, 0);
      return { kind: 'raw', body: Buffer.from(csvText(sections, task.translated)), contentType: 'text/csv', rows };
    }
    const url = `${call.origin}/_files/${task.id}/${encodeURIComponent(task.fileName)}.csv?advertiser_id=${task.advertiserIds[0] ?? ''}`;
    return {
      kind: 'payload',
      payload: { download_url: url, file_name: task.fileName, output_format: task.outputFormat },
      rows: 0,
    };
  },
};

/** `report/task/cancel/` (docs 1803615367145537). */
export const taskCancel: Endpoint = {
  method: 'POST',
  authenticated: true,
  sandbox: false,
  answer: (call) => {
    requireAllowed(call);
    const { status } = taskOf(call, call.simulation.tasks.cancel);
    return { kind: 'payload', payload: { status }, rows: 0 };
  },
};

function requireAllowed({ app }: Call): void {
  if (app?.asyncReports !== true) throw new Refusal(40118, notListed);
}

const lifeMs = 30 * 86_400_000;

/** A task of the same token, at most 30 days old. */
function taskOf(
  { parameters, account, accessToken, simulation }: Call,
  read: (id: string, advertiserId: string) => Task | undefined,
): Task {
  const task = read(parameters.requiredText('task_id'), account().id);
  if (task === undefined || task.accessToken !== accessToken || simulation.clock.now() - task.createdAt > lifeMs) {
    throw new Refusal(40007, 'The task does not exist.');
  }
  return task;
}
