// Runs the varde binary, as an operator would.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.VARDE_BIN
  ?? fileURLToPath(new URL('../../../target/debug/varde', import.meta.url));

/** Starts a command with nothing of this process's own VARDE_ settings. */
export function start(args, settings = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VARDE_'));
  const env = { ...Object.fromEntries(inherited), ...settings };
  return spawn(BINARY, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a command to its end: its exit code and what it printed. */
export async function run(args, settings) {
  const child = start(args, settings);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout), text(child.stderr), once(child, 'close'),
  ]);
  return { code, signal, stdout, stderr };
}

/** Runs a command that must succeed. */
export async function mustRun(args, settings) {
  const ended = await run(args, settings);
  if (ended.code !== 0) {
    throw new Error(`varde ${args.join(' ')} ended with ${ended.code}:\n${ended.stderr}`);
  }
  return ended;
}

async function text(stream) {
  let whole = '';
  for await (const part of stream.setEncoding('utf8')) whole += part;
  return whole;
}
