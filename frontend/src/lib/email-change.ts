// Changing the e-mail address. It changes when the link is opened that was sent to the new address.
import { APIError, createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { sendEmailNotice } from "./mail";

/** Tells the current address that a change was asked for, because an open session is enough to ask. */
export const announceEmailChange = createAuthMiddleware(async (ctx) => {
  if (ctx.path !== "/change-email" || ctx.context.returned instanceof APIError) return;
  const user = (await getSessionFromCtx(ctx))?.user;
  if (user) await sendEmailNotice(user, String(ctx.body?.newEmail));
});
