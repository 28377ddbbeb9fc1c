import { type Access, accessCheck } from '../kubernetes/access';
import { boolean, type Checks, checkProps, kubernetesName, list, required, text } from '../kubernetes/checks';
import { throwIfAny } from '../kubernetes/problems';
import { componentProblems } from './component-fields';
import { secretTexts } from './secret-texts';

/** One part of a collector, as upstream documents it. */
export interface ComponentProps {
  /** The component's type, e.g. `file_log`. */
  readonly componentType: string;
  /**
   * Tells two components of one type apart.
   * @default - none: the id is the type alone
   */
  readonly name?: string;
  /**
   * The configuration, with upstream's field names. Values may be texts, numbers, lists and objects, ConfigValues, and extensions.
   * @default {}
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other word for values of any kind
  readonly config?: Record<string, any>;
  /**
   * What the text of the configuration cannot say.
   * @default - nothing
   */
  readonly access?: Access;
  /**
   * Feature gates of the collector that it needs, e.g. `processor.tailsamplingprocessor.usetracestate`. They are those of the collector's version: one that it does not know keeps it from starting.
   * @default - none
   * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/featuregate
   */
  readonly featureGates?: string[];
  /**
   * Whether the fields of the configuration are checked against those of the version that this library is proven with. Turn it off for an image of your own whose
   * component has others.
   * @default true
   */
  readonly checkFields?: boolean;
}

export type ComponentKind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

/**
 * A receiver, processor, exporter, connector or extension. An extension as a value in another component's configuration renders as its id, and comes along
 * (storage, leader election, authentication).
 * @see https://opentelemetry.io/docs/collector/configuration/
 */
export class Component {
  /**
   * A receiver: where telemetry comes from.
   * @throws if a property is wrong, with all that is wrong
   */
  static receiver(props: ComponentProps): Component {
    return new Component('receiver', props);
  }

  /**
   * A processor: what is done with telemetry on its way.
   * @throws if a property is wrong, with all that is wrong
   */
  static processor(props: ComponentProps): Component {
    return new Component('processor', props);
  }

  /**
   * An exporter: where telemetry goes.
   * @throws if a property is wrong, with all that is wrong
   */
  static exporter(props: ComponentProps): Component {
    return new Component('exporter', props);
  }

  /**
   * A connector: the end of one pipeline and the beginning of another.
   * @throws if a property is wrong, with all that is wrong
   */
  static connector(props: ComponentProps): Component {
    return new Component('connector', props);
  }

  /**
   * An extension: what other components use, or people look at.
   * @throws if a property is wrong, with all that is wrong
   */
  static extension(props: ComponentProps): Component {
    return new Component('extension', props);
  }

  /** The id in the configuration: `file_log`, or `file_log/audit` with a name. */
  readonly id: string;
  /** @internal */
  readonly _config: Record<string, unknown>;
  /** @internal */
  readonly _access: Access;
  /** @internal */
  readonly _featureGates: readonly string[];
  /** @internal Whether it is as in the version that this library is proven with. */
  readonly _fieldsChecked: boolean;

  private constructor(
    /** @internal */
    readonly _kind: ComponentKind,
    props: ComponentProps,
  ) {
    const problems = checkProps(props, checks);
    this._fieldsChecked = props?.checkFields ?? true;
    const ofFields =
      problems.length === 0 && this._fieldsChecked ? componentProblems(_kind, props.componentType, props.config ?? {}) : problems;
    throwIfAny(`Component.${_kind}`, [...ofFields, ...(problems.length === 0 ? secretTexts(props.config, props.componentType) : [])]);
    this.id = props.name ? `${props.componentType}/${props.name}` : props.componentType;
    this._config = props.config ?? {};
    this._access = props.access ?? {};
    this._featureGates = props.featureGates ?? [];
  }
}

const object = (value: unknown, where: string) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? [] : [{ where, given: String(value), allowed: 'an object' }];

const checks: Checks<ComponentProps> = {
  componentType: required(
    text({ max: 63, pattern: /^[a-z][a-z0-9_]*$/, allowed: "a component's type as upstream spells it, e.g. `file_log`" }),
  ),
  name: kubernetesName(),
  config: object,
  access: accessCheck,
  featureGates: list(
    text({ pattern: /^[a-zA-Z][\w.]*$/, allowed: 'the id of a feature gate, e.g. `processor.tailsamplingprocessor.usetracestate`' }),
  ),
  checkFields: boolean,
};
