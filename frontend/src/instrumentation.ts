/** Creates Better Auth's missing tables. Next.js calls it once when the server starts. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { getMigrations } = await import("better-auth/db/migration");
  const { auth } = await import("@/lib/auth");
  const { CAN_SEND_MAIL } = await import("@/lib/mail");
  if (!CAN_SEND_MAIL)
    console.warn(
      "src/lib/mail.ts sends no email: passwords cannot be reset, addresses cannot be changed.",
    );
  try {
    await (await getMigrations(auth.options)).runMigrations();
  } catch (error) {
    // After the first start the tables exist, so the app also works without this check. A short
    // outage of the database must not prevent the start.
    console.error("Better Auth's tables could not be checked:", (error as Error).message);
  }
}
