import { Counter, Gauge, Registry } from 'prom-client'
import type { Service } from '../service/index.ts'

type Labels = Readonly<Record<string, string>>
type Named = readonly [name: string, help: string]
type Tell = (named: Named, value: number, labels?: Labels) => void
type Telling = { readonly gauge: Tell; readonly counter: Tell }

/** Firebreak's own figures in Prometheus' text format. Made anew for each scrape from what is counted anyway. */
export async function metricsText(
  service: Service,
): Promise<{ readonly text: string; readonly contentType: string }> {
  const registry = new Registry()
  const telling = into(registry)
  processFigures(service, telling)
  sourceFigures(service, telling)
  intakeFigures(service, telling)
  detectionFigures(service, telling)
  await storeFigures(service, telling)
  return { text: await registry.metrics(), contentType: registry.contentType }
}

/** Metrics by name, made when they are first told of. */
function into(registry: Registry): Telling {
  const gauges = new Map<string, Gauge>()
  const counters = new Map<string, Counter>()
  return {
    gauge([name, help], value, labels = {}) {
      const known = gauges.get(name)
      const metric =
        known ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] })
      gauges.set(name, metric)
      metric.set(labels, value)
    },
    counter([name, help], value, labels = {}) {
      const known = counters.get(name)
      const metric =
        known ?? new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] })
      counters.set(name, metric)
      metric.inc(labels, value)
    },
  }
}

function processFigures({ startedAt }: Service, { gauge, counter }: Telling): void {
  const { user, system } = process.cpuUsage()
  gauge(['process_start_time_seconds', 'When this process began'], startedAt / 1000)
  gauge(['process_resident_memory_bytes', 'Memory of this process'], process.memoryUsage.rss())
  counter(['process_cpu_seconds_total', 'Processor time of this process'], (user + system) / 1e6)
}

function sourceFigures(service: Service, { gauge, counter }: Telling): void {
  const { received, sources } = service.state()
  for (const { source, requests, bytes, ...items } of received) {
    counter(['firebreak_source_requests_total', 'Requests of senders'], requests, { source })
    counter(['firebreak_source_bytes_total', 'Bytes of senders'], bytes, { source })
    counter(['firebreak_source_received_total', 'Records, spans and points'], items.received, { source })
    counter(['firebreak_source_accepted_total', 'Of them, stored'], items.accepted, { source })
    for (const [reason, count] of items.refused) {
      counter(['firebreak_source_refused_total', 'Refused, by reason'], count, { source, reason })
    }
  }
  for (const { source, name, state } of sources) {
    const labels = { source, name }
    gauge(['firebreak_own_source_working', 'Whether it does'], state.kind === 'working' ? 1 : 0, labels)
    counter(['firebreak_own_source_items_total', 'What it handed on'], state.taken, labels)
    counter(['firebreak_own_source_dropped_total', 'What it had to give up'], state.dropped, labels)
  }
}

function intakeFigures(service: Service, { gauge, counter }: Telling): void {
  const { intake, inFlightBytes, isReady, refusedConfiguration } = service.state()
  for (const [signal, count] of intake.stored) {
    counter(['firebreak_stored_total', 'Items stored, by signal'], count, { signal })
  }
  counter(['firebreak_try_later_total', 'Batches that had to come again'], intake.triedLater)
  gauge(
    ['firebreak_store_lag_seconds', 'How long the newest batch waited for the store'],
    intake.lagMs / 1000,
  )
  gauge(['firebreak_in_flight_bytes', 'Bytes of requests that are not answered yet'], inFlightBytes)
  gauge(['firebreak_ready', 'Whether the store answers'], isReady ? 1 : 0)
  const isRefused = refusedConfiguration === null ? 0 : 1
  gauge(['firebreak_configuration_refused', '1: the file is broken, the one before is in force'], isRefused)
}

function detectionFigures(service: Service, { gauge }: Telling): void {
  const active = service.detector.active()
  for (const urgency of ['P1', 'P2', 'P3', 'P4'] as const) {
    const ofUrgency = active.filter((one) => one.urgency === urgency).length
    gauge(['firebreak_detections_active', 'Detections that go on'], ofUrgency, { urgency })
  }
  gauge(['firebreak_detections_unsaved', 'Events that are not stored yet'], service.state().unsavedDetections)
  gauge(['firebreak_followers', 'Who follows along over server-sent events'], service.hub.listeners())
  for (const [name, value] of Object.entries(service.detector.figures())) {
    if (typeof value === 'number')
      gauge(['firebreak_detection_figure', 'What detection holds'], value, { name })
  }
}

async function storeFigures(service: Service, { gauge, counter }: Telling): Promise<void> {
  const { engine, queue, tables, diskBytes, freeBytes } = await service.stored.stats()
  gauge(['firebreak_engine_up', 'Whether the engine answers'], engine.state === 'up' ? 1 : 0)
  counter(['firebreak_engine_restarts_total', 'How often the engine was started again'], engine.restarts)
  gauge(['firebreak_engine_resident_bytes', 'Memory of the engine'], engine.residentBytes ?? 0)
  gauge(['firebreak_queue_bytes', 'What waits for the store'], queue.bytes)
  gauge(['firebreak_queue_limit_bytes', 'What may wait before senders are asked to'], queue.limitBytes)
  gauge(['firebreak_store_disk_bytes', 'What is stored'], diskBytes)
  if (freeBytes !== null) gauge(['firebreak_store_free_bytes', 'Room that is left'], freeBytes)
  for (const { table, rows, parts } of tables) {
    gauge(['firebreak_store_rows', 'Rows by table'], rows, { table })
    gauge(['firebreak_store_parts', 'Parts by table'], parts, { table })
  }
}
