import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CATALOGUE, entryOf, type MetricName, type ObservedMetric, type ReadMetric } from './catalogue.ts';

/** One value of one metric, as a part's own total has it now. */
export interface Reading {
  readonly name: ReadMetric;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Metrics {
  observe(name: ObservedMetric, value: number): void;
  /** The exposition format of Prometheus, with everything that `read` answers now. */
  expose(): Promise<string>;
  readonly contentType: string;
}

/** `read` is asked at every exposition; it must not wait for anything. */
export const createMetrics = (read: () => Iterable<Reading>): Metrics => {
  const registry = new Registry();
  const instruments = new Map<MetricName, Counter<string> | Gauge<string>>();
  const histograms = new Map<MetricName, Histogram<string>>();
  for (const name of Object.keys(CATALOGUE) as MetricName[]) {
    const entry = entryOf(name);
    const settings = { name, help: entry.help, labelNames: [...(entry.labels ?? [])], registers: [registry] };
    if (entry.kind === 'histogram')
      histograms.set(name, new Histogram({ ...settings, buckets: [...(entry.buckets ?? [])] }));
    else instruments.set(name, entry.kind === 'counter' ? new Counter(settings) : new Gauge(settings));
  }
  return {
    observe: (name, value) => histograms.get(name)?.observe(value),
    contentType: registry.contentType,
    expose() {
      for (const instrument of instruments.values()) instrument.reset();
      for (const { name, value, labels } of read()) instruments.get(name)?.inc({ ...labels }, value);
      return registry.metrics();
    },
  };
};
