/** Environment variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text after its references to environment variables were looked at. */
export type Expansion =
  | { readonly kind: 'plain'; readonly text: string }
  /** Holds a reference, and there is no environment to resolve it with. */
  | { readonly kind: 'deferred' }
  | { readonly kind: 'resolved'; readonly text: string }
  | { readonly kind: 'missing'; readonly names: readonly string[] }
  /** Holds a `${` that begins no reference, such as `${MY-VAR}`, or a template that only Dagster can render. */
  | { readonly kind: 'malformed'; readonly mark: '${' | '{{' };

const variable = '[A-Za-z_][A-Za-z0-9_]*';
const quoted = `'[^']*'|"[^"]*"`;
// A default may hold braces in pairs: a mapping as JSON, or another reference. One that does not pair them ends at the first `}`.
const paired = String.raw`(?:[^{}]|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*|[^}]*`;
const pattern = new RegExp(
  [
    String.raw`\$\$\{`,
    String.raw`\$\{(?<shell>${variable})(?::-(?<shellDefault>${paired}))?\}`,
    String.raw`\{\{\s*env\.(?<dotted>${variable})\s*\}\}`,
    String.raw`\{\{\s*env\(\s*(?<called>${quoted})\s*(?:,\s*(?<calledDefault>${quoted})\s*)?\)\s*\}\}`,
  ].join('|'),
  'g',
);

/**
 * Resolves `${VAR}`, `${VAR:-default}`, `{{ env.VAR }}` and `{{ env('VAR', 'default') }}`. `$${` stands for a literal `${`.
 * An empty variable counts as unset where there is a default, as in a shell; a default may hold references of its own.
 */
export function expand(text: string, environment: Environment | null): Expansion {
  if (!text.includes('${') && !text.includes('{{')) return { kind: 'plain', text };
  const rest = text.replace(pattern, '');
  if (rest.includes('${')) return { kind: 'malformed', mark: '${' };
  if (environment === null) return { kind: 'deferred' };
  if (/\{\{.*?\}\}/s.test(rest)) return { kind: 'malformed', mark: '{{' };
  const missing = new Set<string>();
  const resolved = text.replace(pattern, (...parts) => {
    const groups = parts.at(-1) as Readonly<Record<string, string | undefined>>; // The pattern has named groups, so the last argument holds them.
    const name = groups['shell'] ?? groups['dotted'] ?? unquote(groups['called']);
    if (name === undefined) return '${';
    const fallback = groups['shellDefault'] ?? unquote(groups['calledDefault']);
    const value = environment[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback === undefined) missing.add(name);
    const inner = expand(fallback ?? '', environment);
    if (inner.kind === 'missing') for (const one of inner.names) missing.add(one);
    return inner.kind === 'plain' || inner.kind === 'resolved' ? inner.text : (fallback ?? '');
  });
  if (missing.size > 0) return { kind: 'missing', names: [...missing] };
  return { kind: 'resolved', text: resolved };
}

/**
 * A secret written literally in YAML travels in a variable of this name, so that nothing on the way stores it. What the variable holds is
 * what the user wrote (JSON text for a mapping), with its own references still in it.
 */
export function unwrapLiteral(value: unknown, environment: Environment | null): unknown {
  const name = typeof value === 'string' ? /^\$\{(TIKTOK_ADS_LITERAL_\w+)\}$/.exec(value)?.[1] : undefined;
  return name === undefined ? value : (environment?.[name] ?? value);
}

function unquote(text: string | undefined): string | undefined {
  return text?.slice(1, -1);
}
