import { type FormEvent, useEffect, useRef, useState } from "react";

/** Error messages by field; "" is the key for the whole form. */
export type Problems = Partial<Record<string, string>>;
/** Returns the text of a field. */
export type Values = (name: string) => string;

export const UNREACHABLE = "The service cannot be reached. Check your connection and try again.";
export const TOO_MANY = "Too many attempts. Wait ten seconds and try again.";

/** Returns the properties of a form, its error messages, and whether it is being sent. `send` returns
 *  error messages; none if the form is done. The first field with an error gets the focus. */
export function useForm(send: (values: Values) => Promise<Problems>) {
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const ref = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (Object.keys(problems).length) {
      ref.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus();
    }
  }, [problems]);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    const found = await send((name) => String(data.get(name) ?? "")).catch(() => ({
      "": UNREACHABLE,
    }));
    setBusy(false);
    setProblems(found);
  }
  return { form: { ref, onSubmit, noValidate: true }, problems, busy };
}
