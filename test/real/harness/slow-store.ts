import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Stands before the store, lets each request wait, and counts how many are there at one time. */
export class SlowStore {
  most = 0;
  private now = 0;
  private readonly server: Server;

  /** @param delay in milliseconds; it can be changed while requests come */
  constructor(
    store: string,
    public delay: number,
  ) {
    const [host, port] = store.split(':');
    this.server = createServer(async (incoming, outgoing) => {
      this.now++;
      this.most = Math.max(this.most, this.now);
      outgoing.once('close', () => this.now--);
      await sleep(this.delay);
      const { method, url: path, headers } = incoming;
      const passed = request({ host, port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.once('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
