/**
 * What a person looks like now, from an element of faces/_face.html: the name, and the content of the avatar. The
 * server renders each message with the present look of its author. After a change it sends the new look once, and this
 * puts it wherever the page shows the person.
 */
export default class Face {
  constructor(element) {
    this.id = element.dataset.faceOf
    this.name = element.querySelector("bdi").textContent
    this.avatar = element.querySelector(".avatar")
  }

  /** Shows it everywhere in `root`. Writes only what has changed. */
  show(root) {
    const { id, name } = this
    for (const avatar of root.querySelectorAll(`[data-author-id="${id}"] > .avatar`)) this.draw(avatar)
    for (const author of root.querySelectorAll(`[data-author-id="${id}"] .message__author`)) write(author, name)
    for (const author of root.querySelectorAll(`.quote__author[data-user-id="${id}"] .quote__name`)) write(author, name)
    for (const mention of root.querySelectorAll(`.mention[data-mention-id="${id}"]`)) write(mention, `@${name}`)
    for (const person of root.querySelectorAll(`.reaction__names > [data-person="${id}"]`)) this.renameIn(person)
  }

  // The element stays, with whatever else it says of the person. Its colour follows from the id.
  draw(avatar) {
    if (looks(avatar) !== looks(this.avatar)) avatar.replaceChildren(...this.avatar.cloneNode(true).childNodes)
  }

  // A reaction also has its people's names in three labels.
  renameIn(person) {
    const names = person.closest(".reaction__names")
    const reaction = person.closest(".reaction")
    const before = names.textContent
    if (!write(person, this.name)) return
    const after = names.textContent
    reaction.title = after + reaction.title.slice(before.length)
    for (const button of reaction.querySelectorAll("[aria-label]")) {
      button.setAttribute("aria-label", button.getAttribute("aria-label").slice(0, -before.length) + after)
    }
  }
}

// Initials and picture. Other modules own the rest of the avatar.
function looks(avatar) {
  return avatar.textContent.trim() + (avatar.querySelector(".avatar__picture")?.getAttribute("src") ?? "")
}

function write(element, text) {
  if (element.textContent === text) return false
  element.textContent = text
  return true
}
