import { Option } from 'commander';
import { z } from 'zod';
import { attacks } from '../attacks/index.ts';
import { positive, whole } from './values.ts';

interface Property {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
}

/** Options of all attacks as flags: `stepSize` is `--step-size`. What an attack lacks, its schema refuses. */
export function attackFlags(): Option[] {
  const flags = new Map<string, { property: Property; attacks: string[] }>();
  for (const attack of attacks.all) {
    const schema = z.toJSONSchema(attack.options, { io: 'input' }) as {
      properties?: Record<string, Property>;
    };
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const known = flags.get(name) ?? { property, attacks: [] };
      known.attacks.push(attack.name);
      flags.set(name, known);
    }
  }
  return [...flags].flatMap(([name, { property, attacks: of }]) => {
    const flag = kebab(name);
    const about = `${property.description ?? name} (${of.join(', ')})`;
    if (property.type === 'boolean')
      return [new Option(`--${flag}`, about), new Option(`--no-${flag}`, `not: ${about}`)];
    const option = new Option(`--${flag} <value>`, about);
    if (property.enum !== undefined) return [option.choices(property.enum)];
    return [option.argParser(property.type === 'integer' ? whole(`--${flag}`, 0) : number(`--${flag}`))];
  });
}

/** Those of the given values that are options of some attack, as its schema names them. */
export function chosenOptions(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = new Set(
    attacks.all.flatMap((a) => (a.options instanceof z.ZodObject ? Object.keys(a.options.shape) : [])),
  );
  return Object.fromEntries(Object.entries(values).filter(([name, v]) => names.has(name) && v !== undefined));
}

/** Step sizes may be fractions such as 1/255; zero is for the schema to judge. */
function number(name: string): (text: string) => number {
  return (text) => (Number(text) === 0 ? 0 : positive(name)(text));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}
