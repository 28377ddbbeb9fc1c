/**
 * What makes two points of a metric the same series. Usually the whole attribute set, `SeriesId`. But resources of Kubernetes carry attributes that change while the
 * thing itself lives on (the reason of the last end, the node once it is known, an owner that is found a sample later): there a series is its subject, or the step
 * that counts is lost, such as the first OOM kill.
 */
export function subjectOf(metricName: string): string {
  const own = subjects.find(({ metrics }) => metrics.test(metricName));
  return own ? `cityHash64(MetricName, ${own.identity.join(', ')}, mapSort(Attributes))` : 'SeriesId';
}

const resource = (attribute: string) => `ResourceAttributes['${attribute}']`;

const subjects = [
  { metrics: /^(k8s\.container|container)\./, identity: [resource('k8s.pod.uid'), 'Container'] },
  { metrics: /^k8s\.pod\./, identity: [resource('k8s.pod.uid')] },
  { metrics: /^k8s\.node\./, identity: ['Cluster', 'Node'] },
  { metrics: /^k8s\.volume\./, identity: [resource('k8s.pod.uid'), resource('k8s.volume.name')] },
];
