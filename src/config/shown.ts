/** Longest part of a value that a message shows, in characters. */
const shownMax = 80;

/** A value as messages show it: short, on one line, the same from TypeScript and Python. */
export function shown(value: unknown): string {
  switch (kindOf(value)) {
    case 'text': {
      const characters = [...String(value)];
      return JSON.stringify(characters.length > shownMax ? `${characters.slice(0, shownMax).join('')}…` : characters.join(''));
    }
    case 'list':
      return 'a list';
    case 'mapping':
      return 'a mapping';
    case 'number':
      return numberText(Number(value), String(value));
    default:
      return String(value);
  }
}

/** As YAML writes it. */
function numberText(number: number, text: string): string {
  if (Number.isNaN(number)) return '.nan';
  if (Number.isFinite(number)) return text;
  return number > 0 ? '.inf' : '-.inf';
}

/** What YAML would call a value. */
export function kindOf(value: unknown): 'text' | 'number' | 'boolean' | 'null' | 'list' | 'mapping' {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'mapping';
  }
}
