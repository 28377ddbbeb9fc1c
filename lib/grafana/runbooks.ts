/** This release, as its tag is called. Runbooks of a later one may speak of what is not there yet. */
export const release = 'v0.1.0';

/** Where the runbooks of the library's own rules lie. */
export const runbooks = `https://github.com/cdk8s-observability/cdk8s-observability/blob/${release}/docs/runbooks`;
