"use client";

import { authClient } from "@/lib/auth-client";
import { showToast } from "@/lib/toast";
import { useForm, type Values } from "@/lib/use-form";
import { useUser } from "@/lib/user-context";
import { Button } from "../button";
import { Field } from "../field";
import { FormProblem } from "../form-problem";

async function send(value: Values) {
  const name = value("name").trim();
  if (!name) return { name: "Enter your name." };
  const { error } = await authClient.updateUser({ name });
  if (error) return { "": "Your name could not be saved. Please try again." };
  showToast("Your name is saved");
  return {};
}

export function Profile() {
  const { user } = useUser();
  const { form, problems, busy } = useForm(send);
  return (
    <form {...form} className="flex flex-col gap-5 p-5 sm:p-6">
      <FormProblem text={problems[""]} />
      <Field label="Name" error={problems.name}>
        {(control) => (
          <input
            {...control}
            name="name"
            autoComplete="name"
            maxLength={100}
            defaultValue={user.name}
            className="control"
          />
        )}
      </Field>
      <Button type="submit" variant="secondary" disabled={busy} className="self-start">
        Save name
      </Button>
    </form>
  );
}
