/** An ISO 8601 instant as SQL text in UTC without a zone: `YYYY-MM-DD HH:MM:SS.mmm`. */
export function sqlTimestamp(iso: string): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
}

/** `YYYY-MM-DD` → the next day. */
export function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
