// Questions to the user, which components/question.tsx shows.
export type Question = { title: string; text: string; confirm: string };
type Asked = Question & { respond: (confirmed: boolean) => void };

let asked: Asked | undefined;
const listeners = new Set<() => void>();

/** Resolves to whether the user confirms. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    set({
      ...question,
      respond(confirmed) {
        set(undefined);
        resolve(confirmed);
      },
    });
  });
}

export const currentQuestion = (): Asked | undefined => asked;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(question: Asked | undefined) {
  asked = question;
  for (const listener of listeners) listener();
}
