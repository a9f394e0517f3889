/**
 * Politeness under load: a ceiling on requests worked on at once, on the event loop's delay, and on requests
 * per client and minute.
 * https://www.rfc-editor.org/rfc/rfc6585#section-4
 */
import { FhirError, fail, issue } from '../fhir/issues.ts';
import type { Metrics } from './observation.ts';

export interface LoadLimits {
  readonly requestsInFlightMax: number;
  /** 0: no limit. */
  readonly requestsPerMinuteMax: number;
  /** 0: no limit. */
  readonly loopDelayMsMax: number;
}

/** How busy the server is now. */
export type Load = Pick<Metrics, 'inFlight' | 'refused' | 'loopDelayMs'>;

const MINUTE_MS = 60_000;
/** Clients remembered; the oldest are forgotten first. */
const CLIENTS_MAX = 50_000;

/** @returns a gate that throws FhirError `overloaded` or `throttled` for a request that has to wait */
export function createGate(limits: LoadLimits, metrics: Load, now: () => number): (client: string) => void {
  const takeToken =
    limits.requestsPerMinuteMax > 0 ? createBuckets(limits.requestsPerMinuteMax, now) : undefined;
  return (client) => {
    if (metrics.inFlight >= limits.requestsInFlightMax || isLagging(limits, metrics)) {
      metrics.refused++;
      throw fail('overloaded', 'The server has more work than it can do. Try again shortly.');
    }
    const waitS = takeToken?.(client) ?? 0;
    if (waitS > 0) {
      metrics.refused++;
      throw new FhirError([issue('throttled', 'Too many requests from this address. Slow down.')], {
        headers: { 'retry-after': String(waitS) },
      });
    }
  };
}

function isLagging(limits: LoadLimits, metrics: Load): boolean {
  return limits.loopDelayMsMax > 0 && metrics.loopDelayMs > limits.loopDelayMsMax;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A token bucket per client that holds a minute's worth. Gives the seconds to wait, 0 for none. */
function createBuckets(perMinute: number, now: () => number): (client: string) => number {
  const buckets = new Map<string, Bucket>();
  return (client) => {
    const time = now();
    const bucket = buckets.get(client) ?? { tokens: perMinute, filledAt: time };
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((time - bucket.filledAt) / MINUTE_MS) * perMinute);
    bucket.filledAt = time;
    buckets.delete(client);
    buckets.set(client, bucket);
    if (buckets.size > CLIENTS_MAX) buckets.delete(buckets.keys().next().value as string);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / perMinute);
    bucket.tokens--;
    return 0;
  };
}
