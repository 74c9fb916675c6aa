import { containerComputes, timePartitionTypes } from './choices.ts';
import { destinationRules } from './destination-rules.ts';
import type { Rule } from './rules.ts';

const unpartitioned = [
  { attribute: 'partition_type', given: false },
  { attribute: 'partition_dimensions', given: false },
] as const;
const flatMulti = [
  { attribute: 'partition_type', in: ['multi'] },
  { attribute: 'partition_dimensions', given: false },
] as const;

/** Options of Dagster's Pipes clients: of the client itself and of its `run`; for ECS the parameters of AWS's RunTask. */
const computeOptions = {
  docker: ['container_kwargs', 'registry'],
  ecs: [
    'cluster',
    'launchType',
    'capacityProviderStrategy',
    'networkConfiguration',
    'platformVersion',
    'enableExecuteCommand',
    'enableECSManagedTags',
    'propagateTags',
    'tags',
    'container_name',
    'waiter_config',
  ],
  k8s: [
    'namespace',
    'base_pod_spec',
    'base_pod_meta',
    'kubeconfig_file',
    'kube_context',
    'load_incluster_config',
    'poll_interval',
    'pod_wait_timeout',
    'delete_pod_on_completion',
    'ignore_containers',
  ],
} as const;

/** What must hold among the component's attributes. */
export const attributeRules: readonly Rule[] = [
  {
    kind: 'required',
    attribute: 'access_token',
    when: [{ attribute: 'mode', in: ['live', 'sandbox'] }],
    message: 'is required',
    allowed: 'a reference such as ${TIKTOK_ACCESS_TOKEN}; only mode: simulate needs none',
  },
  { kind: 'together', attributes: ['app_id', 'secret'], message: 'is required: app_id and secret are used together' },
  {
    kind: 'required',
    attribute: 'advertiser_ids',
    when: [
      { attribute: 'mode', in: ['live'] },
      { attribute: 'app_id', given: false },
      { attribute: 'secret', given: false },
    ],
    message: 'is required',
    allowed: 'advertiser ids; or app_id and secret, which find every authorized account',
  },
  {
    kind: 'required',
    attribute: 'advertiser_ids',
    when: [{ attribute: 'mode', in: ['sandbox'] }],
    message: 'is required: the sandbox cannot list accounts',
    allowed: 'advertiser ids',
  },
  { kind: 'order', first: 'start_date', second: 'end_date', message: 'is before start_date' },
  {
    kind: 'order-inherited',
    entries: 'reports',
    first: 'start_date',
    second: 'end_date',
    message: 'ends before it starts: the date left out is the component’s',
  },
  {
    kind: 'exclusive',
    attributes: ['destination_config', 'destination_credentials_url', 'destination_credentials_env_var'],
    message: 'is a second way to give credentials',
  },
  ...destinationRules,

  {
    kind: 'required',
    attribute: 'partition_start',
    when: [{ attribute: 'partition_type', in: timePartitionTypes }],
    message: 'is required for time partitions',
    allowed: 'the first partition, YYYY-MM-DD',
  },
  {
    kind: 'required',
    attribute: 'partition_values',
    when: [{ attribute: 'partition_type', in: ['static'] }],
    message: 'is required for static partitions',
    allowed: 'advertiser ids',
  },
  {
    kind: 'required',
    attribute: 'dynamic_partition_name',
    when: [{ attribute: 'partition_type', in: ['dynamic'] }],
    message: 'is required for dynamic partitions',
    allowed: 'a name',
  },
  {
    kind: 'required',
    attribute: 'partition_start',
    when: flatMulti,
    message: 'is required for multi partitions: the start of the date axis',
    allowed: 'the first partition, YYYY-MM-DD; or partition_dimensions',
  },
  {
    kind: 'required',
    attribute: 'partition_values',
    when: [...flatMulti, { attribute: 'dynamic_partition_name', given: false }],
    message: 'is required for multi partitions: the advertiser axis',
    allowed: 'advertiser ids; or dynamic_partition_name, or partition_dimensions',
  },
  {
    kind: 'exclusive',
    attributes: ['partition_dimensions', 'partition_start'],
    message: 'is a second way to give the date axis',
  },
  {
    kind: 'exclusive',
    attributes: ['partition_dimensions', 'partition_values', 'dynamic_partition_name'],
    message: 'is a second way to give the advertiser axis',
  },
  {
    kind: 'refused',
    attribute: 'partition_dimensions',
    when: [
      { attribute: 'partition_type', given: true },
      { attribute: 'partition_type', notIn: ['multi'] },
    ],
    message: 'belongs to multi partitions only',
    allowed: 'partition_type: multi',
  },
  {
    kind: 'refused',
    attribute: 'partition_start',
    when: [{ attribute: 'partition_type', in: ['static', 'dynamic'] }],
    message: 'belongs to time partitions only',
  },
  {
    kind: 'refused',
    attribute: 'partition_values',
    when: [{ attribute: 'partition_type', in: [...timePartitionTypes, 'dynamic'] }],
    message: 'belongs to static and multi partitions only',
  },
  {
    kind: 'refused',
    attribute: 'dynamic_partition_name',
    when: [{ attribute: 'partition_type', in: [...timePartitionTypes, 'static'] }],
    message: 'belongs to dynamic and multi partitions only',
  },
  ...['partition_start', 'partition_values', 'dynamic_partition_name', 'partition_timezone', 'backfill_policy'].map(
    (attribute) =>
      ({
        kind: 'refused',
        attribute,
        when: unpartitioned,
        message: 'has no effect without partition_type',
        allowed: 'partition_type: daily, or another',
      }) as const,
  ),
  { kind: 'subset', attribute: 'partition_values', of: 'advertiser_ids', message: 'is not among advertiser_ids' },
  {
    kind: 'subset-of-entries',
    entries: 'partition_dimensions',
    field: 'values',
    of: 'advertiser_ids',
    message: 'is not among advertiser_ids',
  },
  {
    kind: 'one-of-each',
    entries: 'partition_dimensions',
    field: 'type',
    groups: [timePartitionTypes, ['static', 'dynamic']],
    message: 'has to be one axis of time and one of advertisers',
    allowed: 'one mapping with a time type, and one with type static or dynamic',
  },
  {
    kind: 'refused',
    attribute: 'backfill_policy_max_partitions_per_run',
    when: [{ attribute: 'backfill_policy', notIn: ['multi_run'] }],
    message: 'belongs to multi_run only',
    allowed: 'backfill_policy: multi_run',
  },
  {
    kind: 'refused',
    attribute: 'time_granularity',
    when: [{ timeAxis: ['hourly'] }, { attribute: 'time_granularity', in: ['day'] }],
    message: '"day" cannot fill hourly partitions',
    allowed: 'hour',
  },
  {
    // A named report of a lifetime is right there: it has no time, so it is a snapshot as campaigns are.
    kind: 'refused-in-entries',
    entries: 'reports',
    field: 'time_granularity',
    in: ['day'],
    when: [{ timeAxis: ['hourly'] }],
    message: '"day" cannot fill hourly partitions',
    allowed: 'hour, or lifetime for a snapshot',
  },
  {
    kind: 'refused',
    attribute: 'time_granularity',
    when: [{ timeAxis: timePartitionTypes }, { attribute: 'time_granularity', in: ['lifetime'] }],
    message: '"lifetime" has no time, so it cannot fill time partitions',
    allowed: 'day, hour',
  },

  ...(['docker', 'k8s'] as const).map(
    (compute) =>
      ({
        kind: 'required',
        attribute: 'compute_image',
        when: [{ attribute: 'compute', in: [compute] }],
        message: `is required with compute: ${compute}`,
        allowed: 'the image that runs the program, such as registry.example.com/dagster-tiktok-ads:0.1.0',
      }) as const,
  ),
  {
    kind: 'required',
    attribute: 'compute_task_definition',
    when: [{ attribute: 'compute', in: ['ecs'] }],
    message: 'is required with compute: ecs',
    allowed: 'family, family:revision or ARN',
  },
  {
    kind: 'refused',
    attribute: 'compute_task_definition',
    when: [{ attribute: 'compute', in: ['docker', 'k8s'] }],
    message: 'belongs to compute: ecs only',
  },
  ...['compute_image', 'compute_secrets'].map(
    (attribute) =>
      ({
        kind: 'refused',
        attribute,
        when: [{ attribute: 'compute', in: ['ecs'] }],
        message: 'belongs to the task definition of ECS',
        allowed: 'compute_task_definition',
      }) as const,
  ),
  ...[
    'compute_image',
    'compute_command',
    'compute_environment',
    'compute_secrets',
    'compute_task_definition',
    'compute_options',
  ].map(
    (attribute) =>
      ({
        kind: 'refused',
        attribute,
        when: [{ attribute: 'compute', in: ['subprocess'] }],
        message: 'has no effect with compute: subprocess',
        allowed: 'compute: docker, ecs or k8s',
      }) as const,
  ),
  ...containerComputes.map(
    (compute) =>
      ({
        kind: 'keys',
        attribute: 'compute_options',
        when: [{ attribute: 'compute', in: [compute] }],
        among: computeOptions[compute],
        message: `is no option of compute: ${compute}`,
      }) as const,
  ),
  {
    kind: 'required',
    attribute: 'destination_config',
    when: [
      { attribute: 'compute', in: containerComputes },
      { attribute: 'destination', in: ['duckdb'] },
      { attribute: 'destination_credentials_url', given: false },
      { attribute: 'destination_credentials_env_var', given: false },
    ],
    message: 'is required: a DuckDB file inside the container is gone when it ends',
    allowed: 'the path of a file on a volume that the container mounts, or another destination',
  },

  ...['retry_policy_delay_seconds', 'retry_policy_backoff'].map(
    (attribute) =>
      ({
        kind: 'refused',
        attribute,
        when: [{ attribute: 'retry_policy_max_retries', given: false }],
        message: 'has no effect without retry_policy_max_retries',
        allowed: 'retry_policy_max_retries: 3, or another number',
      }) as const,
  ),
];
