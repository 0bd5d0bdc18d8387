/** Runs once when the server starts: Better Auth makes the tables that it does not find. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { getMigrations } = await import("better-auth/db/migration");
  const { auth } = await import("@/lib/auth");
  try {
    await (await getMigrations(auth.options)).runMigrations();
  } catch (error) {
    // On every start but the first the tables are there: a database that naps for a moment is no
    // reason to refuse every page until somebody starts the app again.
    console.error("Better Auth's tables could not be looked at:", (error as Error).message);
  }
}
