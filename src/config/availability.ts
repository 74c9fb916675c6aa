/**
 * Attributes, or single values of them as `attribute=value`, whose behaviour comes with a later version, and what to do until then. Setting
 * one is a mistake that says so; nothing is ever ignored in silence.
 */
export const notYet: Readonly<Record<string, string>> = {};
