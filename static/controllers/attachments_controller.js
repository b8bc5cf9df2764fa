import { Controller } from "@hotwired/stimulus"
import { inWords, refusalOf } from "lib/file_size"
import { uploadsOfThisReader } from "lib/uploads"

// The files of the message that is being written: chosen by a button, dropped on the window or pasted. Each is uploaded at once,
// and the outbox sends it with the text.
export default class extends Controller {
  static targets = ["picker", "tray", "template", "status", "drop"]
  static values = { fileBytes: Number, messageBytes: Number, files: Number }

  connect() {
    this.uploads = uploadsOfThisReader()
    const { signal } = (this.listeners = new AbortController())
    document.addEventListener("uploads:changed", () => this.show(), { signal })
    document.addEventListener("paste", (event) => this.pasted(event), { signal })
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      addEventListener(name, (event) => hasFiles(event) && this[name](event), { signal })
    }
    this.dropTarget.hidden = true
    this.show()
  }

  disconnect() {
    this.listeners.abort()
  }

  choose({ currentTarget }) {
    this.picker(currentTarget.dataset.picker).click()
  }

  chosen({ currentTarget }) {
    this.add(currentTarget.files)
    currentTarget.value = "" // the same file can be chosen again
  }

  // A table or a text from an office program comes with a picture of itself. The text is meant.
  pasted(event) {
    const { files, types } = event.clipboardData
    if (!files.length || types.includes("text/plain") || !this.canWrite) return
    event.preventDefault()
    this.add(files)
  }

  dragenter(event) {
    event.preventDefault()
    this.dropTarget.hidden = !this.canWrite
  }

  dragover(event) {
    event.preventDefault() // or the browser would leave the page for the file
    event.dataTransfer.dropEffect = this.canWrite ? "copy" : "none"
  }

  dragleave({ relatedTarget }) {
    if (!relatedTarget) this.dropTarget.hidden = true
  }

  drop(event) {
    event.preventDefault()
    this.dropTarget.hidden = true
    if (this.canWrite) this.add(event.dataTransfer.files)
  }

  async add(chosen) {
    for (const file of [...chosen]) {
      const others = this.uploads.draftedFor(this.chat).filter(({ error }) => !error)
      const limits = { fileBytes: this.fileBytesValue, messageBytes: this.messageBytesValue, files: this.filesValue }
      await this.uploads.add(file, this.chat, refusalOf(file, others, limits))
    }
    this.statusTarget.textContent = `${count(this.uploads.draftedFor(this.chat).length)} attached.`
    this.element.elements.content.focus()
  }

  remove(event) {
    const item = event.target.closest("[data-upload-id]")
    this.uploads.cancel([item.dataset.uploadId])
    this.statusTarget.textContent = "File removed."
    this.element.elements.content.focus()
  }

  retry(event) {
    this.uploads.retry(event.target.closest("[data-upload-id]").dataset.uploadId)
  }

  // Items that stay are left alone: a button in one may have the focus.
  show() {
    const drafted = this.uploads.draftedFor(this.chat)
    for (const item of this.trayTarget.querySelectorAll("[data-upload-id]")) {
      if (!drafted.some(({ id }) => id === item.dataset.uploadId)) item.remove()
    }
    for (const one of drafted) this.fill(this.itemOf(one), one)
    this.trayTarget.hidden = drafted.length === 0
  }

  itemOf({ id, name, picture }) {
    const shown = this.trayTarget.querySelector(`[data-upload-id="${CSS.escape(id)}"]`)
    if (shown) return shown
    const item = this.templateTarget.content.firstElementChild.cloneNode(true)
    item.dataset.uploadId = id
    part(item, "name").textContent = name
    for (const word of item.querySelectorAll("[data-part=what]")) word.textContent = ` ${name}`
    if (picture) this.preview(part(item, "picture"), id)
    this.trayTarget.append(item)
    return item
  }

  async preview(image, id) {
    const address = await this.uploads.address(id)
    if (!address) return
    image.src = address
    image.hidden = false
    image.nextElementSibling.remove()
  }

  fill(item, { size, offset, done, error, final }) {
    item.dataset.state = error ? "failed" : done ? "done" : "sending"
    part(item, "state").textContent = error ?? (done || !offset ? inWords(size) : `${percent(offset, size)} of ${inWords(size)}`)
    part(item, "progress").value = done ? 1 : offset / Math.max(1, size)
    part(item, "progress").hidden = done || Boolean(error)
    part(item, "retry").hidden = !error || final
  }

  picker(name) {
    return this.pickerTargets.find((picker) => picker.dataset.picker === name)
  }

  get canWrite() {
    return !this.element.elements.content.readOnly && this.element.getClientRects().length > 0
  }

  get chat() {
    return new URL(this.element.action).pathname
  }
}

function hasFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files")
}

function part(item, name) {
  return item.querySelector(`[data-part=${name}]`)
}

function count(number) {
  return number === 1 ? "1 file" : `${number} files`
}

function percent(offset, size) {
  return `${Math.floor((offset / size) * 100)} %`
}
