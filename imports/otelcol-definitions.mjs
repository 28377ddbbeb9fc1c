// Objects that no schema of upstream's has, by hand: operators of log receivers, scrapers of host metrics, and smaller ones.
import { bytes, either, errorMode, fields, flag, list, map, matchType, oneOf, ottlContext, ref, schema, text } from './otelcol-shapes.mjs';

/** Definitions that no schema has. */
export const definitions = {
  ...operatorDefinitions(),
  HealthcheckPath: fields({ enabled: flag, path: text, include_attributes: flag }),
  HealthcheckHttp: {
    squash: [ref('ConfighttpServerConfig')],
    ...fields({ config: ref('HealthcheckPath'), status: ref('HealthcheckPath') }),
  },
  HostDevices: fields({ match_type: matchType, devices: list(text) }),
  HostFsTypes: fields({ match_type: matchType, fs_types: list(text) }),
  HostMountPoints: fields({ match_type: matchType, mount_points: list(text) }),
  HostInterfaces: fields({ match_type: matchType, interfaces: list(text) }),
  HostProcessNames: fields({ match_type: matchType, names: list(text) }),
  TransformContextStatements: fields({ context: ottlContext, error_mode: errorMode, conditions: list(text), statements: list(text) }),
  FilterContextConditions: fields({ context: ottlContext, error_mode: errorMode, conditions: list(text) }),
  ReceivercreatorTemplate: fields({ rule: text, config: map('any'), resource_attributes: map(text) }, ['rule']),
};

export function hostScrapers() {
  const own = {
    disk: { include: ref('HostDevices'), exclude: ref('HostDevices') },
    filesystem: {
      include_virtual_filesystems: flag,
      include_devices: ref('HostDevices'),
      exclude_devices: ref('HostDevices'),
      include_fs_types: ref('HostFsTypes'),
      exclude_fs_types: ref('HostFsTypes'),
      include_mount_points: ref('HostMountPoints'),
      exclude_mount_points: ref('HostMountPoints'),
    },
    load: { cpu_average: flag },
    network: { include: ref('HostInterfaces'), exclude: ref('HostInterfaces') },
    process: {
      include: ref('HostProcessNames'),
      exclude: ref('HostProcessNames'),
      mute_process_all_errors: flag,
      mute_process_name_error: flag,
      mute_process_io_error: flag,
      mute_process_cgroup_error: flag,
      mute_process_exe_error: flag,
      mute_process_user_error: flag,
      scrape_process_delay: 'duration',
    },
  };
  const names = ['cpu', 'disk', 'filesystem', 'load', 'memory', 'network', 'nfs', 'paging', 'process', 'processes', 'system'];
  const folder = 'receiver/hostmetricsreceiver/internal/scraper';
  return fields(
    Object.fromEntries(names.map((name) => [name, { squash: [schema(`${folder}/${name}scraper`)], ...fields(own[name] ?? {}) }])),
  );
}

/** Operators are known by their `type`; no schema has them. */
function operatorDefinitions() {
  const parseFrom = ref('OperatorParseFrom');
  const basic = { type: text, id: text };
  const written = { ...basic, output: list(text) };
  const moved = { ...written, if: text, on_error: oneOf('drop', 'drop_quiet', 'send', 'send_quiet') };
  const time = { layout: text, layout_type: oneOf('strptime', 'gotime', 'epoch'), location: text, time_zone_locations: map(text) };
  const severity = { preset: text, mapping: map('any'), overwrite_text: flag };
  const trace = { trace_id: parseFrom, span_id: parseFrom, trace_flags: parseFrom };
  const parser = {
    ...moved,
    parse_from: text,
    parse_to: text,
    body: text,
    timestamp: ref('OperatorTimestamp'),
    severity: ref('OperatorSeverity'),
    trace: ref('OperatorTrace'),
    scope_name: parseFrom,
  };
  const field = { ...moved, field: text };
  const operators = {
    container: { ...parser, format: oneOf('docker', 'crio', 'containerd'), add_metadata_from_filepath: flag, max_log_size: bytes },
    csv_parser: {
      ...parser,
      ...{ header: text, header_attribute: text, header_delimiter: text, delimiter: text, lazy_quotes: flag, ignore_quotes: flag },
    },
    json_parser: { ...parser, parse_ints: flag },
    json_array_parser: { ...parser, header: text },
    regex_parser: { ...parser, regex: text, cache: fields({ size: 'integer' }) },
    key_value_parser: { ...parser, delimiter: text, pair_delimiter: text },
    uri_parser: parser,
    syslog_parser: {
      ...parser,
      protocol: oneOf('rfc3164', 'rfc5424', 'none'),
      location: text,
      enable_octet_counting: flag,
      allow_skip_pri_header: flag,
      non_transparent_framing_trailer: text,
      max_octets: 'integer',
    },
    time_parser: { ...moved, parse_from: text, ...time },
    severity_parser: { ...moved, parse_from: text, ...severity },
    trace_parser: { ...moved, ...trace },
    scope_name_parser: { ...moved, parse_from: text },
    add: { ...field, value: 'any' },
    assign_keys: { ...field, keys: list(text) },
    copy: { ...moved, from: text, to: text },
    filter: { ...moved, expr: text, drop_ratio: 'number' },
    flatten: field,
    move: { ...moved, from: text, to: text },
    noop: moved,
    recombine: {
      ...moved,
      is_first_entry: text,
      is_last_entry: text,
      combine_field: text,
      combine_with: text,
      source_identifier: text,
      overwrite_with: oneOf('oldest', 'newest'),
      force_flush_period: 'duration',
      max_batch_size: 'integer',
      max_unmatched_batch_size: 'integer',
      max_sources: 'integer',
      max_log_size: bytes,
    },
    regex_replace: { ...field, regex: text, regex_name: text, replace_with: text },
    remove: field,
    retain: { ...moved, fields: list(text) },
    router: {
      ...basic,
      default: either(text, list(text)),
      routes: list(fields({ expr: text, output: either(text, list(text)), attributes: map(text) })),
    },
    sanitize_utf8: field,
    unquote: field,
    file_output: { ...basic, path: text, format: text },
    stdout: basic,
  };
  const pascal = (name) => name.replace(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase());
  const shapes = Object.entries(operators).map(([type, given]) => [
    `Operator${pascal(type)}`,
    fields({ ...given, type: oneOf(type), ...('output' in given && { output: either(text, list(text)) }) }, ['type']),
  ]);
  return {
    ...Object.fromEntries(shapes),
    OperatorParseFrom: fields({ parse_from: text }),
    OperatorTimestamp: fields({ parse_from: text, ...time }),
    OperatorSeverity: fields({ parse_from: text, ...severity }),
    OperatorTrace: fields(trace),
    Operator: { by: 'type', of: Object.fromEntries(Object.keys(operators).map((type) => [type, `Operator${pascal(type)}`])) },
  };
}
