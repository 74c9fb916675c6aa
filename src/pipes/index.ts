export { type AzureOptions, azureOptions, azureStore } from './channels/azure.ts';
export type { BlobStore } from './channels/blob-store.ts';
export type { ChannelKind, ChannelSettings, PipesMessageChannel } from './channels/channel.ts';
export { type GcsOptions, gcsStore } from './channels/gcs.ts';
export { channels as pipesChannels } from './channels/index.ts';
export { type S3Config, s3Store } from './channels/s3.ts';
export {
  joinAssetKey,
  type PipesContextData,
  type PipesDataProvenance,
  type PipesPartitionKeyRange,
  type PipesTimeWindow,
  splitAssetKey,
} from './context.ts';
export {
  PipesAzureBlobStorageContextLoader,
  PipesBlobContextLoader,
  PipesContextLoader,
  PipesDbfsContextLoader,
  PipesDefaultContextLoader,
  PipesGCSContextLoader,
  PipesS3ContextLoader,
  PipesUnityCatalogVolumesContextLoader,
} from './context-loader.ts';
export { DagsterPipesError } from './errors.ts';
export { type PipesException, toPipesException } from './exception.ts';
export { encodeJson, PipesFloat, parseJson } from './json.ts';
export { PipesLogger } from './logger.ts';
export {
  PipesAzureBlobStorageMessageWriter,
  PipesChannelMessageWriter,
  PipesDbfsMessageWriter,
  PipesDefaultMessageWriter,
  PipesGCSMessageWriter,
  PipesMessageWriter,
  PipesS3MessageWriter,
  PipesUnityCatalogVolumesMessageWriter,
  type PipesWriterOptions,
} from './message-writer.ts';
export { PipesMetadata, type PipesMetadataInput, type PipesMetadataType, type PipesMetadataValue } from './metadata.ts';
export type { PipesColumnConstraints, PipesColumnDependency, PipesTableCell, PipesTableColumn } from './metadata-tables.ts';
export { openDagsterPipes, openDagsterPipesAsync, type WithPipesOptions, withDagsterPipes } from './open.ts';
export {
  decodeParam,
  encodeParam,
  PipesCliArgsParamsLoader,
  PipesEnvVarParamsLoader,
  PipesMappingParamsLoader,
  type PipesParams,
  PipesParamsLoader,
} from './params.ts';
export {
  type PipesAssetCheckSeverity,
  type PipesExtras,
  type PipesLogLevel,
  type PipesMessage,
  pipesLogLevels,
} from './protocol.ts';
export { PipesContext, type PipesSessionParts } from './session.ts';
export { lineBytesMax } from './text.ts';
