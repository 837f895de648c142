// What the page uses of lit-html, for the type checker; nothing runs here.

export type Template = { readonly _$litType$: 1 };
export const nothing: unique symbol;
export function html(strings: TemplateStringsArray, ...values: unknown[]): Template;
export function render(value: unknown, container: HTMLElement): void;
export function live(value: unknown): unknown;
export function repeat<T>(
  items: Iterable<T>,
  key: (item: T, index: number) => unknown,
  template: (item: T, index: number) => unknown,
): unknown;
