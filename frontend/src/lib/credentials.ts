// What the forms for e-mail and password check before they are sent.
import type { Problems } from "./use-form";

export const PASSWORD_LENGTH = 8; // Better Auth's minimum
export const PASSWORD_HINT = `At least ${PASSWORD_LENGTH} characters. Several words make a strong password.`;

export function emailProblem(email: string): Problems {
  if (!email) return { email: "Enter your email address." };
  if (!/^\S+@\S+\.\S+$/.test(email))
    return { email: "Enter a valid email address, such as alice@example.com." };
  return {};
}

export function newPasswordProblem(password: string): Problems {
  if (password.length < PASSWORD_LENGTH)
    return { password: `Use at least ${PASSWORD_LENGTH} characters.` };
  if (password.length > 128) return { password: "Use at most 128 characters." };
  return {};
}
