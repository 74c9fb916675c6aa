import { ConfigError } from '../errors.ts';
import type { GivenCredentials } from './destination.ts';

type Parts = Readonly<Record<string, unknown>>;

/** Stands where a URL names no host; no host can be named so. */
const noHost = '_._';

export interface CredentialsForm {
  /** URL schemes, the first being the one to recommend; a `+driver` behind one of them is ignored. */
  readonly schemes: readonly string[];
  /** Other spellings of the option names that users know from elsewhere. */
  readonly synonyms: Readonly<Record<string, string>>;
  /** What the parts of a URL's path mean, in order. */
  readonly path: readonly string[];
  /** A complete example without a real secret, for messages. */
  readonly example: string;
}

/**
 * One flat record of options from what the user wrote: `credentials` as URL, JSON text or mapping, or the credentials URL, and the
 * options beside it, which win. Values are not judged here. Throws ConfigError that names the parameter and holds no value.
 */
export function givenOptions(given: GivenCredentials, form: CredentialsForm): Parts {
  const { credentials, ...rest } = given.config ?? {};
  const written = credentials ?? given.url ?? {};
  const where =
    credentials === undefined && given.url !== null ? 'destination_credentials_url' : 'destination_config.credentials';
  const parts =
    typeof written === 'string'
      ? fromText(written, form, where)
      : isRecord(written)
        ? written
        : refuse(where, 'is neither a URL nor a mapping', form);
  return { ...renamed(parts, form), ...renamed(rest, form), dataset: given.datasetName };
}

function fromText(text: string, form: CredentialsForm, where: string): Parts {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return fromJson(trimmed, form, where);
  const scheme = /^(?<scheme>[a-z][a-z0-9.-]*)(\+[a-z0-9_]+)?:\/\//i.exec(trimmed);
  const name = scheme?.groups?.['scheme']?.toLowerCase();
  if (scheme === null || name === undefined || !form.schemes.includes(name)) {
    return refuse(where, `does not begin with ${form.schemes[0]}://`, form);
  }
  try {
    // `user:password@/database?host=/run/postgresql` is how libpq writes a socket; URLs proper want a host behind a user.
    const rest = trimmed.slice(scheme[0].length).replace(/^([^/?#]*@)(?=[/?]|$)/, `$1${noHost}`);
    const url = new URL(`${form.schemes[0]}://${rest}`);
    const segments = url.pathname.split('/').filter((segment) => segment !== '');
    const path = form.path.flatMap((part, at) =>
      segments[at] === undefined ? [] : [[part, decodeURIComponent(segments[at])] as const],
    );
    const written = [
      ['username', decodeURIComponent(url.username)],
      ['password', decodeURIComponent(url.password)],
      ['host', url.hostname === noHost ? '' : decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1'))],
      ['port', url.port],
      ...path,
    ].filter(([, value]) => value !== '');
    return { ...Object.fromEntries(written), ...Object.fromEntries(url.searchParams) };
  } catch {
    return refuse(
      where,
      'cannot be read as a URL: write special characters of user and password percent-encoded (`@` as `%40`)',
      form,
    );
  }
}

function fromJson(text: string, form: CredentialsForm, where: string): Parts {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : refuse(where, 'is not a JSON object', form);
  } catch {
    return refuse(where, 'is not valid JSON', form);
  }
}

function renamed(parts: Parts, { synonyms }: CredentialsForm): Parts {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [synonyms[name] ?? name, value]));
}

function isRecord(value: unknown): value is Parts {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function refuse(where: string, why: string, form: CredentialsForm): never {
  throw new ConfigError(`${where} ${why}.`, {
    hint: `Write it as ${form.example}, or as a mapping of the same parts.`,
    issues: [{ path: where, message: why, allowed: form.example }],
  });
}
