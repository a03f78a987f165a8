/** The other language of a dictionary: the same keys, any text. A missing or surplus key does not compile. */
export type Words<T> = { readonly [key in keyof T]: string };
