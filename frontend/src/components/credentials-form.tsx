"use client";

import { Eye, EyeOff } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { getToken } from "@/lib/auth-client";
import { Button, IconButton } from "./button";
import { Field } from "./field";

export const PASSWORD_LENGTH = 8; // Better Auth's minimum
export type Values = { name: string; email: string; password: string };
/** Error messages by field; "" is the key for the whole form. */
export type Problems = Partial<Record<keyof Values | "", string>>;

type Props = {
  fields: (keyof Values)[];
  submitLabel: string;
  passwordHint?: string;
  /** Returns the error messages of a validation in the browser. */
  check: (values: Values) => Problems;
  /** Sends the form. Returns error messages, or undefined when the user is signed in. */
  send: (values: Values) => Promise<Problems | undefined>;
  children: ReactNode;
};

/** The form of the sign-in and sign-up pages. */
export function CredentialsForm({
  fields,
  submitLabel,
  passwordHint,
  check,
  send,
  children,
}: Props) {
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (Object.keys(problems).length) {
      form.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus();
    }
  }, [problems]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: keyof Values) => String(data.get(name) ?? "");
    const values = {
      name: text("name").trim(),
      email: text("email").trim(),
      password: text("password"),
    };
    const invalid = check(values);
    if (Object.keys(invalid).length) return setProblems(invalid);

    setBusy(true);
    const refused = await send(values).catch(() => ({
      "": "The service cannot be reached. Check your connection and try again.",
    }));
    if (refused) {
      setBusy(false);
      return setProblems(refused);
    }
    getToken.forget();
    // A full page load, so that no data of the previous user remains.
    window.location.assign("/dashboard");
  }

  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
      {problems[""] && (
        <p
          role="alert"
          tabIndex={-1}
          className="rounded-lg bg-danger-soft px-4 py-3 text-sm font-medium text-danger"
        >
          {problems[""]}
        </p>
      )}
      {fields.includes("name") && (
        <Field label="Name" error={problems.name}>
          {(control) => <input {...control} name="name" autoComplete="name" className="control" />}
        </Field>
      )}
      <Field label="Email" error={problems.email}>
        {(control) => (
          <input {...control} name="email" type="email" autoComplete="email" className="control" />
        )}
      </Field>
      <Field label="Password" hint={passwordHint} error={problems.password}>
        {(control) => (
          <div className="relative">
            <input
              {...control}
              name="password"
              type={shown ? "text" : "password"}
              autoComplete={fields.includes("name") ? "new-password" : "current-password"}
              className="control pr-12"
            />
            <IconButton
              name={shown ? "Hide password" : "Show password"}
              onClick={() => setShown(!shown)}
              className="absolute inset-y-0 right-0 my-auto"
            >
              {shown ? <EyeOff className="size-4" /> : <Eye className="size-4" />}
            </IconButton>
          </div>
        )}
      </Field>
      <Button type="submit" disabled={busy} className="mt-1 w-full">
        {busy ? "Please wait…" : submitLabel}
      </Button>
      {children}
    </form>
  );
}

export function emailProblem(email: string): Problems {
  if (!email) return { email: "Enter your email address." };
  if (!/^\S+@\S+\.\S+$/.test(email))
    return { email: "Enter a valid email address, such as alice@example.com." };
  return {};
}

export const TOO_MANY = { "": "Too many attempts. Wait ten seconds and try again." };
