// The e-mails of the app.

/** Whether the app can send e-mail. Set it to true when `send` does. */
export const CAN_SEND_MAIL =
  process.env.NODE_ENV === "development" || process.env.PRINT_MAIL === "on";

type Mail = { to: string; subject: string; text: string };

/** Sends an e-mail. Replace the body with a call of your mail service: this one only prints. */
async function send({ to, subject, text }: Mail) {
  console.log(`\nE-mail to ${to}: ${subject}\n\n${text}\n`);
}

type Reset = { user: { email: string; name: string }; url: string };

export async function sendResetLink({ user, url }: Reset) {
  await send({
    to: user.email,
    subject: "Choose a new password",
    text: `Hello ${user.name},

open this link within an hour to choose a new password for Todo:

${url}

If you did not ask for it, do nothing: your password stays the same.`,
  });
}
