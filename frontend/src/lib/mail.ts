// The e-mails of the app.

/** Whether the app can send e-mail. Set it to true when `send` does. */
export const CAN_SEND_MAIL =
  process.env.NODE_ENV === "development" || process.env.PRINT_MAIL === "on";

type Mail = { to: string; subject: string; text: string };

/** Sends an e-mail. Replace the body with a call of your mail service: this one only prints. */
async function send({ to, subject, text }: Mail) {
  console.log(`\nE-mail to ${to}: ${subject}\n\n${text}\n`);
}

type User = { email: string; name: string };
type Link = { user: User; url: string };

export async function sendResetLink({ user, url }: Link) {
  await send({
    to: user.email,
    subject: "Choose a new password",
    text: `Hello ${user.name},

open this link within an hour to choose a new password for Todo:

${url}

If you did not ask for it, do nothing: your password stays the same.`,
  });
}

/** Sends a link that confirms the address to which it is sent. */
export async function sendEmailLink({ user, url }: Link) {
  await send({
    to: user.email,
    subject: "Confirm your email address",
    text: `Hello ${user.name},

open this link within an hour to confirm that this is your email address for Todo:

${url}

If you did not ask for it, do nothing.`,
  });
}

export async function sendEmailNotice(user: User, newEmail: string) {
  await send({
    to: user.email,
    subject: "Your email address may change",
    text: `Hello ${user.name},

a browser that is signed in to your Todo account asked for another email address: ${newEmail}.
The address changes when the owner of that one confirms it. You then sign in with it.

If you did not ask for it, change your password now, and sign out on all other devices.`,
  });
}
