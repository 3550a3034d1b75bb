/** The form of what a schema of the API's description tells of, from the controls that parameters of effects have. */

/** @import { ParamValue } from '../types.js' */
import { el } from '../dom.js';
import { field, paramControl, select } from './form.js';

/** @typedef {{$ref?: string, oneOf?: Schema[], properties?: Record<string, Schema>, enum?: string[], pattern?: string, minimum?: number, maximum?: number, maxLength?: number}} Schema */
/** @typedef {{nodes: HTMLElement[], read: () => unknown}} Control */
/** @typedef {Record<string, unknown>} Values */

/** Which of several this is. @param {Schema} schema */
const typeOf = (schema) => schema.properties?.type?.enum?.[0] ?? '';

export class SchemaForm {
  #schemas;
  #words;

  /**
   * @param {Record<string, Schema>} schemas by name
   * @param {Record<string, (name: string) => string>} words for the properties of each thing, and for the choices of each property
   */
  constructor(schemas, words) {
    this.#schemas = schemas;
    this.#words = words;
  }

  /**
   * The form of one of the things that a schema tells apart by their `type`.
   * @param {Schema | undefined} schema @param {string} type
   * @param {Values} values its present ones, in the order the form shows them; what the schema has besides comes after
   * @param {Record<string, Control>} own controls for what no schema tells
   * @returns {Control}
   */
  partOf(schema, type, values, own) {
    const one = schema?.oneOf?.find((each) => typeOf(each) === type);
    return one ? this.#object(type, one, values, own) : { nodes: [], read: () => values };
  }

  /** @param {string} of what it is, for its words @param {Schema} schema @param {Values} values @param {Record<string, Control>} [own] @returns {Control} */
  #object(of, { properties = {} }, values, own = {}) {
    const names = Object.keys({ ...values, ...properties }).filter((name) => name in properties && name !== 'type');
    const parts = names.map((name) => /** @type {const} */ ([name, own[name] ?? this.#control(of, name, properties[name] ?? {}, values[name])]));
    return {
      nodes: parts.flatMap(([, { nodes }]) => nodes),
      read: () => ({ type: values.type, ...Object.fromEntries(parts.map(([name, { read }]) => [name, read()])) }),
    };
  }

  /** @param {string} of @param {string} name @param {Schema} schema @param {unknown} value @returns {Control} */
  #control(of, name, schema, value) {
    const { oneOf, enum: options, pattern, minimum: min, maximum: max, maxLength } = this.#schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;
    const title = this.#say(of, name);
    const given = /** @type {ParamValue} */ (value);
    /** @param {import('../types.js').Param} param @returns {Control} */
    const made = (param) => {
      const { control, read } = paramControl(param, given, (option) => this.#say(name, option));
      return { nodes: [control], read };
    };
    if (oneOf) return this.#choice(name, title, oneOf, /** @type {Values} */ (value));
    if (options) return made({ type: 'choice', name, title, options, default: '' });
    if (pattern) return made({ type: 'colour', name, title, default: '' });
    if (min !== undefined && max !== undefined) return made({ type: 'number', name, title, min, max, unit: '', default: min });
    const text = el('textarea', { rows: 2, required: true, maxlength: maxLength });
    text.value = String(value ?? '');
    return { nodes: [field(title, text)], read: () => text.value };
  }

  /** One of several that each have properties of their own. @param {string} name @param {string} title @param {Schema[]} schemas @param {Values} values @returns {Control} */
  #choice(name, title, schemas, values) {
    const parts = new Map(schemas.map((one) => [typeOf(one), this.#object(name, one, { ...values, type: typeOf(one) })]));
    const kind = select([...parts.keys()].map((type) => [type, this.#say(name, type)]), String(values.type));
    const show = () => {
      for (const [type, { nodes }] of parts) {
        for (const node of nodes) {
          node.hidden = type !== kind.value;
          for (const input of node.querySelectorAll('input')) input.disabled = node.hidden;
        }
      }
    };
    kind.addEventListener('change', show);
    show();
    return { nodes: [field(title, kind), ...[...parts.values()].flatMap(({ nodes }) => nodes)], read: () => parts.get(kind.value)?.read() };
  }

  /** @param {string} of @param {string} name */
  #say(of, name) {
    return this.#words[of]?.(name) ?? name;
  }
}
