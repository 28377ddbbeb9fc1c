import { request } from 'node:https';
import { connect } from 'node:tls';

export interface SecureSender {
  /** The authority that the server's certificate is checked against, as PEM. */
  readonly ca: string;
  /** The name that it is checked for. */
  readonly serverName: string;
  readonly token?: string;
}

/** Sends one log record by OTLP's JSON over HTTPS; the answer's status, whatever it is. */
export function postLog(address: string, service: string, { ca, serverName, token }: SecureSender): Promise<number> {
  const record = { timeUnixNano: `${Date.now()}000000`, severityNumber: 9, body: { stringValue: `from ${service}` } };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const [host, port] = address.split(':');
  return new Promise((done, failed) => {
    const sent = request(
      {
        host,
        port,
        ca,
        servername: serverName,
        path: '/v1/logs',
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      },
      (response) => {
        response.resume();
        response.once('end', () => done(response.statusCode ?? 0));
      },
    );
    sent.once('error', failed);
    sent.end(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }));
  });
}

/** The serial number of the certificate that a server answers with. */
export function servedCertificate(address: string, { ca, serverName }: SecureSender): Promise<string> {
  const [host, port] = address.split(':');
  return new Promise((done, failed) => {
    const socket = connect({ host, port: Number(port), ca, servername: serverName, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      done(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', failed);
  });
}
