import XmlBuilder from 'fast-xml-builder';

/** Elements by name: text, numbers and truth values, further elements, or a list for an element that stands several times. `undefined` leaves one out. */
export type XmlElement = string | number | boolean | undefined | XmlElements | readonly XmlElement[];
export interface XmlElements {
  readonly [name: string]: XmlElement;
}

/** An element whose content the server takes from the element of that name in the file that `include_from` names. */
export const included = (name: string): XmlElements => ({ [`${attribute}incl`]: name });

/** What an attribute's key begins with; no element's name can. */
const attribute = '@';

const builder = new XmlBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: attribute,
  format: true,
  indentBy: '  ',
  suppressEmptyNode: true,
});

/**
 * A configuration file of ClickHouse. The only place that writes XML.
 * @throws if a text holds `${`: the server takes it for a reference to another setting, and there is no way to write it otherwise
 */
export function xml(elements: XmlElements): string {
  const text = builder.build({ clickhouse: elements });
  if (text.includes('${')) {
    throw new Error('a configuration of ClickHouse cannot hold the text ${');
  }
  return text;
}
