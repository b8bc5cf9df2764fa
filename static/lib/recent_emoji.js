import { currentUserId } from "lib/session"
import { read, write } from "lib/storage"

const KEPT = 16

/** The emoji that this reader has last picked from the list of all, in this browser, the newest first. */
export function recentEmoji() {
  return read(key()) ?? []
}

export function rememberEmoji(emoji) {
  write(key(), [emoji, ...recentEmoji().filter((other) => other !== emoji)].slice(0, KEPT))
}

function key() {
  return `emoji:${currentUserId()}`
}
