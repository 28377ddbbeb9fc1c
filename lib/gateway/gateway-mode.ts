/** When a gateway answers its senders. */
export enum GatewayMode {
  /** When what they sent is in its queue on disk: they do not notice that the store is away. */
  DURABLE = 'durable',
  /** When what they sent is in the store, or an error: it keeps nothing, has no disk, and its pods come and go freely. Senders have to keep and send again. */
  SYNCHRONOUS = 'synchronous',
}
