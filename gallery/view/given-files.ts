import { useEffect, useState } from "preact/hooks";
import { useDroppedFiles } from "./dropped-files.ts";
import { useEvent } from "./memo.tsx";

/** Files that were given to start from: chosen, pasted, or dropped anywhere on the page. */
export interface GivenFiles {
  /** What was wrong with those that were given last. */
  problem: string;
  /** Some are held over the page. */
  isOver: boolean;
  take: (files: readonly File[]) => void;
}

/** `room`: how many more pictures are taken. */
export function useGivenFiles(room: number, onPictures: (files: readonly File[]) => void): GivenFiles {
  // Said until there are more pictures, or fewer.
  const [problem, setProblem] = useState({ text: "", room });
  const take = useEvent((files: readonly File[]) => {
    const isPicture = ({ type }: File) => type.startsWith("image/");
    const pictures = files.filter(isPicture);
    const others = files.filter((file) => !isPicture(file)).map(({ name }) => `“${name}”`);
    onPictures(pictures);
    const problems = [
      others.length > 0 && `No ${others.length === 1 ? "picture" : "pictures"}: ${others.join(", ")}.`,
      pictures.length > room && `No room for ${pictures.length - room} of them.`,
    ];
    setProblem({ text: problems.filter(Boolean).join(" "), room: Math.max(0, room - pictures.length) });
  });
  const isOver = useDroppedFiles((files) => {
    if (isDialogOpen()) return;
    take(files);
    focusPrompt();
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || isDialogOpen()) return;
      event.preventDefault();
      take(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
  return { problem: problem.room === room ? problem.text : "", isOver, take };
}

/** A dialog over the page has pictures of its own. */
const isDialogOpen = (): boolean => document.querySelector("dialog.modal:not(.inspector)") !== null;

/** With the caret where one goes on writing, once what was asked for is shown. */
export function focusPrompt(): void {
  setTimeout(() => {
    const prompt = document.querySelector<HTMLTextAreaElement>(".composer textarea");
    // A modal panel would keep the focus to itself.
    document.querySelector<HTMLElement>("dialog.inspector.modal .close")?.click();
    prompt?.focus();
    prompt?.setSelectionRange(prompt.value.length, prompt.value.length);
  });
}
