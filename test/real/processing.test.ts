import { Duration } from 'cdk8s';
import { Drop, LogSeverity, type Processor, Redact, Rename, Sample, Transform } from '../../lib';
import { gauges, logs, Processing, type RecordOptions, spans } from './processing';
import { Receiver } from './received';

// What comes in and what has to be left is written by hand.
let running: Processing | undefined;
afterEach(async () => {
  await running?.stop();
});

async function through(processors: Processor[], addresses: Record<string, string> = {}): Promise<Processing> {
  running = await Processing.start(processors, { addresses });
  return running;
}

const lastLine = (received: Receiver) => received.lines().some(({ body }) => body === 'the last');
const bodies = (received: Receiver) => received.lines().map(({ body }) => body);
const trace = (digit: string) => digit.repeat(32);

test('[processors] Drop.logs: what all conditions meet goes, what one of them does not meet stays', async () => {
  const processing = await through([
    Drop.logs({ below: LogSeverity.INFO, namespaces: ['kube-*', 'istio-system'] }),
    Drop.logs({ body: '^GET /healthz "\\d+"$' }),
    Drop.logs({ attributes: { 'http.route': '/it\'s "quoted" $1' }, services: ['checkout'] }),
  ]);
  await processing.send(
    'logs',
    logs([
      ['debug of kube-system', { namespace: 'kube-system', severity: 5 }],
      ['trace of istio-system', { namespace: 'istio-system', severity: 1 }],
      ['info of kube-system', { namespace: 'kube-system', severity: 9 }],
      ['debug of shop', { severity: 5 }],
      ['debug of akube-system', { namespace: 'akube-system', severity: 5 }],
      ['debug of istio-systems', { namespace: 'istio-systems', severity: 5 }],
      ['without severity in kube-system', { namespace: 'kube-system', severity: 0 }],
      ['GET /healthz "200"'],
      ['GET /healthz "200" slow'],
      ['quoted', { attributes: { 'http.route': '/it\'s "quoted" $1' } }],
      ['not quoted', { attributes: { 'http.route': '/its quoted $1' } }],
      ['the last'],
    ]),
  );
  expect(bodies(await processing.received(lastLine)).sort()).toEqual([
    'GET /healthz "200" slow',
    'debug of akube-system',
    'debug of istio-systems',
    'debug of shop',
    'info of kube-system',
    'not quoted',
    'the last',
    'without severity in kube-system',
  ]);
});

test('[processors] Drop.spans and Drop.metrics', async () => {
  const processing = await through([
    Drop.spans({ names: ['GET /healthz', 'HEAD *'], services: ['checkout'] }),
    Drop.metrics({ names: ['go.memory.used', 'process.*'], matching: '_bucket$' }),
  ]);
  await processing.send(
    'traces',
    spans(['GET /healthz', 'HEAD /', 'GET /healthz/deep', 'HEADLESS', 'GET /'].map((name) => ({ name, trace: trace('1') }))),
  );
  await processing.send(
    'metrics',
    gauges(['go.memory.used', 'go.memory.used.more', 'go-memory-used', 'process.cpu.time', 'a_bucket', 'a_bucket_b']),
  );
  const received = await processing.received((so) => so.points().length > 0 && so.spans().length > 0);
  expect(received.spans().map(({ name }) => name)).toEqual(['GET /healthz/deep', 'HEADLESS', 'GET /']);
  expect(received.points().map(({ metric }) => metric)).toEqual(['go.memory.used.more', 'go-memory-used', 'a_bucket_b']);
});

test('[processors] Redact: values of attributes anywhere, and parts of texts that match', async () => {
  const processing = await through([Redact.attributes(['user.email', 'session.*']), Redact.values([Redact.CARD_NUMBER, Redact.EMAIL])]);
  const secret = {
    'user.email': 'a@acme.example',
    'user.emails': 'stays',
    'session.id': 4711,
    note: 'card 4111 1111 1111 1111, order 12345678901234567890',
  };
  await processing.send(
    'logs',
    logs([['paid by mary.jones@acme.example with 5500000000000004!', { attributes: secret }], ['order 1111222233334444'], ['the last']]),
  );
  await processing.send('traces', spans([{ name: 'pay', trace: trace('1'), of: secret }]));
  await processing.send('metrics', gauges(['payments'], secret));
  const received = await processing.received((so) => so.points().length > 0 && so.spans().length > 0 && lastLine(so));
  const masked = { 'user.email': '****', 'user.emails': 'stays', 'session.id': '****', note: 'card ****, order 12345678901234567890' };
  expect(received.lines()[0]).toMatchObject({ body: 'paid by **** with ****!', attributes: masked });
  expect(received.lines()[1].body).toBe('order 1111222233334444');
  const [span] = received.spans();
  expect(span).toMatchObject({ attributes: masked, events: [masked] });
  expect(span.resource['user.email']).toBe('****');
  expect(received.points()[0].attributes).toEqual(masked);
});

test('[processors] Rename and Transform', async () => {
  const processing = await through([
    Rename.attribute('status', 'http.response.status_code'),
    Rename.metric('reqs', 'http.server.requests'),
    Transform.ottl({ logs: ['set(log.attributes["tier"], "gold") where log.attributes["http.response.status_code"] == 200'] }),
  ]);
  await processing.send(
    'logs',
    logs([['one', { attributes: { status: 200 } }], ['two', { attributes: { 'http.response.status_code': 404 } }], ['the last']]),
  );
  await processing.send('traces', spans([{ name: 'pay', trace: trace('1'), of: { status: 200 } }]));
  await processing.send('metrics', gauges(['reqs', 'reqs2'], { status: 200 }));
  const received = await processing.received((so) => so.points().length > 0 && so.spans().length > 0 && lastLine(so));
  expect(received.lines().map(({ attributes: of }) => of)).toEqual([
    { 'http.response.status_code': '200', tier: 'gold' },
    { 'http.response.status_code': '404' },
    {},
  ]);
  expect(received.spans()[0]).toMatchObject({
    attributes: { 'http.response.status_code': '200' },
    events: [{ 'http.response.status_code': '200' }],
  });
  expect(received.points().map(({ metric, attributes: of }) => ({ metric, of }))).toEqual([
    { metric: 'http.server.requests', of: { 'http.response.status_code': '200' } },
    { metric: 'reqs2', of: { 'http.response.status_code': '200' } },
  ]);
});

test('[processors] Sample: the share of the meant logs, all others, and whole traces', async () => {
  const processing = await through([Sample.logs(0.25, { below: LogSeverity.WARN, services: ['checkout'] }), Sample.traces(0.25)]);
  const many = Array.from({ length: 4000 }, (_, index) => index);
  await processing.send(
    'logs',
    logs(many.map((index): [string, RecordOptions] => [`line ${index}`, { severity: index % 2 === 0 ? 9 : 17 }])),
  );
  const id = (index: number) =>
    ((BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n)).toString(16).padStart(32, '0');
  const half = (name: string) => spans(many.map((index) => ({ name, trace: id(index) })));
  await processing.send('traces', half('first'));
  await processing.send('traces', half('second'));
  await processing.send(
    'traces',
    spans(many.slice(0, 100).map((index) => ({ name: 'meant', trace: id(index), of: { 'sampling.priority': 1 } }))),
  );
  await processing.send('logs', logs([['the last', { severity: 17 }]]));
  const received = await processing.received((so) => lastLine(so) && so.spans().some(({ name }) => name === 'second'));
  const severe = bodies(received).filter((body) => /[13579]$/.test(body));
  expect(severe.length).toBe(2000);
  // 500 expected; a count beyond these bounds would come once in a billion runs.
  const usual = received.lines().length - 1 - severe.length;
  expect(usual).toBeGreaterThan(380);
  expect(usual).toBeLessThan(620);
  const traces = (name: string) =>
    received
      .spans()
      .filter((span) => span.name === name)
      .map(({ traceId }) => traceId);
  expect(traces('first').length).toBeGreaterThan(800);
  expect(traces('first').length).toBeLessThan(1200);
  expect(traces('second')).toEqual(traces('first'));
  // What OpenTelemetry writes of one of four: three quarters of all, in hexadecimal digits of a fraction.
  expect([...new Set(received.spans().flatMap(({ name, traceState }) => (name === 'meant' ? [] : [traceState])))]).toEqual(['ot=th:c']);
  expect(traces('meant').length).toBe(100);
});

test('[processors] Drop.outOfTime: what is too old or too far ahead, by the time that a record has; the collector counts it', async () => {
  const limits = { logs: Duration.days(30), metrics: Duration.days(1), traces: Duration.hours(1), future: Duration.hours(2) };
  const counts = await Receiver.start();
  const processing = await through([Drop.outOfTime(limits)], { 'nowhere.observability.svc:4318': counts.http });
  const minutes = (count: number) => `${BigInt(Date.now() + count * 60_000) * 1_000_000n}`;
  const day = 24 * 60;
  const dated = { old: -30 * day - 10, kept: -30 * day + 10, ahead: 130, soon: 110, now: 0 };
  const records = [
    ...Object.entries(dated).map(([body, at]) => ({ body: { stringValue: body }, timeUnixNano: minutes(at) })),
    { body: { stringValue: 'old by observation' }, observedTimeUnixNano: minutes(dated.old) },
    { body: { stringValue: 'kept by observation' }, observedTimeUnixNano: minutes(dated.kept) },
    { body: { stringValue: 'of no time at all' } },
    { body: { stringValue: 'observed long ago' }, timeUnixNano: minutes(0), observedTimeUnixNano: minutes(dated.old) },
    { body: { stringValue: 'the last' }, timeUnixNano: minutes(0) },
  ];
  const points = { older: -day - 10, kept: -day + 10, ahead: 130, soon: 110 };
  const begun = { older: -70, kept: -50, ahead: 130, soon: 110 };
  await processing.send('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
  await processing.send('metrics', {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: Object.entries(points).map(([name, at]) => ({
              name,
              gauge: { dataPoints: [{ timeUnixNano: minutes(at), asInt: '1' }] },
            })),
          },
        ],
      },
    ],
  });
  await processing.send('traces', {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: Object.entries(begun).map(([name, at], index) => ({
              name,
              traceId: trace('a'),
              spanId: `${index}`.padStart(16, 'b'),
              startTimeUnixNano: minutes(at),
              endTimeUnixNano: minutes(Math.max(at, 0)),
            })),
          },
        ],
      },
    ],
  });
  const received = await processing.received((so) => lastLine(so) && so.points().length > 0 && so.spans().length > 0);
  expect(bodies(received)).toEqual(['kept', 'soon', 'now', 'kept by observation', 'observed long ago', 'the last']);
  expect(received.points().map(({ metric }) => metric)).toEqual(['kept', 'soon']);
  expect(received.spans().map(({ name }) => name)).toEqual(['kept', 'soon']);
  await processing.stop();
  await counts.until((so) => so.points().length > 0);
  const dropped = counts.points().filter(({ metric }) => metric.startsWith('otelcol_processor_filter_'));
  expect(dropped.map(({ metric, value }) => ({ metric, value }))).toEqual(
    expect.arrayContaining([
      { metric: 'otelcol_processor_filter_logs.filtered', value: 4 },
      { metric: 'otelcol_processor_filter_datapoints.filtered', value: 2 },
      { metric: 'otelcol_processor_filter_spans.filtered', value: 2 },
    ]),
  );
});
