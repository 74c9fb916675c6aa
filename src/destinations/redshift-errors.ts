import type { KnownError, ServerName } from './postgres-errors.ts';

/**
 * What Redshift reports under SQLSTATE XX000 beside PostgreSQL's own codes: many things, told apart by their texts and by the code in the
 * detail. Texts as the service's users quote them, such as message `1023`, detail `Serializable isolation violation on table - 119371`.
 */
export const redshiftErrors = (server: Pick<ServerName, 'username'>): readonly KnownError[] => [
  {
    words:
      /\bserializable isolation violation\b|^1023\b|\bcode: +1023\b|conflict with concurrent transaction|concurrent update of/i,
    what: 'two sessions got in each other’s way',
    code: 'conflict',
    retryable: true,
  },
  {
    words: /\bdisk full\b|no space left|insufficient disk space/i,
    what: 'its disk is full',
    code: 'disk_full',
    retryable: true,
    hint: 'Free some space (drop tables, VACUUM) or add nodes, then run again; `SELECT * FROM svv_table_info ORDER BY size DESC` shows what takes it.',
  },
  {
    words: /\bquota\b|usage limit/i,
    what: 'a quota is used up',
    code: 'out_of_resources',
    retryable: true,
    hint: 'Raise the quota of the schema (`ALTER SCHEMA … QUOTA`) or the usage limit of the workgroup, or free some space, then run again.',
  },
  {
    words:
      /S3ServiceException:.*(status 403|access ?denied|invalidaccesskeyid|signaturedoesnotmatch|expiredtoken)|not authorized to (assume|get credentials)/i,
    what: 'it may not read the staged rows from S3',
    code: 'permission',
    hint: 'Let `iam_role` or the AWS keys of `destination_config` read the folder of `s3_staging`: s3:GetObject and s3:ListBucket.',
  },
  {
    words: /S3ServiceException:.*(permanentredirect|status 301)|bucket .* must be addressed using/i,
    what: 'the bucket of `s3_staging` lies in another region',
    code: 'staging_region',
    hint: 'COPY of Parquet reads from the cluster’s own region only: name a bucket of that region in `s3_staging`.',
  },
  {
    words: /S3ServiceException|S3CurlException|the specified s3 prefix|s3 query exception|slowdown/i,
    what: 'the staged rows cannot be read from S3 just now',
    code: 'staging_unreadable',
    retryable: true,
  },
  {
    words: /stl_load_errors|sys_load_error_detail|incompatible parquet schema|spectrum scan error/i,
    what: 'COPY could not read the staged rows',
    code: 'load_refused',
    hint: 'The system view named in the message, or `sys_load_error_detail`, says which value it was.',
  },
  {
    words: /cancell?ed by WLM|query monitoring rule|aborted by wlm|\bcode: +1078\b/i,
    what: 'workload management ended the query',
    code: 'out_of_resources',
    retryable: true,
    hint: `Give user \`${server.username}\` a queue whose rules and limits let loads through.`,
  },
  {
    words: /out of memory|\bcode: +1004\b|\bcode: +1037\b/i,
    what: 'it is out of memory',
    code: 'out_of_resources',
    retryable: true,
  },
  {
    words: /read-only mode|cluster is (being )?(resized|rebooted|paused)|in maintenance/i,
    what: 'the cluster takes no changes just now',
    code: 'unavailable',
    retryable: true,
    hint: 'It is resized, restarted or maintained: run again afterwards.',
  },
  {
    words: /value too long for (character )?type/i,
    what: 'a value is longer than its column',
    code: 'text_too_long',
    hint: 'Widen the column, or let it be made anew by renaming it.',
  },
];
