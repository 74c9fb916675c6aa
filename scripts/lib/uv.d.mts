export function uvEnvironment(python: string): Record<string, string | undefined>;
