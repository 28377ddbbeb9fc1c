import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterTheFile } from './program';

/**
 * What an Ingress controller does in front of a gateway: it decrypts, passes on what comes for its path, and refuses bodies of more than 1 MiB, as ingress-nginx does by default.
 */
export class TlsFront {
  static async start(options: { readonly certificate: string; readonly key: string; readonly to: string }): Promise<TlsFront> {
    const front = new TlsFront(options.to);
    const server = createServer({ cert: options.certificate, key: options.key }, (incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('end', () => {
        const body = Buffer.concat(chunks);
        front.largestBody = Math.max(front.largestBody, body.length);
        if (body.length > 1024 * 1024 || !incoming.url?.startsWith('/v1/')) {
          answer.writeHead(body.length > 1024 * 1024 ? 413 : 404).end();
          return;
        }
        front.passOn(incoming.url, incoming.headers, body, (status, text) => answer.writeHead(status).end(text));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    afterTheFile(async () => void server.close());
    front.port = (server.address() as AddressInfo).port;
    return front;
  }

  largestBody = 0;
  private port = 0;

  private constructor(private readonly to: string) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  private passOn(path: string, headers: Record<string, unknown>, body: Buffer, answer: (status: number, text: Buffer) => void): void {
    const [host, port] = this.to.split(':');
    const sent = request({ host, port, path, method: 'POST', headers: headers as Record<string, string> }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => answer(response.statusCode ?? 502, Buffer.concat(chunks)));
    });
    sent.once('error', () => answer(502, Buffer.alloc(0)));
    sent.end(body);
  }
}
