import { erase, read, write } from "lib/storage"

/** Whether the reader has begun a message to `chat`. */
export function hasDraft(userId, chat) {
  return new Drafts(userId, chat).message.trim() !== ""
}

/**
 * Where a form's messages go: a chat, by the address that they are sent to, or a thread in it, which has a draft of its
 * own.
 */
export function placeOf(form) {
  const { pathname } = new URL(form.action)
  const first = form.elements.reply_to?.value
  return first ? `${pathname}#${first}` : pathname
}

/**
 * What a reader has begun to write in one chat: a new message, the message that it quotes (`{ id, author, words }`), or a
 * change (`{ url, content }`) of an old one.
 */
export default class Drafts {
  constructor(userId, chat) {
    this.chat = chat
    this.messageKey = `draft:${userId}:${chat}`
    this.quotedKey = `quoted:${userId}:${chat}`
    this.changeKey = `change:${userId}:${chat}`
  }

  get message() {
    return read(this.messageKey) ?? ""
  }

  set message(content) {
    if (content) write(this.messageKey, content)
    else erase(this.messageKey)
  }

  get quoted() {
    return read(this.quotedKey)
  }

  set quoted(quoted) {
    if (quoted) write(this.quotedKey, quoted)
    else erase(this.quotedKey)
  }

  get change() {
    return read(this.changeKey)
  }

  set change(change) {
    if (change) write(this.changeKey, change)
    else erase(this.changeKey)
  }
}
