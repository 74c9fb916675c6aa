import { DuckDBInstance } from '@duckdb/node-api';

/** Prints each table of the schema with its rows and, for reports, the spend per currency. */
export async function showWarehouse(file, schema) {
  await reading(file, async (select) => {
    const tables = await select(
      `select table_name as name, list(column_name) as columns from duckdb_columns() join duckdb_tables() using (schema_name, table_name)
       where schema_name = '${schema}' and not starts_with(table_name, '_') group by all order by name`,
    );
    const lines = [];
    for (const { name, columns } of tables) {
      const [{ rows }] = await select(`select count(*) as rows from "${schema}"."${name}"`);
      const spends = columns.includes('spend')
        ? await select(
            `select coalesce(currency, '?') as currency, sum(spend) as spend from "${schema}"."${name}" group by currency order by currency`,
          )
        : [];
      const spend = spends.map((one) => `${money(one.spend)} ${one.currency}`).join(', ');
      lines.push({ resource: name, rows: Number(rows).toLocaleString('en'), spend });
    }
    console.log(`\n${table(lines)}`);
  });
}

/** What the newest load brought into the report table, for each account and its whole window: figures as text. */
export function newestReports(file, schema) {
  return reading(file, (select) =>
    select(
      `with newest as (
         select advertiser_id, min(window_start) as first_day, max(window_end) as last_day from "${schema}"._loads
         where table_name = 'reports' and status = 'committed'
           and load_id = (select last(load_id order by committed_at) from "${schema}"._loads where table_name = 'reports')
         group by advertiser_id)
       select advertiser_id as "advertiserId", first_day as start, last_day as "end", count(*) as rows,
              sum(spend)::decimal(18, 2) as spend, sum(impressions) as impressions, sum(clicks) as clicks
       from newest join "${schema}".reports using (advertiser_id)
       where stat_time_day between first_day and last_day group by all order by advertiser_id`,
    ),
  );
}

async function reading(file, action) {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return await action(async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function money(text) {
  const [whole, cents = ''] = String(text).split('.');
  return `${Number(whole).toLocaleString('en')}.${cents.slice(0, 2).padEnd(2, '0')}`;
}

function table(lines) {
  const names = ['resource', 'rows', 'spend'];
  const widths = names.map((name) => Math.max(name.length, ...lines.map((line) => line[name].length)));
  const row = (line) => `  ${line.resource.padEnd(widths[0])}  ${line.rows.padStart(widths[1])}  ${line.spend}`.trimEnd();
  const rule = `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`;
  return [row(Object.fromEntries(names.map((name) => [name, name]))), rule, ...lines.map(row)].join('\n');
}
