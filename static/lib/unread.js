const COUNTED = 50 // the newest messages of a chat that count; models/unread.py has the same rules

/** The pairs of author and message in `text`, "9:52 4:51", the newest first. */
export function pairs(text) {
  return text.split(" ").filter(Boolean).map((pair) => pair.split(":").map(Number))
}

/**
 * What `readerId` has not read of the `newest` messages of a chat, after the mark `readId`: a count, and whether there
 * may be `more` before them. The reader's own messages never count.
 */
export function unread(newest, readerId, readId) {
  const later = newest.filter(([, id]) => id > readId)
  return { count: later.filter(([authorId]) => authorId !== readerId).length, more: later.length >= COUNTED }
}

/** "3", "50+", and "" for none. */
export function words({ count, more }) {
  return count ? `${count}${more ? "+" : ""}` : ""
}

/** Adds several chats up. A chat without a count adds nothing. */
export function sum(chats) {
  const counted = chats.filter(({ count }) => count > 0)
  return { count: counted.reduce((total, { count }) => total + count, 0), more: counted.some(({ more }) => more) }
}

/**
 * The newest message that mentions `readerId`, or 0: by name `mentionedId`, or as one of all. `forAll` is the pair of the
 * newest message that mentions everybody; it never counts for its own author.
 */
export function newestMention(mentionedId, forAll, readerId) {
  return Math.max(mentionedId, ...pairs(forAll).map(([authorId, id]) => (authorId === readerId ? 0 : id)))
}
