/**
 * Names of spans, attributes and metrics. Messaging conventions of OpenTelemetry are not stable yet (semconv 1.44),
 * so the names in use are copied here instead of imported from an incubating table.
 */
export const ATTR = {
  messagingSystem: 'messaging.system',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
  messagingTemplate: 'messaging.destination.template',
  messagingConsumer: 'messaging.consumer.group.name',
  messagingMessageId: 'messaging.message.id',
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  rpcStatus: 'rpc.response.status_code',
  errorType: 'error.type',
  exposure: 'drs.exposure.id',
  observation: 'drs.observation.id',
  detector: 'drs.detector',
  mode: 'drs.mode',
  stage: 'drs.stage',
  level: 'drs.level',
  role: 'drs.role',
  step: 'drs.step',
  stepState: 'drs.step.state',
  stepReason: 'drs.step.reason',
  deliveries: 'drs.task.deliveries',
  outcome: 'drs.task.outcome',
  path: 'drs.product.path',
  retriable: 'drs.failure.retriable',
} as const;

export const METRIC = {
  frames: 'drs.frames',
  bytes: 'drs.bytes',
  stepSeconds: 'drs.step.duration',
  taskSeconds: 'drs.task.duration',
  queueLag: 'drs.queue.lag',
  queuePending: 'drs.queue.pending',
  failures: 'drs.failures',
  keywordsMissing: 'drs.keywords.missing',
  intakePaused: 'drs.intake.paused',
} as const;

/** Value of `messaging.system`; not registered with OpenTelemetry (semantic-conventions#2297). */
export const NATS_SYSTEM = 'nats';
