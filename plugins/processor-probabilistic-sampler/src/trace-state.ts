import { SamplingState } from './sampling-state.ts';
import { isRValue } from './threshold.ts';

/** Limits of the W3C and OpenTelemetry specifications. */
const TEXT_UNITS_MAX = 1024;
const MEMBERS_MAX = 32;
const VENDOR_VALUE_UNITS_MAX = 256;

const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const VENDOR_MEMBER = /^[a-z][a-z0-9]*:[a-zA-Z0-9._-]*$/;
const SPACE_AROUND = /^[ \t]+|[ \t]+$/g;

/** A W3C tracestate, in which the section `ot` holds `rv` and `th`. Everything else is passed on. */
export class TraceState extends SamplingState {
  /** Further entries of the section `ot`, each with a semicolon before it. */
  #vendorRest = '';
  /** Sections of others, each with a comma before it. */
  #others = '';

  read(text: string): void {
    this.clear();
    this.#vendorRest = '';
    this.#others = '';
    if (text !== '') this.isBroken = !this.#readMembers(text);
  }

  /** The text for the span. */
  write(): string {
    const rv = this.rValue === '' ? '' : `;rv:${this.rValue}`;
    const th = this.tValue === '' ? '' : `;th:${this.tValue}`;
    const own = rv + th + this.#vendorRest;
    return (own === '' ? '' : `,ot=${own.slice(1)}`).concat(this.#others).slice(1);
  }

  #readMembers(text: string): boolean {
    if (text.length > TEXT_UNITS_MAX) return false;
    const members = text.split(',');
    if (members.length > MEMBERS_MAX) return false;
    for (const untrimmed of members) {
      const member = untrimmed.replace(SPACE_AROUND, '');
      if (member === '') continue;
      const equals = member.indexOf('=');
      const value = member.slice(equals + 1);
      if (equals < 1 || !KEY.test(member.slice(0, equals)) || !VALUE.test(value)) return false;
      if (!member.startsWith('ot=')) this.#others += `,${member}`;
      else if (!this.#readVendor(value)) return false;
    }
    return true;
  }

  #readVendor(section: string): boolean {
    if (section.length > VENDOR_VALUE_UNITS_MAX) return false;
    for (const member of section.split(';')) {
      if (!VENDOR_MEMBER.test(member)) return false;
      const value = member.slice(3);
      if (member.startsWith('rv:')) {
        if (!isRValue(value)) return false;
        this.rValue = value;
      } else if (member.startsWith('th:')) {
        if (!this.readThreshold(value)) return false;
      } else {
        this.#vendorRest += `;${member}`;
      }
    }
    return true;
  }
}
