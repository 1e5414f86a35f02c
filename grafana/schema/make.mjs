// Makes board.schema.json from board.ts. See README.md beside it; node_modules is not committed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const made = execFileSync(
  'npx',
  ['ts-json-schema-generator', '--path', 'board.ts', '--type', 'Board', '--expose', 'none',
    '--no-type-check', '--tsconfig', 'tsconfig.json'],
  { encoding: 'utf8', maxBuffer: 1 << 28 },
);

// The generator writes every type out where it is used. Equal parts are told once here, and the
// prose is left out: the types it stands on are the place to read it.
const bare = (node) => {
  if (Array.isArray(node)) return node.map(bare);
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node)
    .filter(([key, value]) => !(key === 'description' && typeof value === 'string'));
  return Object.fromEntries(kept.map(([key, value]) => [key, bare(value)]));
};
const isSchema = (node) => 'type' in node || 'anyOf' in node || 'enum' in node;
const counts = new Map();
const count = (node) => {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node) && isSchema(node)) {
    const text = JSON.stringify(node);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (counts.get(text) > 1) return;
  }
  Object.values(node).forEach(count);
};

const whole = bare(JSON.parse(made));
count(whole);
const names = new Map();
[...counts].filter(([text, times]) => times > 1 && text.length > 120)
  .forEach(([text], index) => names.set(text, `part${String(index + 1).padStart(3, '0')}`));
const share = (node, inside) => {
  if (Array.isArray(node)) return node.map((item) => share(item, inside));
  if (node === null || typeof node !== 'object') return node;
  const name = isSchema(node) ? names.get(JSON.stringify(node)) : undefined;
  if (name && name !== inside) return { $ref: `#/definitions/${name}` };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, share(value, inside)]));
};
const parts = Object.fromEntries([...names].map(([text, name]) => [name, share(JSON.parse(text), name)]));
const { definitions, ...head } = share(whole);
const schema = {
  $comment: 'Made by make.mjs from @grafana/grafana-foundation-sdk 0.0.21 (Apache-2.0, Grafana Labs).',
  ...head,
  definitions: { ...definitions, ...parts },
};
writeFileSync('board.schema.json', `${JSON.stringify(schema, null, 1)}\n`);
