import type { ConfigIssue } from '../errors.ts';

/** All mistakes as text for people: one line each, after a line that counts them. */
export function formatIssues(issues: readonly ConfigIssue[]): string {
  return `The configuration has ${issueList(issues)}`;
}

/** How many mistakes there are, and each on a line of its own. */
export function issueList(issues: readonly ConfigIssue[]): string {
  const count = issues.length === 1 ? '1 mistake' : `${issues.length} mistakes`;
  return [`${count}:`, ...issues.map((issue) => `- ${formatIssue(issue)}`)].join('\n');
}

/** One mistake on one line: `metrics[3]: "conversons" is not a metric. Did you mean conversion?` */
function formatIssue({ path, message, allowed, suggestion }: ConfigIssue): string {
  const advice = [
    suggestion === undefined ? '' : ` Did you mean ${suggestion}?`,
    allowed === undefined ? '' : ` Allowed: ${allowed}.`,
  ];
  return `${path}: ${message}.${advice.join('')}`;
}
