/**
 * The syntax that the collector's regular expressions have: RE2, as Go writes it. What JavaScript takes and RE2 refuses (lookaround, backreferences)
 * stops a collector at its start, so it is found here.
 * @see https://github.com/google/re2/wiki/Syntax
 */
export interface Re2Verdict {
  /** What is wrong, if anything is. */
  readonly problem?: string;
  /** The names of groups, in order. */
  readonly groups: string[];
}

export function judgeRe2(pattern: string): Re2Verdict {
  const reader = new Reader(pattern);
  try {
    reader.alternatives();
    return reader.atEnd ? { groups: reader.groups } : { problem: 'a `)` that closes nothing: write it `\\)`', groups: [] };
  } catch (error) {
    if (error instanceof Refusal) {
      return { problem: error.message, groups: [] };
    }
    throw error;
  }
}

class Refusal extends Error {}

/** RE2 counts no further than this, nested counts multiplied. */
const maxRepeat = 1000;

class Reader {
  readonly groups: string[] = [];
  private readonly rest: string[];

  constructor(pattern: string) {
    this.rest = [...pattern].reverse();
  }

  get atEnd(): boolean {
    return this.rest.length === 0;
  }

  /** Up to the end or a `)`; gives how often a part of it is counted at most. */
  alternatives(): number {
    let counted = 1;
    let repeatable = false;
    while (!this.atEnd && this.peek() !== ')') {
      if (this.take('|')) {
        repeatable = false;
        continue;
      }
      const repeat = this.repetition();
      if (repeat && !repeatable) {
        throw new Refusal(`\`${repeat.text}\` repeats nothing: write it \`\\${repeat.text}\` if the character itself is meant`);
      }
      if (repeat) {
        throw new Refusal(`\`${repeat.text}\` behind a repetition: RE2 has no possessive quantifiers`);
      }
      const inner = this.atom();
      repeatable = inner.repeatable;
      const count = inner.repeatable ? this.repetition() : undefined;
      const times = inner.counted * (count?.times ?? 1);
      if (times > maxRepeat) {
        throw new Refusal(`a count over ${maxRepeat}: RE2 counts no further, nested counts multiplied`);
      }
      counted = Math.max(counted, times);
    }
    return counted;
  }

  private peek(offset = 0): string | undefined {
    return this.rest[this.rest.length - 1 - offset];
  }

  private next(what: string): string {
    const character = this.rest.pop();
    if (character === undefined) {
      throw new Refusal(`it ends within ${what}`);
    }
    return character;
  }

  private take(text: string): boolean {
    const matches = [...text].every((character, index) => this.peek(index) === character);
    if (matches) {
      this.rest.length -= [...text].length;
    }
    return matches;
  }

  /** What a regular expression of JavaScript finds at this place; it has to begin with `^`. */
  private takeMatch(expression: RegExp): RegExpExecArray | undefined {
    const ahead = this.rest.slice(-40).reverse().join('');
    const found = expression.exec(ahead);
    if (found) {
      this.rest.length -= [...found[0]].length;
    }
    return found ?? undefined;
  }

  private repetition(): { text: string; times: number } | undefined {
    const simple = this.takeMatch(/^[*+?]\??/);
    if (simple) {
      return { text: simple[0], times: 1 };
    }
    const counted = this.takeMatch(/^\{(\d{1,9})(,(\d{0,9}))?\}\??/);
    if (!counted) {
      return undefined;
    }
    const [text, low, , high] = counted;
    if (high && Number(high) < Number(low)) {
      throw new Refusal(`\`${text}\`: the first number is the larger one`);
    }
    if (Math.max(Number(low), Number(high || 0)) > maxRepeat) {
      throw new Refusal(`\`${text}\`: RE2 counts to ${maxRepeat}`);
    }
    return { text, times: Math.max(Number(high || low), 1) };
  }

  private atom(): { counted: number; repeatable: boolean } {
    const one = { counted: 1, repeatable: true };
    if (this.take('(')) {
      return this.group();
    }
    if (this.take('[')) {
      this.characterClass();
      return one;
    }
    if (this.peek() === '\\') {
      return { counted: 1, repeatable: this.escape() };
    }
    this.next('the pattern');
    return one;
  }

  private group(): { counted: number; repeatable: boolean } {
    const named = this.takeMatch(/^\?P?<(\w+)>/);
    if (named) {
      this.groups.push(named[1]);
    } else if (this.peek() === '?') {
      const flags = this.takeMatch(/^\?(?:[imsU]*)(?:-[imsU]+)?([:)])/);
      if (!flags) {
        throw new Refusal(specialGroup(this.rest.slice(-4).reverse().join('')));
      }
      if (flags[1] === ')') {
        return { counted: 1, repeatable: false };
      }
    }
    const counted = this.alternatives();
    if (!this.take(')')) {
      throw new Refusal('a `(` that is not closed: write it `\\(` if the character itself is meant');
    }
    return { counted, repeatable: true };
  }

  /** Whether it can be repeated. */
  private escape(): boolean {
    if (this.take('\\Q')) {
      while (!this.atEnd && !this.take('\\E')) {
        this.next('`\\Q`');
      }
      return true;
    }
    if (!this.takeMatch(/^\\[dDwWsSbBAz]/) && !this.unicodeClass()) {
      this.escapedCharacter();
    }
    return true;
  }

  private unicodeClass(): boolean {
    const found = this.takeMatch(/^\\[pP](?:\{\^?(\w+)\}|([A-Z]))/);
    if (found && !isUnicodeClass(found[1] ?? found[2])) {
      throw new Refusal(`\`${found[0]}\`: no such class of characters`);
    }
    return found !== undefined;
  }

  /** An escape that is one character; gives its number. */
  private escapedCharacter(): number {
    const octal = this.takeMatch(/^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/);
    if (octal) {
      return Number.parseInt(octal[1], 8);
    }
    const hexadecimal = this.takeMatch(/^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/);
    if (hexadecimal) {
      const code = Number.parseInt(hexadecimal[1] ?? hexadecimal[2], 16);
      if (code <= 0x10ffff) {
        return code;
      }
    }
    const simple = this.takeMatch(/^\\([aftnrv]|[^\p{L}\p{N}\u0080-\u{10ffff}])/su);
    if (simple) {
      return simple[1].codePointAt(0) as number;
    }
    this.next('the pattern');
    const character = this.next('an escape: a `\\` stands last');
    throw new Refusal(
      /\d|k/.test(character) ? `\`\\${character}\`: RE2 has no backreferences` : `\`\\${character}\`: RE2 has no such escape`,
    );
  }

  private characterClass(): void {
    const unclosed = 'a class of characters: a `[` is not closed, write it `\\[` if the character itself is meant';
    this.take('^');
    for (let first = true; first || this.peek() !== ']'; first = false) {
      const named = this.takeMatch(/^\[:\^?([a-z]+):\]/);
      if (named) {
        if (!posixClasses.includes(named[1])) {
          throw new Refusal(`\`${named[0]}\`: no such class of characters`);
        }
      } else if (!this.takeMatch(/^\\[dDwWsS]/) && !this.unicodeClass()) {
        const low = this.classCharacter(unclosed);
        if (this.peek() === '-' && this.peek(1) !== ']' && this.take('-') && this.classCharacter(unclosed) < low) {
          throw new Refusal('a range of characters whose end stands before its beginning');
        }
      }
    }
    this.next(unclosed);
  }

  private classCharacter(unclosed: string): number {
    return this.peek() === '\\' ? this.escapedCharacter() : (this.next(unclosed).codePointAt(0) as number);
  }
}

const posixClasses = [
  ...['alnum', 'alpha', 'ascii', 'blank', 'cntrl', 'digit', 'graph'],
  ...['lower', 'print', 'punct', 'space', 'upper', 'word', 'xdigit'],
];

function specialGroup(begins: string): string {
  if (/^\?<?[=!]/.test(begins)) {
    return `\`(${begins.match(/^\?<?[=!]/)?.[0]}\`: RE2 has no lookaround`;
  }
  return `\`(${begins}\`: RE2 has no such group; named ones are \`(?P<name>…)\`, name of letters, digits and \`_\``;
}

function isUnicodeClass(name: string): boolean {
  const known = (text: string) => {
    try {
      return new RegExp(`\\p{${text}}`, 'u') !== undefined;
    } catch {
      return false;
    }
  };
  return name === 'Any' || (/^[A-Z][a-z]?$/.test(name) ? known(name) : known(`Script=${name}`));
}
