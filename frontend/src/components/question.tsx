import { useSyncExternalStore } from "react";
import { currentQuestion, subscribe } from "@/lib/ask";
import { QuestionDialog } from "./lazy";

/** The question that is asked with `ask`, if there is one. */
export function Question() {
  const question = useSyncExternalStore(subscribe, currentQuestion, () => undefined);
  return question && <QuestionDialog question={question} />;
}
