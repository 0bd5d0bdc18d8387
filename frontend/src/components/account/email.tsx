"use client";

import { MailCheck } from "lucide-react";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { emailProblem } from "@/lib/credentials";
import { TOO_MANY, useForm, type Values } from "@/lib/use-form";
import { useUser } from "@/lib/user-context";
import { Button } from "../button";
import { Field } from "../field";
import { FormProblem } from "../form-problem";

type Props = {
  /** Whether the app can send the link that confirms a new address. */
  canChange: boolean;
};

/** Sends a link to a new address. The message is the same if another account has the address. */
export function Email({ canChange }: Props) {
  const { user } = useUser();
  const [sentTo, setSentTo] = useState<string>();

  async function send(value: Values) {
    const newEmail = value("email").trim();
    const invalid = emailProblem(newEmail);
    if (Object.keys(invalid).length) return invalid;
    if (newEmail.toLowerCase() === user.email) return { email: "This is your address already." };
    const { error } = await authClient.changeEmail({ newEmail, callbackURL: "/email-changed" });
    if (error?.status === 429) return { "": TOO_MANY };
    if (error) return { "": "The link could not be sent. Please try again." };
    setSentTo(newEmail);
    return {};
  }
  const { form, problems, busy } = useForm(send);

  if (sentTo) {
    return (
      <div className="flex flex-col items-start gap-5 p-5 sm:p-6">
        <p role="status" className="flex gap-3 text-sm">
          <MailCheck className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden="true" />
          <span className="min-w-0 wrap-anywhere">
            We have sent a link to <strong className="font-semibold">{sentTo}</strong>. Open it
            within an hour. Until then you sign in with {user.email}.
          </span>
        </p>
        <Button variant="secondary" onClick={() => setSentTo(undefined)}>
          Enter another address
        </Button>
      </div>
    );
  }
  return (
    <form {...form} className="flex flex-col gap-5 p-5 sm:p-6">
      <FormProblem text={problems[""]} />
      <Field
        label="Email"
        hint={canChange ? undefined : "It cannot be changed, because this app sends no email yet."}
        error={problems.email}
      >
        {(control) => (
          <input
            {...control}
            name="email"
            type="email"
            autoComplete="email"
            readOnly={!canChange}
            defaultValue={user.email}
            className={`control ${canChange ? "" : "bg-sunken text-muted"}`}
          />
        )}
      </Field>
      {canChange && (
        <Button type="submit" variant="secondary" disabled={busy} className="self-start">
          Send link to the new address
        </Button>
      )}
    </form>
  );
}
