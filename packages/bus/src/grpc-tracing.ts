import {
  InterceptingCall,
  type Interceptor,
  ListenerBuilder,
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status as Status,
  type StatusObject,
} from '@grpc/grpc-js';
import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { ATTR } from './semconv.ts';

// Explicit interceptors: auto-instrumentation patches nothing in ES modules.

const propagator = new W3CTraceContextPropagator();
const setter: TextMapSetter<Metadata> = { set: (carrier, key, value) => carrier.set(key, value) };
const getter: TextMapGetter<Metadata> = {
  keys: (carrier) => Object.keys(carrier.getMap()),
  get: (carrier, key) => {
    const [first] = carrier.get(key);
    return typeof first === 'string' ? first : undefined;
  },
};

const methodOf = (path: string): string => path.replace(/^\//, '');
/** Health checks and reflection are not part of anybody's work. */
const isPlumbing = (path: string): boolean => path.startsWith('/grpc.');

const finish = (span: Span, status: Pick<Partial<StatusObject>, 'code' | 'details'>): void => {
  const code = status.code ?? Status.UNKNOWN;
  span.setAttribute(ATTR.rpcStatus, Status[code] ?? String(code));
  if (code !== Status.OK) {
    span.setAttribute(ATTR.errorType, Status[code] ?? String(code));
    span.setStatus({ code: SpanStatusCode.ERROR, ...(status.details ? { message: status.details } : {}) });
  }
  span.end();
};

/** A CLIENT span for each call, its context sent along. */
export const tracingClientInterceptor =
  (tracer: Tracer): Interceptor =>
  (options, nextCall) => {
    const { path } = options.method_definition;
    if (isPlumbing(path)) return new InterceptingCall(nextCall(options));
    const span = tracer.startSpan(methodOf(path), {
      kind: SpanKind.CLIENT,
      attributes: { [ATTR.rpcSystem]: 'grpc', [ATTR.rpcMethod]: methodOf(path) },
    });
    const within = trace.setSpan(context.active(), span);
    return new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        propagator.inject(within, metadata, setter);
        const listener = new ListenerBuilder().withOnReceiveStatus((status, nextStatus) => {
          finish(span, status);
          nextStatus(status);
        });
        next(metadata, listener.build());
      },
    });
  };

/** A SERVER span for each call, below the caller's; the handler runs inside it. */
export const tracingServerInterceptor =
  (tracer: Tracer): ServerInterceptor =>
  (method, call) => {
    if (isPlumbing(method.path)) return new ServerInterceptingCall(call);
    let within = ROOT_CONTEXT;
    let span: Span | undefined;
    const end = (status: Pick<Partial<StatusObject>, 'code' | 'details'>) => {
      if (span) finish(span, status);
      span = undefined;
    };
    return new ServerInterceptingCall(call, {
      start(next) {
        const listener = new ServerListenerBuilder()
          .withOnReceiveMetadata((metadata, nextMetadata) => {
            const parent = propagator.extract(ROOT_CONTEXT, metadata, getter);
            const attributes = { [ATTR.rpcSystem]: 'grpc', [ATTR.rpcMethod]: methodOf(method.path) };
            span = tracer.startSpan(methodOf(method.path), { kind: SpanKind.SERVER, attributes }, parent);
            within = trace.setSpan(parent, span);
            context.with(within, () => nextMetadata(metadata));
          })
          .withOnReceiveMessage((message, nextMessage) => context.with(within, () => nextMessage(message)))
          .withOnReceiveHalfClose((nextHalfClose) => context.with(within, nextHalfClose))
          .withOnCancel(() => end({ code: Status.CANCELLED }));
        next(listener.build());
      },
      sendStatus(status, next) {
        end(status);
        next(status);
      },
    });
  };
