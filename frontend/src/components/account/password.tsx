"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { newPasswordProblem, PASSWORD_HINT } from "@/lib/credentials";
import { showToast } from "@/lib/toast";
import { TOO_MANY, useForm, type Values } from "@/lib/use-form";
import { Button } from "../button";
import { Field } from "../field";
import { FormProblem } from "../form-problem";
import { PasswordInput } from "../password-input";

export function Password() {
  const client = useQueryClient();
  const [changes, setChanges] = useState(0);

  async function send(value: Values) {
    const [currentPassword, newPassword] = [value("current"), value("password")];
    if (!currentPassword) return { current: "Enter your current password." };
    const invalid = newPasswordProblem(newPassword);
    if (Object.keys(invalid).length) return invalid;
    const revokeOtherSessions = value("others") === "on";
    const { error } = await authClient.changePassword({
      currentPassword,
      newPassword,
      revokeOtherSessions,
    });
    if (error?.status === 429) return { "": TOO_MANY };
    if (error?.code === "INVALID_PASSWORD") return { current: "This is not your password." };
    if (error) return { "": "Your password could not be changed. Please try again." };
    showToast(`Your password is changed${revokeOtherSessions ? ". Others are signed out." : ""}`);
    client.invalidateQueries({ queryKey: ["sessions"] });
    setChanges((count) => count + 1); // empties the form
    return {};
  }
  const { form, problems, busy } = useForm(send);

  return (
    <form key={changes} {...form} className="flex flex-col gap-5 p-5 sm:p-6">
      <FormProblem text={problems[""]} />
      <Field label="Current password" error={problems.current}>
        {(control) => <PasswordInput {...control} name="current" autoComplete="current-password" />}
      </Field>
      <Field label="New password" hint={PASSWORD_HINT} error={problems.password}>
        {(control) => <PasswordInput {...control} name="password" autoComplete="new-password" />}
      </Field>
      <label className="flex items-center gap-3 text-sm">
        <input type="checkbox" name="others" defaultChecked className="size-4 accent-accent" />
        Sign out on all other devices
      </label>
      <Button type="submit" variant="secondary" disabled={busy} className="self-start">
        Change password
      </Button>
    </form>
  );
}
