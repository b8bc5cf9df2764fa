import { inWords } from "lib/file_size"

/** The list of the files of a new message: what each one is, and how much of it is sent. */
export default class Tray {
  constructor(list, template, uploads) {
    this.list = list
    this.template = template
    this.uploads = uploads
  }

  // Leaves alone the items that stay: a button in one may have the focus.
  show(drafted) {
    for (const item of this.list.querySelectorAll("[data-upload-id]")) {
      if (!drafted.some(({ id }) => id === item.dataset.uploadId)) item.remove()
    }
    for (const one of drafted) this.fill(this.itemOf(one), one)
    this.list.hidden = drafted.length === 0
  }

  itemOf({ id, name }) {
    const shown = this.list.querySelector(`[data-upload-id="${CSS.escape(id)}"]`)
    if (shown) return shown
    const item = this.template.content.firstElementChild.cloneNode(true)
    item.dataset.uploadId = id
    part(item, "name").textContent = name
    for (const word of item.querySelectorAll("[data-part=what]")) word.textContent = ` ${name}`
    this.list.append(item)
    return item
  }

  fill(item, one) {
    fill(item, one)
    if (!one.picture || item.dataset.picture) return
    item.dataset.picture = "shown"
    this.preview(part(item, "picture"), one.id)
  }

  async preview(image, id) {
    const address = await this.uploads.address(id)
    if (!address) return
    image.src = address
    image.hidden = false
    image.nextElementSibling.remove()
  }
}

function fill(item, { size, offset, done, error, final, pasted }) {
  item.dataset.state = error ? "failed" : done ? "done" : "sending"
  part(item, "state").textContent = error ?? (done || !offset ? inWords(size) : `${percent(offset, size)} of ${inWords(size)}`)
  part(item, "progress").value = done ? 1 : offset / Math.max(1, size)
  part(item, "progress").hidden = done || Boolean(error)
  part(item, "retry").hidden = !error || final
  part(item, "text").hidden = !pasted
}

function part(item, name) {
  return item.querySelector(`[data-part=${name}]`)
}

function percent(offset, size) {
  return `${Math.floor((offset / size) * 100)} %`
}
