import { checkProps, instance, list, required, text } from '../kubernetes/checks';
import { throwIfAny } from '../kubernetes/problems';
import { contactPointName } from './contact-point';

/** One condition on a label of an alert. */
export class Match {
  /**
   * A label: `severity`, `cluster`, `namespace`, `service`, `alertname`, or one of the rule's own.
   * @throws if it is no name of a label
   */
  static label(name: string): LabelMatch {
    throwIfAny('Match.label', checkProps({ name }, { name: required(labelName) }));
    return new LabelMatch(name);
  }

  /** @internal */
  constructor(
    /** @internal Label, operator, value: as Grafana writes it. */
    readonly _matcher: string[],
  ) {}
}

/** A label, before it is said what it has to be. */
export class LabelMatch {
  /** @internal */
  constructor(private readonly name: string) {}

  /**
   * Has exactly this value.
   * @throws if the value is empty, or no text
   */
  is(value: string): Match {
    return this.matcher('=', value);
  }

  /**
   * Has another value, or none.
   * @throws if the value is empty, or no text
   */
  isNot(value: string): Match {
    return this.matcher('!=', value);
  }

  /**
   * The whole value matches a regular expression in RE2 syntax.
   * @throws if the expression is empty, or no text
   */
  matches(expression: string): Match {
    return this.matcher('=~', expression);
  }

  private matcher(operator: string, value: string): Match {
    throwIfAny(`Match.label('${this.name}')`, checkProps({ value }, { value: required(text({ max: 500 })) }));
    return new Match([this.name, operator, value]);
  }
}

/**
 * Which alerts go to a contact point. The first route that fits an alert takes it.
 *
 * @example
 * [Route.to('platform').when(Match.label('severity').is('critical')), Route.to('team')]
 */
export class Route {
  /**
   * To a contact point, by its name. Without `when`, everything that no other route took.
   * @throws if it is no name of a contact point
   */
  static to(contactPoint: string): Route {
    throwIfAny('Route.to', checkProps({ contactPoint }, { contactPoint: required(contactPointName) }));
    return new Route(contactPoint, []);
  }

  private constructor(
    /** The name of the contact point that it leads to. */
    readonly contactPoint: string,
    /** @internal */
    readonly _matches: Match[],
  ) {}

  /**
   * Only alerts for which all of these hold.
   * @throws if there is none, or one is no Match
   */
  when(...matches: Match[]): Route {
    throwIfAny(
      `Route.to('${this.contactPoint}').when`,
      checkProps(
        { matches },
        { matches: required(list(instance("a Match: Match.label('severity').is('critical')", '_matcher'), { min: 1 })) },
      ),
    );
    return new Route(this.contactPoint, [...this._matches, ...matches]);
  }
}

const labelName = text({ max: 100, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, allowed: "1 to 100 letters, digits and '_', no digit first" });
