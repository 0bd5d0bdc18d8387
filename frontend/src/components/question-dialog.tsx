import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { currentQuestion } from "@/lib/ask";
import { Button } from "./button";
import { BACKDROP } from "./dialog";

type Props = { question: NonNullable<ReturnType<typeof currentQuestion>> };

export function QuestionDialog({ question }: Props) {
  const { title, text, confirm, respond } = question;
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && respond(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={`${BACKDROP} z-40`} />
        <AlertDialog.Popup className="fixed inset-x-4 top-[20dvh] z-40 mx-auto max-w-md rounded-2xl border border-line bg-surface p-6 shadow-2xl">
          <AlertDialog.Title className="text-lg font-semibold tracking-tight wrap-anywhere">
            {title}
          </AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-sm text-muted">
            {text}
          </AlertDialog.Description>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <AlertDialog.Close render={<Button variant="secondary" />}>Cancel</AlertDialog.Close>
            <Button variant="danger" onClick={() => respond(true)}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
