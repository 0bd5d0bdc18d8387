// Sends the bearer token TOKEN with each request: node --import ./with_token.mjs PROGRAM …
// The conformance tests have no option for it. They also import a name that Node.js 20 lacks.
import { register } from "node:module";
import { getGlobalDispatcher, setGlobalDispatcher } from "undici";

const fs = "data:text/javascript,export * from 'node:fs'; export const globSync = undefined;";
const hooks = `export function resolve(name, context, next) {
  const isTheirs = name === "fs" && context.parentURL?.includes("/conformance/");
  return isTheirs ? { url: ${JSON.stringify(fs)}, shortCircuit: true } : next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const authorization = `Bearer ${process.env.TOKEN}`;
// fetch uses this dispatcher, too.
setGlobalDispatcher(
  getGlobalDispatcher().compose((dispatch) => (options, handler) =>
    dispatch({ ...options, headers: { ...options.headers, authorization } }, handler),
  ),
);
