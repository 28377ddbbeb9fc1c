/** Logs of a cluster whose teams write JSON, logfmt and stack traces, beside the audit log of its nodes. */
import { App } from 'cdk8s';
import { ContainerLogs, LogFiles, LogParser, Multiline, NodeAgent, ObservabilityChart, OtlpReceiver } from 'cdk8s-observability';

const containers = new ContainerLogs({
  exclude: { namespaces: ['load-tests'], containers: ['istio-proxy'] },
  multiline: [Multiline.startsWith('^\\d{4}-\\d{2}-\\d{2} ', { namespaces: ['legacy'], pods: ['billing-*'] })],
  parse: [
    LogParser.json({ namespaces: ['shop', 'team-*'] }),
    LogParser.logfmt({ namespaces: ['observability'], containers: ['grafana'] }),
    LogParser.klog({ namespaces: ['kube-system'] }),
    LogParser.regex('(?s)^\\S+ \\S+ +(?P<level>[A-Z]+) \\[(?P<thread>[^\\]]+)\\] (?P<logger>\\S+) - (?P<message>.*)$', {
      namespaces: ['legacy'],
    }),
  ],
});

const audit = new LogFiles({
  paths: ['/var/log/audit/audit.log'],
  parse: LogParser.regex('^type=(?P<type>\\S+) msg=audit\\((?P<time>[\\d.]+):(?P<serial>\\d+)\\)'),
  serviceName: 'auditd',
});

const app = new App();
new ObservabilityChart(app, 'observability', {
  clusterName: 'prod-eu',
  nodeAgent: { sources: [containers, audit, ...NodeAgent.defaultMetricSources(), new OtlpReceiver()] },
});
app.synth();
