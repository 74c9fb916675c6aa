export const root: string;
export const venv: string;
export const tools: string;
export const main: string;
export function pinnedNode(): string;
export function venvProgram(name: string): string;
export function packageScript(...parts: readonly string[]): string;
export function cleanEnvironment(extra?: Readonly<Record<string, string>>): Record<string, string>;
