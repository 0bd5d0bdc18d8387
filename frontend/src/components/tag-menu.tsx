import { Menu } from "@base-ui/react/menu";
import { Ellipsis, PencilLine, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { apiOf } from "@/lib/api-client";
import { ask } from "@/lib/ask";
import { errorText } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { useForm, type Values } from "@/lib/use-form";
import { useNavigate } from "@/lib/use-view";
import { useUser } from "@/lib/user-context";
import { HOME } from "@/lib/views";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { Field } from "./field";
import { FormProblem } from "./form-problem";

const NO_NAME = /^\.{1,2}$/; // "." and "..", which no address can have
const UNSENT = "Some changes are not saved yet. Try again when they are.";

/** Renames a tag or removes it, on all tasks. The API does it at once, so it needs a connection. */
export function TagMenu({ tag }: { tag: string }) {
  const { store, user, synchronize } = useUser();
  const navigate = useNavigate();
  const [isRenaming, setRenaming] = useState(false);
  const isChosen = useRef(false);

  /** Returns what went wrong; nothing if it succeeded. */
  async function change(name?: string): Promise<string | undefined> {
    if (store.snapshot().operations.length) return UNSENT; // they may add the tag again
    const api = apiOf(user.id);
    const params = { params: { path: { name: tag } } };
    try {
      if (name) await api.PATCH("/api/tags/{name}", { ...params, body: { name } });
      else await api.DELETE("/api/tags/{name}", params);
    } catch (error) {
      return `This did not work: ${errorText(error)}.`;
    }
    synchronize();
    if (name) navigate({ tag: name }, { from: HOME, replace: true });
    else navigate({ view: "all" }, { from: HOME, replace: true });
    return undefined;
  }

  async function remove() {
    const isSure = await ask({
      title: `Remove #${tag} from all tasks?`,
      text: "The tasks stay. This cannot be undone.",
      confirm: "Remove the tag",
    });
    if (!isSure) return;
    const problem = await change();
    showToast(problem ?? `Removed #${tag}`, problem ? { failed: true } : {});
  }

  if (NO_NAME.test(tag)) return null;
  return (
    <>
      <Menu.Root>
        <Menu.Trigger
          render={<IconButton name={`Actions for #${tag}`} />}
          onFocus={() => {
            // The menu is closed now, and the dialog will give the focus back to the button.
            if (isChosen.current) setRenaming(true);
            isChosen.current = false;
          }}
        >
          <Ellipsis className="size-5" aria-hidden="true" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={4} className="z-30">
            <Menu.Popup className="menu">
              <Menu.Item
                className="menu-item"
                onClick={() => {
                  isChosen.current = true;
                }}
              >
                <PencilLine className="size-4 text-muted" aria-hidden="true" />
                Rename…
              </Menu.Item>
              <Menu.Item className="menu-item text-danger" onClick={remove}>
                <Trash2 className="size-4" aria-hidden="true" />
                Remove from all tasks…
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {isRenaming && (
        <Dialog title={`Rename #${tag}`} onClose={() => setRenaming(false)}>
          <Rename tag={tag} onRename={change} onDone={() => setRenaming(false)} />
        </Dialog>
      )}
    </>
  );
}

type RenameProps = {
  tag: string;
  onRename: (name: string) => Promise<string | undefined>;
  onDone: () => void;
};

function Rename({ tag, onRename, onDone }: RenameProps) {
  async function send(value: Values) {
    const name = value("name").trim().replace(/^#/, "");
    if (!name) return { name: "Enter a name." };
    if (NO_NAME.test(name)) return { name: "Choose another name." };
    const problem = name === tag ? undefined : await onRename(name);
    if (problem) return { "": problem };
    onDone();
    return {};
  }
  const { form, problems, busy } = useForm(send);
  const { ref } = form;
  useEffect(() => {
    const input = ref.current?.querySelector("input");
    input?.focus();
    input?.select();
  }, [ref]);
  return (
    <form {...form} className="flex flex-col gap-5">
      <FormProblem text={problems[""]} />
      <Field
        label="Name"
        error={problems.name}
        hint="With the name of another tag, they become one."
      >
        {(control) => (
          <input
            {...control}
            name="name"
            dir="auto"
            autoComplete="off"
            maxLength={50}
            defaultValue={tag}
            className="control"
          />
        )}
      </Field>
      <div className="flex justify-end gap-3">
        <Button variant="secondary" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" disabled={busy}>
          Rename
        </Button>
      </div>
    </form>
  );
}
