"use client";

import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { forgetOnThisDevice } from "@/lib/sign-out";
import { TOO_MANY, useForm, type Values } from "@/lib/use-form";
import { useUser } from "@/lib/user-context";
import { Button } from "../button";
import { Dialog } from "../dialog";
import { Field } from "../field";
import { FormProblem } from "../form-problem";
import { PasswordInput } from "../password-input";

const PROBLEMS: Record<string, string> = {
  NOT_ERASED: "Your tasks could not be erased, so nothing was. Please try again later.",
  ACCOUNT_SUSPENDED: "This account is suspended. Contact the operator of this service.",
};

export function Erase() {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <div className="flex flex-wrap items-center justify-between gap-4 p-5 sm:p-6">
      <p className="min-w-0 flex-1 basis-64 text-sm text-muted">
        There is no copy and no way back. Export your data first if you want to keep it.
      </p>
      <Button variant="danger" onClick={() => setOpen(true)}>
        Erase account…
      </Button>
      {isOpen && (
        <Dialog title="Erase your account?" onClose={close}>
          <p className="text-sm text-muted text-pretty">
            This erases all your tasks with the trash, your calendar feed, your API keys, the access
            of all agents, and your name, email and password. It cannot be undone.
          </p>
          <EraseForm onCancel={close} />
        </Dialog>
      )}
    </div>
  );
}

function EraseForm({ onCancel }: { onCancel: () => void }) {
  const { user } = useUser();

  async function send(value: Values) {
    if (value("email").trim().toLowerCase() !== user.email)
      return { email: "This is not your email address." };
    const password = value("password");
    if (!password) return { password: "Enter your password." };
    // Without the signal, which would reload this page when the session has ended.
    const { error } = await authClient.deleteUser({ password }, { disableSignal: true });
    if (!error) {
      await forgetOnThisDevice();
      window.location.assign("/erased");
      return new Promise<never>(() => {}); // the page is left
    }
    if (error.status === 429) return { "": TOO_MANY };
    if (error.code === "INVALID_PASSWORD") return { password: "This is not your password." };
    return { "": PROBLEMS[error.code ?? ""] ?? "This did not work. Please try again." };
  }
  const { form, problems, busy } = useForm(send);

  return (
    <form {...form} className="mt-5 flex flex-col gap-5">
      <FormProblem text={problems[""]} />
      <Field label={`Type ${user.email} to confirm`} error={problems.email}>
        {(control) => <input {...control} name="email" autoComplete="off" className="control" />}
      </Field>
      <Field label="Password" error={problems.password}>
        {(control) => (
          <PasswordInput {...control} name="password" autoComplete="current-password" />
        )}
      </Field>
      <div className="mt-1 flex flex-wrap justify-end gap-3">
        <Button variant="secondary" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" variant="danger" disabled={busy}>
          {busy ? "Please wait…" : "Erase my account"}
        </Button>
      </div>
    </form>
  );
}
