// The part of otelcol-overlay.mjs that is about receivers of logs: what they share with each other is called stanza.
import { bytes, list, map, oneOf, ref, text } from './otelcol-shapes.mjs';

export const logReceivers = [
  {
    because: 'the stanza operators of a log receiver are a list of anything in the schema',
    of: 'StanzaAdapterBaseConfig',
    fields: { operators: list(ref('Operator')) },
  },
  {
    because: 'operators that read a header are operators too; sizes are texts with a unit as well',
    of: 'StanzaFileconsumerHeaderConfig',
    fields: { metadata_operators: list(ref('Operator')) },
  },
  {
    because: 'sizes are texts with a unit as well as numbers; a file is read from one of two ends',
    of: 'StanzaFileconsumer',
    fields: { fingerprint_size: bytes, initial_buffer_size: bytes, max_log_size: bytes, start_at: oneOf('beginning', 'end') },
  },
  { because: 'nothing is read without a pattern', of: 'receiver file_log', required: ['include'] },
  {
    because: 'a match is any set of journal fields',
    of: 'StanzaJournald',
    fields: { matches: list(map(text)) },
  },
  {
    because: 'sizes are texts with a unit as well as numbers',
    of: 'StanzaTcpBaseConfig',
    fields: { max_log_size: bytes },
  },
  {
    because: 'nothing is read without a protocol; what it and others may be is read when the receiver is made',
    of: 'receiver syslog',
    fields: {
      protocol: oneOf('rfc3164', 'rfc5424', 'none'),
      non_transparent_framing_trailer: oneOf('NUL', 'LF'),
      on_error: oneOf('drop', 'drop_quiet', 'send', 'send_quiet'),
    },
    required: ['protocol'],
  },
];
