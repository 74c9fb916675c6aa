/** Exact decimals as texts: money from TikTok never passes through a floating-point number. Nine digits behind the point. */
const digits = 9;
const unit = 10n ** BigInt(digits);

/** In billionths. Throws RangeError for what is no plain decimal. */
export function parseDecimal(text: string): bigint {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) throw new RangeError(`${text} is no decimal number`);
  const [, sign, whole = '0', fraction = ''] = match;
  const value = BigInt(whole) * unit + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
  return sign === '-' ? -value : value;
}

/** Without trailing zeros: `12.5`, `-0.01`, `7`. */
export function formatDecimal(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${magnitude / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

export function sumDecimals(texts: readonly string[]): string {
  return formatDecimal(texts.reduce((sum, text) => sum + parseDecimal(text), 0n));
}
