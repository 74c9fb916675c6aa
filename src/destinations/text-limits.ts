import { DestinationError } from '../errors.ts';
import type { ColumnType } from '../table.ts';
import type { ConnectEnvironment, StagedTable } from './destination.ts';
import { quoteIdentifier } from './dialect.ts';

export interface TextLimits {
  readonly product: string;
  /** Of the table that the rows are for, as people know it. */
  readonly tableName: string;
  /** Bytes that a value of each type may have at most; what is not named is not looked at. */
  readonly bytesMax: Partial<Readonly<Record<ColumnType, number>>>;
}

/** Throws DestinationError with column and length where a staged text is longer than the warehouse holds, before it is sent. */
export async function refuseLongTexts(
  { staging }: Pick<ConnectEnvironment, 'staging'>,
  staged: StagedTable,
  { product, tableName, bytesMax }: TextLimits,
): Promise<void> {
  const limited = staged.columns.flatMap(({ name, type }) => {
    const limit = bytesMax[type];
    return limit === undefined ? [] : [{ name, limit }];
  });
  if (limited.length === 0) return;
  const lengths = limited.map(({ name }) => `MAX(strlen(CAST(${quoteIdentifier(name)} AS VARCHAR)))`);
  const [longest = []] = (await staging.runAndReadAll(`SELECT ${lengths.join(', ')} FROM ${staged.relation}`)).getRows();
  for (const [at, { name, limit }] of limited.entries()) {
    const bytes = Number(longest[at] ?? 0);
    if (bytes <= limit) continue;
    const least = bytes.toLocaleString('en-US');
    const most = limit.toLocaleString('en-US');
    throw new DestinationError(
      `The column ${tableName}.${name} would hold a text of ${least} bytes, and ${product} holds ${most} bytes there at most. Nothing was loaded.`,
      {
        code: 'text_too_long',
        hint: 'Shorten that text in TikTok Ads, leave its resource or metric out, or load into a destination that holds longer texts.',
      },
    );
  }
}
