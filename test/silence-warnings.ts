// Tests provoke warnings by the hundred; what they say is asserted on `warnings`, and that they are printed in a process of its own.
const write = process.stderr.write.bind(process.stderr) as (...given: unknown[]) => boolean;
process.stderr.write = ((...given: unknown[]) =>
  String(given[0]).startsWith('warning: ') ? true : write(...given)) as typeof process.stderr.write;
