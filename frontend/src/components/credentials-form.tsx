"use client";

import type { ReactNode } from "react";
import { type Problems, useForm, type Values } from "@/lib/use-form";
import { Button } from "./button";
import { Field } from "./field";
import { FormProblem } from "./form-problem";
import { PasswordInput } from "./password-input";

type Props = {
  fields: ("name" | "email" | "password")[];
  submitLabel: string;
  /** Set for a password that the user chooses. */
  passwordHint?: string;
  /** Checks and sends the form. Returns error messages. */
  send: (values: Values) => Promise<Problems>;
  children?: ReactNode;
};

/** The form of the pages for signing in and up, and for a new password. */
export function CredentialsForm({ fields, submitLabel, passwordHint, send, children }: Props) {
  const { form, problems, busy } = useForm(send);
  return (
    <form {...form} className="flex flex-col gap-5">
      <FormProblem text={problems[""]} />
      {fields.includes("name") && (
        <Field label="Name" error={problems.name}>
          {(control) => <input {...control} name="name" autoComplete="name" className="control" />}
        </Field>
      )}
      {fields.includes("email") && (
        <Field label="Email" error={problems.email}>
          {(control) => (
            <input
              {...control}
              name="email"
              type="email"
              autoComplete="email"
              className="control"
            />
          )}
        </Field>
      )}
      {fields.includes("password") && (
        <Field label="Password" hint={passwordHint} error={problems.password}>
          {(control) => (
            <PasswordInput
              {...control}
              name="password"
              autoComplete={passwordHint ? "new-password" : "current-password"}
            />
          )}
        </Field>
      )}
      <Button type="submit" disabled={busy} className="mt-1 w-full">
        {busy ? "Please wait…" : submitLabel}
      </Button>
      {children}
    </form>
  );
}
