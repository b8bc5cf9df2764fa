import { Controller } from "@hotwired/stimulus"
import { placeOf } from "lib/drafts"
import { refusalOf } from "lib/file_size"
import { onSameSide } from "lib/sides"
import { onTouchKeyboard } from "lib/text_input"
import Tray from "lib/tray"
import { uploadsOfThisReader } from "lib/uploads"

// The files of a new message: chosen by a button, dropped on the window or pasted. Each is uploaded at once, and the
// outbox sends it with the text.
export default class extends Controller {
  static targets = ["picker", "tray", "template", "status", "drop"]
  static values = { fileBytes: Number, messageBytes: Number, files: Number }

  connect() {
    this.uploads = uploadsOfThisReader()
    this.tray = new Tray(this.trayTarget, this.templateTarget, this.uploads)
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

  // A table or a text from an office program comes with a picture of itself. People mean the text.
  pasted(event) {
    const { files, types } = event.clipboardData
    if (!files.length || types.includes("text/plain") || !this.takes(event)) return
    event.preventDefault()
    this.add(files)
  }

  dragenter(event) {
    event.preventDefault()
    this.dropTarget.hidden = !this.takes(event)
  }

  dragover(event) {
    event.preventDefault() // otherwise the browser would leave the page for the file
    if (this.isHere(event)) event.dataTransfer.dropEffect = this.canWrite ? "copy" : "none"
  }

  dragleave({ relatedTarget }) {
    if (!relatedTarget) this.dropTarget.hidden = true
  }

  drop(event) {
    event.preventDefault()
    this.dropTarget.hidden = true
    if (this.takes(event)) this.add(event.dataTransfer.files)
  }

  add(chosen) {
    for (const file of [...chosen]) this.uploads.add(file, this.chat, { error: this.refusalOf(file) })
    this.tellCount()
  }

  // A long pasted text. Where it cannot become a file, it stays where it is.
  take({ detail }) {
    detail.refusal = this.refusalOf(detail.file)
    if (detail.refusal) return
    this.uploads.add(detail.file, this.chat, { pasted: true })
    this.tellCount()
  }

  async giveBack(event) {
    const { uploadId } = event.target.closest("[data-upload-id]").dataset
    const text = await this.uploads.text(uploadId)
    if (text === null || !this.canWrite) return this.tell("This text cannot be put back.")
    this.uploads.cancel([uploadId])
    this.dispatch("text", { detail: { text } })
  }

  remove(event) {
    const item = event.target.closest("[data-upload-id]")
    this.uploads.cancel([item.dataset.uploadId])
    this.tell("File removed.")
  }

  tellCount() {
    this.tell(`${count(this.uploads.draftedFor(this.chat).length)} attached.`)
  }

  // With a keyboard, people write on. On a phone, its keyboard would cover what was chosen.
  tell(words) {
    this.statusTarget.textContent = words
    if (!onTouchKeyboard()) this.element.elements.content.focus()
  }

  retry(event) {
    this.uploads.retry(event.target.closest("[data-upload-id]").dataset.uploadId)
  }

  show() {
    this.tray.show(this.uploads.draftedFor(this.chat))
  }

  refusalOf(file) {
    const others = this.uploads.draftedFor(this.chat).filter(({ error }) => !error)
    const limits = { fileBytes: this.fileBytesValue, messageBytes: this.messageBytesValue, files: this.filesValue }
    return refusalOf(file, others, limits)
  }

  picker(name) {
    return this.pickerTargets.find((picker) => picker.dataset.picker === name)
  }

  takes(event) {
    return this.canWrite && this.isHere(event)
  }

  // Of two composers, each takes what comes to its side of the page.
  isHere({ target }) {
    return onSameSide(target, this.element)
  }

  get canWrite() {
    return !this.element.elements.content.readOnly && this.element.getClientRects().length > 0
  }

  get chat() {
    return placeOf(this.element)
  }
}

function hasFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files")
}

function count(number) {
  return number === 1 ? "1 file" : `${number} files`
}
