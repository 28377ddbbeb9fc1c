/** Ports of a ClickHouse server. */
export const clickHousePort = { http: 8123, native: 9000, metrics: 9363 } as const;
