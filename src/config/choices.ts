/** The closed sets of words that attributes choose from, where no registry has them. */
export const modes = ['live', 'sandbox', 'simulate'] as const;
export const writeDispositions = ['merge', 'replace', 'append'] as const;
export const assetLayouts = ['single', 'per_resource'] as const;
export const advertiserErrorActions = ['fail', 'skip'] as const;
export const partitionTypes = ['daily', 'weekly', 'monthly', 'hourly', 'static', 'dynamic', 'multi'] as const;
export const timePartitionTypes = ['daily', 'weekly', 'monthly', 'hourly'] as const;
export const backfillPolicies = ['single_run', 'multi_run'] as const;
/** Where the executable runs: as a child of Dagster's step, or in a container. */
export const computes = ['subprocess', 'docker', 'ecs', 'k8s'] as const;
export const containerComputes = ['docker', 'ecs', 'k8s'] as const;
export const retryBackoffs = ['exponential', 'linear', 'fixed'] as const;
